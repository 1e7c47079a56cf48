// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct WholePacketTests {
    /// What a fixture answers, for replies.
    static func question(_ name: String) throws -> PacketContents.Question? {
        guard name.hasPrefix("reply-control"), let opcode = try Fixtures.answeredOpcode(name)
        else { return nil }
        return .control(opcode)
    }

    static func whole(
        _ hex: String, answering question: PacketContents.Question? = nil
    ) throws -> WholePacket {
        try WholePacket.decode(bytes(hex)[...], answering: question, layout: little64)
    }

    @Test(arguments: Fixtures.names)
    func realPacketsLeaveNothingUnsaid(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        let packet = try WholePacket.decode(
            bytes[...], answering: try Self.question(name), layout: little64)
        #expect(packet.isExplained && packet.dataResidue.isEmpty && packet.errorResidue.isEmpty)
        #expect(try packet.encode(layout: little64) == bytes)
        switch packet.contents {
        case .unreadable, .unknown, .unpairedReply: Issue.record("\(packet.contents)")
        default: break
        }
    }

    @Test(arguments: Fixtures.names)
    func whateverCanBeReadIsWrittenByteForByte(name: String) throws {
        let question = try Self.question(name)
        for mutation in MutationTests.mutations(
            of: try Fixtures.bytes(name), order: .little, keepingLength: true)
        {
            guard
                let packet = try? WholePacket.decode(
                    mutation[...], answering: question, layout: little64)
            else { continue }
            if try packet.encode(layout: little64) != mutation {
                Issue.record("changed: \(mutation)")
            }
        }
    }

    @Test(arguments: LegacyLayout.all)
    func madeUpPacketsAreWrittenByteForByte(layout: LegacyLayout) throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC30)
        for _ in 0..<500 {
            // Padding, holes and what nobody reads are made up too.
            var input = try generator.packet().encodeAsSeen(layout: layout)
            let end = input.count
            input += generator.bytes(upTo: 20)
            for _ in 0..<3 { input[Int.random(in: 32..<end + 1, using: &generator) % end] ^= 0x55 }
            input = patched(input, at: 0, to: UInt32(input.count), order: layout.byteOrder)
            guard let packet = try? WholePacket.decode(input[...], layout: layout) else { continue }
            #expect(try packet.encode(layout: layout) == input)
        }
    }

    @Test func holesAreTold() throws {
        // A request with something in the padding behind the opcode, and in that of the packet.
        let input = try Fixtures.bytes("request-control-echo-data")
        var odd = input
        odd[36] = 7
        odd[input.count - 1] = 9
        let packet = try WholePacket.decode(odd[...], layout: little64)
        #expect(packet.residue.runs.map(\.offset) == [36, input.count - 1])
        #expect(packet.residue.runs.map(\.place) == [.hole, .hole])
        #expect(packet.residue.runs.map(\.bytes) == [[7], [9]])
        #expect(packet.isExplained && packet.dataResidue.isEmpty)
        #expect(try packet.encode(layout: little64) == odd)
    }

    @Test func whatNobodyReadsIsTold() throws {
        let long = packet(
            .requestMessage(RequestMessage(srvid: .leader, data: [1, 0, 0, 0, 8, 9])))
        let input = try long.encode(layout: little64)
        let whole = try WholePacket.decode(input[...], layout: little64)
        #expect(whole.contents == .message(.leader(PNN(rawValue: 1))))
        #expect(whole.dataResidue.runs.map(\.place) == [.behind])
        #expect(whole.dataResidue.runs.map(\.bytes) == [[8, 9]])
        #expect(!whole.isExplained)
        #expect(try whole.encode(layout: little64) == input)
    }

    @Test func aTruthMayBeAnyNumber() throws {
        let role = packet(
            .requestControl(RequestControl(opcode: .setLmasterRole, data: [0, 0, 0, 0x80])))
        let input = try role.encode(layout: little64)
        let whole = try WholePacket.decode(input[...], layout: little64)
        #expect(whole.contents == .requestControl(.setLmasterRole(true), .init()))
        #expect(whole.dataResidue.runs.map(\.place) == [.field, .field])
        #expect(whole.isExplained)
        #expect(try whole.encode(layout: little64) == input)
    }

    // smbd does not pad what it sends, and old nodes leave the flags of a record away.
    @Test func aShorterPacketStaysShorter() throws {
        let message = packet(.requestMessage(RequestMessage(srvid: .samba, data: slice("12345"))))
        let unpadded = cut(try message.encode(layout: little64), to: 49)
        let whole = try WholePacket.decode(unpadded[...], layout: little64)
        #expect(whole.residue.missingByteCount == 7 && whole.residue.runs.isEmpty)
        #expect(try whole.encode(layout: little64) == unpadded)

        let old = cut(try Fixtures.bytes("reply-dmaster"), to: 60)
        let owner = try WholePacket.decode(old[...], layout: little64)
        #expect(owner.residue.missingByteCount == 4)
        #expect(try owner.encode(layout: little64) == old)
    }

    @Test func aChangedValueKeepsTheRest() throws {
        var whole = try WholePacket.decode(
            try Fixtures.bytes("request-control-get-tunable")[...], layout: little64)
        whole.contents = .requestControl(.ping, .init(clientID: 7))
        let input = try whole.encode(layout: little64)
        let again = try WholePacket.decode(input[...], layout: little64)
        #expect(again.contents == whole.contents && again.reqid == whole.reqid)
    }

    @Test(arguments: 32..<40) func shortSignsOfLifeSurvive(count: Int) throws {
        let short = cut(bytes(RequestKeepaliveTests.hex), to: count)
        let whole = try WholePacket.decode(short[...], layout: little64)
        #expect(whole.contents == .shortKeepalive(short[32...]))
        #expect(try whole.encode(layout: little64) == short)
    }
}

extension SrvID {
    fileprivate static let samba = SrvID(rawValue: 0xFE00_0000_0000_0001)
}
