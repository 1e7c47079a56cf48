// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Testing

/// The same packet behind every kind of header.
@Suite struct LinkLayerTests {
    static let message: [UInt8] = (try? messages(1)[0]) ?? []
    static let ipv4 = segment(1, message[...])
    static let macs = "020000000002 020000000001"

    static let ipv6: [UInt8] = {
        var connection = SyntheticConnection(client: nodeA6, server: nodeB6)
        return Array(connection.send(message[...], fromClient: true)[0].dropFirst(14))
    }()

    static let cases: [(LinkType, [UInt8], [UInt8])] = [
        (.ethernet, hex("\(macs) 0800"), ipv4),
        (.ethernet, hex("\(macs) 86dd"), ipv6),
        (.ethernet, hex("\(macs) 8100 0007 0800"), ipv4),
        (.ethernet, hex("\(macs) 88a8 0007 8100 0009 86dd"), ipv6),
        (.ethernet, hex("\(macs) 0050 aaaa03 000000 0800"), ipv4),
        (.linuxCooked, hex("0004 0001 0006 0200000000010000 0800"), ipv4),
        (.linuxCooked, hex("0000 0001 0006 0200000000010000 8100 0007 86dd"), ipv6),
        (.linuxCooked2, hex("0800 0000 00000003 0001 04 06 0200000000010000"), ipv4),
        (.linuxCooked2, hex("86dd 0000 00000003 0001 00 06 0200000000010000"), ipv6),
        (.raw, [], ipv4), (.raw, [], ipv6), (.ipv4, [], ipv4), (.ipv6, [], ipv6),
        (.null, hex("02000000"), ipv4), (.null, hex("00000002"), ipv4),
        (.null, hex("1e000000"), ipv6), (.loop, hex("0000000a"), ipv6),
    ]

    @Test(arguments: cases.indices)
    func aPacketIsFoundBehind(number: Int) {
        let (type, front, packet) = Self.cases[number]
        let read = sightings([front + packet], type)
        #expect(found(read.sightings) == [.reqid(0)])
        #expect(read.sightings.first?.source == (packet[0] == 0x45 ? nodeA : nodeA6))
        #expect(read.sightings.first?.destination == (packet[0] == 0x45 ? nodeB : nodeB6))
        #expect(read.counts.unreadable == 0)
        // Padding of the link layer changes nothing.
        #expect(found(sightings([front + packet + [9, 9, 9]], type).sightings) == [.reqid(0)])
        for count in 0..<(front.count + packet.count) {
            _ = sightings([Array((front + packet)[..<count])], type)
        }
    }

    @Test func whatIsOfNobodysConcernIsCounted() {
        let arp = hex("\(Self.macs) 0806 0001080006040001")
        let unknown = LinkType(rawValue: 147)
        #expect(sightings([arp], .ethernet).counts.others == 1)
        #expect(sightings([arp], unknown).counts.others == 1)
        // UDP, and TCP of other ports.
        var udp = Self.ipv4
        udp[9] = 17
        var web = Self.ipv4
        web[23] = 80
        #expect(sightings([udp, web]).counts.others == 2)
    }

    @Test func extensionHeadersOfIPv6AreGoneThrough() {
        // Hop by hop, destination options, authentication, then TCP.
        let extensions = hex(
            "3c00 000000000000 3301 0000000000000000000000000000 0604 0000 00000000"
                + "00000000 000000000000000000000000")
        var packet = Self.ipv6
        let count = packet.count - 40 + extensions.count
        packet[4] = UInt8(count >> 8)
        packet[5] = UInt8(count & 0xFF)
        packet[6] = 0
        packet.insert(contentsOf: extensions, at: 40)
        #expect(found([packet]) == [.reqid(0)])
    }

    @Test func aPacketThatTheCardWasToCutUpStatesNoLength() {
        for (packet, place) in [(Self.ipv4, 2), (Self.ipv6, 4)] {
            var packet = packet
            packet[place] = 0
            packet[place + 1] = 0
            #expect(found([packet]) == [.reqid(0)])
        }
    }

    @Test func anyBytesAreReadOrCounted() {
        for (type, front, packet) in Self.cases {
            for mutation in mutations(of: front + packet, order: .big) {
                let read = sightings([mutation, mutation], type)
                #expect(read.sightings.count <= 2)
            }
        }
    }
}
