// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import Vocabulary

/// Made-up captures.
enum Recording {
    private static let client = Endpoint(address: .ipv4(0x0A00_0001), port: 40_000)
    private static let server = Endpoint(address: .ipv4(0x0A00_0002), port: 4379)
    private static let firstSequence: UInt32 = 0xFFFF_F000
    /// What a segment of a script has: where it is from, how long, and a change.
    private static let stepByteCount = 6

    /// Packets whose data has nothing that could be taken for the beginning of one.
    static let packets: [[UInt8]] = (0..<40).compactMap { number in
        try? RequestMessage.encodePacket(
            srvid: SrvID(rawValue: UInt64(number)),
            data: [[UInt8](repeating: UInt8(number), count: number * 13 % 170)[...]],
            destination: PNN(rawValue: 1),
            layout: LegacyLayout(byteOrder: .little, wordSize: .bits64))
    }
    /// All of them, one behind the other.
    static let stream: [UInt8] = Array(packets.joined())

    /// Files with one connection, and with exported packets.
    static func files(_ fixtures: [Fixture]) -> [[UInt8]] {
        let chosen = fixtures.filter { $0.name.contains("get-node-map") }.map(\.bytes)
        return [ByteOrder.little, .big].compactMap { order in
            try? file(chosen, order: order, exported: false)
        } + [try? file(chosen, order: .native, exported: true)].compactMap { $0 }
    }

    private static func file(
        _ packets: [[UInt8]], order: ByteOrder, exported: Bool
    ) throws -> [UInt8] {
        var writer = PcapngWriter(CaptureSection(), order: order)
        let type = exported ? LinkType.exportedPDU : SyntheticConnection.linkType
        let interface = writer.add(CaptureInterface(linkType: type, name: "eth0"))
        var connection = SyntheticConnection(client: client, server: server)
        var frames = exported ? [] : connection.open()
        for (number, packet) in packets.enumerated() {
            if exported {
                frames.append(
                    ExportedPDU(
                        dissector: ExportedPDU.legacy, source: client, destination: server,
                        payload: packet[...]
                    ).encoded())
            } else {
                frames += connection.send(packet[...], fromClient: number % 2 == 0)
            }
        }
        if !exported { frames += connection.close(fromClient: true) }
        for (number, frame) in frames.enumerated() {
            try writer.add(
                RawPacket(
                    time: CaptureTime(nanoseconds: Int64(number) * 1_000_000),
                    interface: interface, bytes: frame[...], comments: ["a comment"]))
        }
        return writer.take()
    }

    /// A script of segments.
    static func script(_ segments: [(offset: Int, count: Int)]) -> [UInt8] {
        ByteWriter.script { writer in
            for segment in segments {
                writer.write(UInt16(segment.offset))
                writer.write(UInt16(segment.count))
                writer.write(UInt16(0))
            }
        }
    }

    /// Whether no segment of a script has anything changed.
    static func isUnchanged(_ input: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(input)
        return stride(from: 0, to: bytes.count - stepByteCount + 1, by: stepByteCount).allSatisfy {
            bytes[$0 + 4] == 0 && bytes[$0 + 5] == 0
        }
    }

    /// The packets that are found in the segments of a script.
    static func packets(of input: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
        var script = Script(input)
        var decoder = CaptureDecoder()
        let interfaces = [CaptureInterface(linkType: .raw)]
        var found: [ArraySlice<UInt8>] = []
        var number: Int64 = 0
        func take(_ bytes: [UInt8]) {
            number += 1
            let raw = RawPacket(
                time: CaptureTime(nanoseconds: number * 1_000_000), interface: 0,
                bytes: bytes[...])
            decoder.take(.packet(raw), interfaces: interfaces)
        }
        take(segment(firstSequence &- 1, flags: 0x02, []))
        for _ in 0..<input.count / stepByteCount {
            let offset = Int(try script.half()) % (stream.count + 1)
            let end = min(stream.count, offset + Int(try script.half()) % 1_600)
            let change = Int(try script.half())
            var bytes = segment(
                firstSequence &+ UInt32(offset), flags: 0x10, stream[offset..<end])
            // The lower bits say where in the headers, the upper ones what.
            if change != 0 { bytes[change % 40] ^= UInt8(truncatingIfNeeded: change >> 8) | 1 }
            take(bytes)
            while let sighting = decoder.next() { append(sighting, to: &found) }
        }
        decoder.finish()
        while let sighting = decoder.next() { append(sighting, to: &found) }
        return found
    }

    private static func append(_ sighting: Sighting, to found: inout [ArraySlice<UInt8>]) {
        guard case .legacy(let legacy) = sighting.content else { return }
        found.append(legacy.bytes)
    }

    /// An IPv4 packet with a TCP segment from the client; nobody looks at checksums.
    private static func segment(
        _ sequence: UInt32, flags: UInt8, _ payload: ArraySlice<UInt8>
    ) -> [UInt8] {
        var writer = ByteWriter(order: .big)
        writer.write(contentsOf: [0x45, 0] as [UInt8])
        writer.write(UInt16(40 + payload.count))
        writer.write(UInt32(0))
        writer.write(contentsOf: [64, 6, 0, 0] as [UInt8])
        writer.write(UInt32(0x0A00_0001))
        writer.write(UInt32(0x0A00_0002))
        writer.write(client.port)
        writer.write(server.port)
        writer.write(sequence)
        writer.write(UInt32(0))
        writer.write(contentsOf: [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0] as [UInt8])
        writer.write(contentsOf: payload)
        return writer.finish()
    }
}
