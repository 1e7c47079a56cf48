// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Valid packets and payloads made to lie: the class of input behind FACTS 6.1 and 6.2.
///
/// Nothing may trap; what can be read can be written and read again as the same value; nothing
/// that was read is longer than the input.
@Suite struct MutationTests {
    /// Puts each interesting number at each place, and cuts at each byte.
    static func mutations(of input: [UInt8], order: ByteOrder, keepingLength: Bool) -> [[UInt8]] {
        var result: [[UInt8]] = []
        let starts = stride(from: 0, through: input.count - 4, by: 4)
        for offset in starts {
            var reader = ByteReader(input[offset...], order: order)
            guard let value = try? reader.readUInt32("value", of: "Mutation") else { continue }
            let numbers: Set<UInt32> = [
                0, 1, value &- 1, value, value &+ 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max,
            ]
            for number in numbers {
                result.append(patched(input, at: offset, to: number, order: order))
            }
        }
        for count in 0..<input.count {
            result.append(Array(input[..<count]))
            if keepingLength, count >= 4 {
                result.append(
                    patched(Array(input[..<count]), at: 0, to: UInt32(count), order: order))
            }
        }
        return result
    }

    /// Every opcode, and one that there is not.
    static let opcodes = ControlOpcode.allKnown + [ControlOpcode(rawValue: 4711)]

    /// One opcode for each kind of answer, for inputs of which there are very many.
    static let kinds: [ControlOpcode] = {
        var generator = SeededGenerator(seed: 0x7AB1_EC16)
        return generator.replies().map(\.0)
    }()

    /// Says what is wrong with a packet that was read; `#expect` would be too slow for so many.
    static func checkPacket(_ input: [UInt8], layout: LegacyLayout) throws -> Bool {
        guard let packet = try? LegacyPacket.decode(input[...], layout: layout) else {
            return false
        }
        switch packet.body {
        case .unknown(_, let bytes), .shortKeepalive(let bytes):
            // Padding would change it.
            guard bytes.count % 8 == 0 else { return true }
        default: break
        }
        let again = try packet.encodeAsSeen(layout: layout)
        if again.count > (input.count + 15) & ~7 { Issue.record("grew: \(input)") }
        let decoded = try LegacyPacket.decode(again[...], layout: layout)
        if decoded != packet { Issue.record("changed: \(input)") }
        switch packet.body {
        case .requestControl(let control): checkRequest(control, layout: layout)
        case .replyControl(let control): checkReply(control, to: kinds, layout: layout)
        default: break
        }
        return true
    }

    /// Whatever the data is, it is a value or an error.
    static func checkRequest(_ control: RequestControl, layout: LegacyLayout) {
        guard let request = try? ControlRequest.decode(from: control, layout: layout),
            let body = try? request.encode(layout: layout)
        else { return }
        let decoded = try? ControlRequest.decode(from: body, layout: layout)
        if decoded != request { Issue.record("changed: \(control)") }
        if body.data.count > control.data.count + 1 { Issue.record("grew: \(control)") }
    }

    /// Whatever the data is, it is a value or an error for each opcode.
    static func checkReply(
        _ control: ReplyControl, to opcodes: [ControlOpcode], layout: LegacyLayout
    ) {
        for opcode in opcodes {
            guard let reply = try? ControlReply.decode(from: control, to: opcode, layout: layout),
                let body = try? reply.encode(layout: layout)
            else { continue }
            let decoded = try? ControlReply.decode(from: body, to: opcode, layout: layout)
            if decoded != reply { Issue.record("changed: \(opcode) \(control)") }
            if body.data.count > control.data.count + 1 {
                Issue.record("grew: \(opcode) \(control)")
            }
        }
    }

    @Test(arguments: LegacyLayout.all)
    func packetsThatLieAreValuesOrErrors(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC13
        var generator = SeededGenerator(seed: seed)
        var operations: Set<UInt32> = []
        var decoded = 0
        for _ in 0..<60 {
            let packet = generator.packet()
            operations.insert(packet.operation.rawValue)
            let input = try packet.encodeAsSeen(layout: layout)
            for mutation in Self.mutations(
                of: input, order: layout.byteOrder, keepingLength: true)
            where try Self.checkPacket(mutation, layout: layout) {
                decoded += 1
            }
        }
        #expect(operations.count == 11, "seed \(seed)")
        #expect(decoded > 1000, "seed \(seed)")
    }

    @Test(arguments: LegacyLayout.all)
    func controlsThatLieAreValuesOrErrors(layout: LegacyLayout) throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC14)
        for request in generator.requests() {
            let body = try request.encode(layout: layout)
            for mutation in Self.mutations(
                of: Array(body.data), order: layout.byteOrder, keepingLength: false)
            {
                var control = body
                control.data = mutation[...]
                Self.checkRequest(control, layout: layout)
            }
            for opcode in Self.opcodes {
                let control = RequestControl(opcode: opcode, data: body.data)
                Self.checkRequest(control, layout: layout)
            }
        }
    }

    @Test(arguments: LegacyLayout.all)
    func answersThatLieAreValuesOrErrors(layout: LegacyLayout) throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC17)
        for (opcode, reply) in generator.replies() {
            let body = try reply.encode(layout: layout)
            for mutation in Self.mutations(
                of: Array(body.data), order: layout.byteOrder, keepingLength: false)
            {
                let control = ReplyControl(status: 0, data: mutation[...])
                Self.checkReply(control, to: [opcode], layout: layout)
            }
            Self.checkReply(body, to: Self.opcodes, layout: layout)
        }
    }

    @Test(arguments: LegacyLayout.all)
    func randomBytesAreValuesOrErrors(layout: LegacyLayout) throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC15)
        for _ in 0..<5000 {
            let input = Array(generator.bytes(upTo: 120))
            _ = try? LegacyPacket.decode(input[...], layout: layout)
            var framer = PacketFramer(layout: layout)
            framer.append(input)
            while let packet = try? framer.next() { #expect(packet.count <= input.count) }
        }
    }
}
