// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkInterfaces
import NetworkWire
import Vocabulary

extension Parser {
    /// Those of the kernel and of the link.
    static let network: [Parser] = [netlink, linkFrames]

    /// Datagrams of the kernel: reports of links, addresses and sockets, and answers.
    static let netlink = Parser(
        "netlink", allowance: Allowance(perByte: 64, constant: 65_536),
        seeds: { fixtures in
            fixtures.filter { fixture in
                ["address", "dump", "link", "sockets"].contains {
                    fixture.name.hasPrefix("network/\($0)")
                }
            }.map(\.bytes)
        },
        decode: { input -> [NetlinkMessage]? in
            let messages = try NetlinkMessage.decodeAll(input)
            var table = InterfaceTable()
            for message in messages {
                _ = try? table.take(message)
                _ = try? NetlinkAnswer.decode(message)
                var reader = ByteReader(message.body, order: .native)
                if let report = try? SocketReport.decode(from: &reader) {
                    _ = (report.local, report.remote)
                }
            }
            _ = table.addresses
            return messages
        },
        check: { messages, _ in
            var writer = ByteWriter(order: .native)
            for message in messages { message.encode(into: &writer) }
            guard try NetlinkMessage.decodeAll(writer.bytes[...]) == messages else {
                return "other messages when written and read again"
            }
            for message in messages {
                var reader = ByteReader(message.body, order: .native)
                guard let link = try? LinkMessage.decode(from: &reader) else { continue }
                var again = ByteWriter(order: .native)
                link.encode(into: &again)
                reader = ByteReader(again.bytes[...], order: .native)
                guard try LinkMessage.decode(from: &reader) == link else {
                    return "another link when written and read again"
                }
            }
            return nil
        })

    /// Frames of Ethernet: claims of addresses, and segments of TCP.
    static let linkFrames = Parser(
        "link-frame",
        seeds: { fixtures in
            fixtures.filter { fixture in
                ["gratuitous", "neighbour", "killtcp"].contains {
                    fixture.name.hasPrefix("network/\($0)")
                }
            }.map(\.bytes)
        },
        decode: { input -> (ARPPacket?, NeighbourMessage?, TCPSegment?)? in
            var reader = ByteReader(input, order: .big)
            _ = try EthernetHeader.decode(from: &reader)
            let packet = input.dropFirst(EthernetHeader.byteCount)
            var arp = ByteReader(packet, order: .big)
            var neighbour = ByteReader(packet, order: .big)
            var segment = ByteReader(packet, order: .big)
            let all = (
                try? ARPPacket.decode(from: &arp),
                try? NeighbourMessage.decode(from: &neighbour),
                try? TCPSegment.decode(from: &segment)
            )
            return all.0 == nil && all.1 == nil && all.2 == nil ? nil : all
        },
        check: { all, _ in
            if let arp = all.0 {
                var reader = ByteReader(arp.broadcastFrame.dropFirst(14), order: .big)
                if try ARPPacket.decode(from: &reader) != arp { return "another packet of ARP" }
            }
            if let message = all.1 {
                var writer = ByteWriter(order: .big)
                message.encode(into: &writer)
                var reader = ByteReader(writer.bytes[...], order: .big)
                if try NeighbourMessage.decode(from: &reader) != message {
                    return "another message of a neighbour"
                }
            }
            if let segment = all.2 {
                var reader = ByteReader(segment.packet[...], order: .big)
                if try TCPSegment.decode(from: &reader) != segment { return "another segment" }
            }
            return nil
        })
}
