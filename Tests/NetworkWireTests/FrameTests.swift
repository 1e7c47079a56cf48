// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Testing
import Vocabulary

@Suite struct FrameTests {
    /// The hardware address of who sent a frame.
    private func source(_ frame: [UInt8]) throws -> HardwareAddress {
        var reader = ByteReader(frame[...], order: .big)
        return try EthernetHeader.decode(from: &reader).source
    }

    @Test func announcementsAreThoseOfCtdbd() throws {
        let request = try Fixture.bytes("gratuitous-arp-request")
        let reply = try Fixture.bytes("gratuitous-arp-reply")
        let hardware = try source(request)
        let four = try #require(IPAddress(octets: request[28..<32]))
        #expect(Announcement.frames(of: four, at: hardware) == [request, reply])
        let advertisement = try Fixture.bytes("neighbour-advertisement")
        #expect(
            Announcement.frames(of: try address("fd00:9::1"), at: try source(advertisement))
                == [advertisement])
    }

    @Test(arguments: ["gratuitous-arp-request", "gratuitous-arp-reply"])
    func realPacketsOfARPAreRead(name: String) throws {
        let frame = try Fixture.bytes(name)
        var reader = ByteReader(frame[...], order: .big)
        let header = try EthernetHeader.decode(from: &reader)
        #expect(header.type == EthernetHeader.arp)
        #expect(header.destination == .broadcast)
        let packet = try ARPPacket.decode(from: &reader)
        #expect(packet.operation == (name.hasSuffix("request") ? .request : .reply))
        #expect(packet.sender == packet.target)
        #expect(packet.senderHardware == header.source)
        #expect(packet.broadcastFrame == frame)
    }

    @Test func realAdvertisementsAreRead() throws {
        let frame = try Fixture.bytes("neighbour-advertisement")
        var reader = ByteReader(frame[...], order: .big)
        let header = try EthernetHeader.decode(from: &reader)
        let message = try NeighbourMessage.decode(from: &reader)
        #expect(message.kind == .advertisement)
        #expect(message.flags == .override)
        #expect(message.target == (try address("fd00:9::1")))
        #expect(message.hardware == header.source)
        #expect(message.frame(from: header.source) == frame)
    }

    @Test func probesClaimNothing() throws {
        let hardware = HardwareAddress(rawValue: 0x0200_0A0B_0C0D)
        #expect("\(hardware)" == "02:00:0a:0b:0c:0d")
        let arp = ARPPacket.probe(for: 0x0A09_0001, from: hardware)
        #expect(arp.sender == 0)
        #expect(arp.targetHardware == .zero)
        let message = NeighbourMessage.probe(for: try address("fd00:9::12:3456"))
        #expect(message.source == (try address("::")))
        #expect(message.destination == (try address("ff02::1:ff12:3456")))
        let frame = message.frame(from: hardware)
        #expect(frame.prefix(6) == [0x33, 0x33, 0xFF, 0x12, 0x34, 0x56])
        var reader = ByteReader(frame.dropFirst(14), order: .big)
        #expect(try NeighbourMessage.decode(from: &reader) == message)
    }

    @Test(arguments: ["tickle", "reset"])
    func segmentsAreThoseOfCtdbd(kind: String) throws {
        let packet = Array(try Fixture.bytes("killtcp-\(kind)").dropFirst(14))
        var reader = ByteReader(packet[...], order: .big)
        let segment = try TCPSegment.decode(from: &reader)
        #expect(segment.isOurs)
        #expect(segment.flags.contains(.reset) == (kind == "reset"))
        // The kernel fills in what it fills in.
        var mine = segment.packet
        for at in [2, 3, 4, 5, 10, 11] { mine[at] = packet[at] }
        #expect(mine == packet)
        if kind == "tickle" {
            #expect(segment == .tickle(from: segment.source, to: segment.destination))
        }
    }

    @Test func aResetFollowsFromAnAnswer() throws {
        func segment(_ name: String) throws -> TCPSegment {
            var reader = ByteReader(
                try Fixture.bytes("killtcp-\(name)").dropFirst(14), order: .big)
            return try TCPSegment.decode(from: &reader)
        }
        let answer = try segment("answer")
        #expect(!answer.isOurs)
        #expect(answer.resetInReply == (try segment("reset")))
    }

    @Test func segmentsOfIPv6AreRead() throws {
        let segment = TCPSegment(
            from: Endpoint(try address("fd00:9::1"), port: 445),
            to: Endpoint(try address("fd00:9::3"), port: 50_000), sequence: 0xFFFF_FFFF,
            acknowledgement: 7, flags: [.reset, .acknowledge])
        #expect("\(segment.source)" == "[fd00:9::1]:445")
        let packet = segment.packet
        #expect(packet.count == 60)
        var reader = ByteReader(packet[...], order: .big)
        #expect(try TCPSegment.decode(from: &reader) == segment)
        // The sum over addresses, length, protocol and segment comes out even.
        var sum = InternetChecksum()
        sum.add(packet[8...])
        sum.add([0, 6, 0, 20])
        #expect(sum.value == 0)
    }

    @Test func whatIsNoSegmentIsRefused() throws {
        let good = Array(try Fixture.bytes("killtcp-answer").dropFirst(14))
        func refused(_ change: (inout [UInt8]) -> Void) -> Bool {
            var bytes = good
            change(&bytes)
            var reader = ByteReader(bytes[...], order: .big)
            return (try? TCPSegment.decode(from: &reader)) == nil
        }
        #expect(!refused { _ in })
        #expect(refused { $0[0] = 0x55 })
        #expect(refused { $0[0] = 0x44 })
        #expect(refused { $0[0] = 0x4F })
        #expect(refused { $0[7] = 1 })
        #expect(refused { $0[9] = 17 })
        #expect(!refused { $0[6] = 0x20 }, "the first fragment has the ports")
    }

    @Test(arguments: Fixture.names.filter { !Fixture.netlink.contains($0) })
    func framesThatLieAreValuesOrErrors(name: String) throws {
        for bytes in tampered(try Fixture.bytes(name)) {
            for start in [0, 14] {
                var reader = ByteReader(bytes.dropFirst(start), order: .big)
                _ = try? EthernetHeader.decode(from: &reader)
                reader = ByteReader(bytes.dropFirst(start), order: .big)
                if let packet = try? ARPPacket.decode(from: &reader) {
                    #expect(packet.broadcastFrame.count == 64)
                }
                reader = ByteReader(bytes.dropFirst(start), order: .big)
                _ = try? NeighbourMessage.decode(from: &reader)
                reader = ByteReader(bytes.dropFirst(start), order: .big)
                if let segment = try? TCPSegment.decode(from: &reader) {
                    #expect([40, 60].contains(segment.resetInReply.packet.count))
                }
            }
        }
    }

    /// The example of RFC 1071, section 3.
    @Test func theSumIsThatOfTheRFC() {
        var sum = InternetChecksum()
        sum.add([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7])
        #expect(sum.value == ~0xDDF2)
        var odd = InternetChecksum()
        odd.add([0x12, 0x34, 0x56])
        var even = InternetChecksum()
        even.add([0x12, 0x34, 0x56, 0x00])
        #expect(odd == even)
    }
}
