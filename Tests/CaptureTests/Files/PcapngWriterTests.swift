// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import CaptureShell
import Foundation
import Testing

@Suite struct PcapngWriterTests {
    static let interfaces = [
        CaptureInterface(
            linkType: .raw, name: "node 0", about: "clients", filter: "tcp", snapLength: 9),
        CaptureInterface(linkType: .exportedPDU, name: "pföw"),
    ]

    static let packets = [
        RawPacket(
            time: CaptureTime(nanoseconds: 1_700_000_000_123_456_789), interface: 0,
            bytes: hex("4500001400000000400672cd0a0000010a000002")[...], originalByteCount: 4711,
            direction: .inbound, dropCount: 1 << 40, comments: ["first", "sécond"]),
        RawPacket(
            time: CaptureTime(nanoseconds: 1_700_000_000_123_456_790), interface: 1,
            bytes: hex("000c0003646e7300 00000000")[...]),
    ]

    static func file(_ order: ByteOrder) throws -> [UInt8] {
        var writer = PcapngWriter(
            CaptureSection(
                application: "ctdb", system: "Linux", hardware: "x86_64", comments: ["note"]),
            order: order)
        for interface in interfaces { _ = writer.add(interface) }
        writer.add([HostName(address: .ipv6(high: 1 << 60, low: 1), name: "six")])
        for packet in packets { try writer.add(packet) }
        try writer.add(
            InterfaceStatistics(
                interface: 1, time: CaptureTime(nanoseconds: 5), received: 2, dropped: 0))
        return writer.take()
    }

    @Test(arguments: ByteOrder.allCases)
    func whatIsWrittenIsRead(order: ByteOrder) throws {
        let read = items(try Self.file(order))
        #expect(read.interfaces == Self.interfaces)
        #expect(
            read.items == [
                .section(
                    CaptureSection(
                        application: "ctdb", system: "Linux", hardware: "x86_64",
                        comments: ["note"])),
                .interface(0), .interface(1),
                .names([HostName(address: .ipv6(high: 1 << 60, low: 1), name: "six")]),
                .packet(Self.packets[0]), .packet(Self.packets[1]),
                .statistics(
                    InterfaceStatistics(
                        interface: 1, time: CaptureTime(nanoseconds: 5), received: 2, dropped: 0)),
            ])
    }

    @Test(arguments: ByteOrder.allCases)
    func tsharkReadsTheSame(order: ByteOrder) throws {
        let answer = try Tshark.withFile(try Self.file(order)) { path in
            try Tshark.run(
                path,
                [
                    "-T", "fields", "-E", "separator=|", "-e", "frame.time_epoch", "-e",
                    "frame.interface_name", "-e", "frame.cap_len", "-e", "frame.len", "-e",
                    "frame.comment", "-e", "frame.packet_flags_direction",
                ])
        }
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(
            answer.lines == [
                "1700000000.123456789|node 0|20|4711|first,sécond|0x00000001",
                "1700000000.123456790|pföw|12|12||",
            ])
    }

    @Test func whatCanNotBeReadIsNotWritten() throws {
        var writer = PcapngWriter(CaptureSection())
        _ = writer.take()
        #expect(throws: CaptureError.noSuchInterface(0)) {
            try writer.add(RawPacket(time: nil, interface: 0, bytes: []))
        }
        #expect(throws: CaptureError.noSuchInterface(-1)) {
            try writer.add(
                InterfaceStatistics(
                    interface: -1, time: CaptureTime(nanoseconds: 0), received: 0, dropped: 0))
        }
        _ = writer.add(CaptureInterface(linkType: .raw))
        let count = writer.byteCount
        #expect(throws: CaptureError.packetTooLarge(byteCount: 262_145, limit: 262_144)) {
            try writer.add(
                RawPacket(
                    time: nil, interface: 0, bytes: ArraySlice(repeating: 0, count: 262_145)))
        }
        #expect(writer.byteCount == count)
    }

    @Test func aCommentThatIsTooLongIsCutBetweenCharacters() throws {
        var writer = PcapngWriter(CaptureSection())
        _ = writer.add(CaptureInterface(linkType: .raw))
        let comment = "x" + String(repeating: "é", count: 40_000)
        try writer.add(RawPacket(time: nil, interface: 0, bytes: [], comments: [comment]))
        guard case .packet(let packet) = items(writer.take()).items.last else {
            Issue.record("no packet")
            return
        }
        #expect(packet.comments == [String(comment.prefix(32_768))])
    }

    @Test func aFileWhoseWriterIsGoneIsReadUpToThere() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("tablecloth-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let output = try CaptureOutput(path: path, section: CaptureSection())
        _ = output.add(Self.interfaces[0])
        try output.add(Self.packets[0])
        try output.flush()
        // This one is never flushed.
        try output.add(Self.packets[0])
        let input = try CaptureInput(path: path)
        var count = 0
        while try input.next() != nil { count += 1 }
        #expect(count == 3)
        #expect(input.cutOffByteCount == 0)
        #expect(try Tshark.run(path, []).lines.count == 1)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: output.writtenByteCount - 4)
        let again = try CaptureInput(path: path)
        while try again.next() != nil {}
        #expect(again.cutOffByteCount > 0)
    }
}
