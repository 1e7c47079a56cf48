// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Testing
import Vocabulary

@Suite struct RouteMessageTests {
    @Test(arguments: Fixture.netlink)
    func realMessagesSurviveByteForByte(name: String) throws {
        let bytes = try Fixture.bytes(name)
        var writer = ByteWriter(order: .native)
        for message in try NetlinkMessage.decodeAll(bytes[...]) {
            message.encode(into: &writer)
            var body = ByteWriter(order: .native)
            var reader = ByteReader(message.body, order: .native)
            switch message.kind {
            case .newLink, .setLink:
                guard name.hasPrefix("dump") || name.hasPrefix("link") else { continue }
                try LinkMessage.decode(from: &reader).encode(into: &body)
            case .newAddress, .deleteAddress:
                guard !name.hasPrefix("sockets") else { continue }
                try AddressMessage.decode(from: &reader).encode(into: &body)
            default: continue
            }
            // What fills the last attribute may be missing in one and not in the other.
            #expect(body.bytes.prefix(message.body.count) == message.body[...])
        }
        #expect(writer.bytes == bytes)
    }

    @Test func anAddressIsReadAsIpWroteIt() throws {
        let four = try Fixture.address("address-add-ipv4")
        #expect(four.address == (try address("10.9.0.1")))
        #expect(four.prefixLength == 24)
        #expect(four.family == 2)
        let broadcast = four.attributes[type: AddressMessage.AttributeType.broadcast]?.value
        #expect(broadcast.flatMap(IPAddress.init(octets:)) == (try address("10.9.0.255")))
        let six = try Fixture.address("address-add-ipv6")
        #expect(six.address == (try address("fd00:9::1")))
        #expect(six.flags == .noDuplicateDetection)
        #expect(try Fixture.address("address-add-ipv6-detect").flags == [])
        let message = try Fixture.message("address-add-ipv4")
        #expect(message.kind == .newAddress)
        #expect(message.flags == [.request, .acknowledge, .create, .exclusive])
        #expect(try Fixture.message("address-delete-ipv4").kind == .deleteAddress)
    }

    @Test func answersAreRead() throws {
        let good = try NetlinkAnswer.decode(try Fixture.message("address-add-ipv4-answer"))
        #expect(good.errorNumber == 0)
        #expect(good.sequence == (try Fixture.message("address-add-ipv4")).sequence)
        let again = try NetlinkAnswer.decode(try Fixture.message("address-add-again-answer"))
        #expect(again.errorNumber == 17)
        #expect(again.text == "ipv4: Address already assigned")
        let missing = try NetlinkAnswer.decode(
            try Fixture.message("address-delete-missing-answer"))
        #expect(missing.errorNumber == 99)
    }

    @Test func theDumpIsRead() throws {
        var links: [LinkMessage] = []
        var addresses: [AddressMessage] = []
        for name in Fixture.names where name.hasPrefix("dump") {
            for message in try Fixture.messages(name) {
                var reader = ByteReader(message.body, order: .native)
                switch message.kind {
                case .newLink: links.append(try LinkMessage.decode(from: &reader))
                case .newAddress: addresses.append(try AddressMessage.decode(from: &reader))
                default: #expect(message.kind == .done)
                }
            }
        }
        #expect(links.map(\.name) == ["lo", "eth0"])
        #expect(links.map(\.hardwareType) == [LinkMessage.loopback, LinkMessage.ethernet])
        #expect(links[0].flags.contains(.loopback))
        #expect(links[1].kind == "veth")
        #expect(links[1].operatingState == .up)
        #expect(links[1].flags.isSuperset(of: [.up, .running, .carrier]))
        #expect(links[1].mtu == 1500)
        #expect(links[1].hardwareAddress != nil)
        // The other end is in another namespace, where its index means something else.
        #expect(links[1].lowerIndex == nil)
        let texts = addresses.compactMap(\.address).map(\.description)
        #expect(texts.contains("127.0.0.1"))
        #expect(texts.contains("10.9.0.1"))
        #expect(texts.contains("fd00:9::2"))
        #expect(addresses.allSatisfy { $0.flags.contains(.permanent) })
        #expect(addresses.first { $0.label == "eth0" }?.prefixLength == 24)
    }

    /// What this machine's kernel has no driver for, by linux/if_link.h.
    @Test func aVLANAndAPortOfABondAreRead() throws {
        typealias Types = LinkMessage.AttributeType
        typealias Information = LinkMessage.InformationType
        let vlan = LinkMessage(
            index: 7,
            attributes: [
                NetlinkAttribute(Types.name, text: "eth0.42"),
                NetlinkAttribute(Types.lower, 2),
                NetlinkAttribute(
                    Types.information,
                    nesting: [
                        NetlinkAttribute(Information.kind, text: "vlan"),
                        NetlinkAttribute(
                            Information.data,
                            nesting: [
                                NetlinkAttribute(Information.vlanID, octets: native(42))
                            ]),
                    ]),
            ])
        #expect(vlan.vlanID == 42)
        #expect(vlan.lowerIndex == 2)
        #expect(vlan.isPortUp == nil)
        for (state, isUp) in [(UInt8(0), true), (1, false), (2, false)] {
            let port = LinkMessage(
                index: 8,
                attributes: [
                    NetlinkAttribute(Types.master, 9),
                    NetlinkAttribute(
                        Types.information,
                        nesting: [
                            NetlinkAttribute(Information.slaveKind, text: "bond"),
                            NetlinkAttribute(
                                Information.slaveData,
                                nesting: [
                                    NetlinkAttribute(Information.portLinkState, octets: [state])
                                ]),
                        ]),
                ])
            #expect(port.isPortUp == isUp)
            #expect(port.masterIndex == 9)
            #expect(port.vlanID == nil)
        }
    }

    private func native(_ number: UInt16) -> [UInt8] {
        var writer = ByteWriter(order: .native)
        writer.write(number)
        return writer.finish()
    }

    @Test func attributesThatLieAreErrors() throws {
        for length in [0, 1, 3, 9, 0xFFFF] as [UInt16] {
            var writer = ByteWriter(order: .native)
            writer.write(length)
            writer.write(UInt16(1))
            writer.write(UInt32(7))
            var reader = ByteReader(writer.bytes[...], order: .native)
            #expect(throws: WireError.self, "\(length)") {
                try NetlinkAttribute.decodeAll(from: &reader)
            }
        }
        #expect(NetlinkAttribute(1, [1, 2, 3][...]).number == nil)
        #expect(NetlinkAttribute(1, [1, 2, 3][...]).shortNumber == nil)
        #expect(NetlinkAttribute(1, [1, 2, 3][...]).byte == nil)
        #expect(NetlinkAttribute(1, [0xFF, 0][...]).text == nil)
        #expect(NetlinkAttribute(1, [1, 0][...]).nestedAttributes == [])
        let long = NetlinkAttribute(1, [UInt8](repeating: 0, count: 70_000)[...])
        #expect(long.value.count == NetlinkAttribute.valueByteLimit)
    }

    @Test(arguments: Fixture.netlink)
    func messagesThatLieAreValuesOrErrors(name: String) throws {
        for bytes in tampered(Array(try Fixture.bytes(name).prefix(1600))) {
            guard let messages = try? NetlinkMessage.decodeAll(bytes[...]) else { continue }
            for message in messages {
                _ = try? NetlinkAnswer.decode(message)
                var reader = ByteReader(message.body, order: .native)
                if let link = try? LinkMessage.decode(from: &reader) {
                    _ = (link.name, link.kind, link.vlanID, link.isPortUp, link.hardwareAddress)
                }
                reader = ByteReader(message.body, order: .native)
                if let address = try? AddressMessage.decode(from: &reader) {
                    _ = (address.address, address.flags, address.label)
                }
                reader = ByteReader(message.body, order: .native)
                if let report = try? SocketReport.decode(from: &reader) {
                    _ = (report.local, report.remote)
                }
                reader = ByteReader(message.body, order: .native)
                _ = try? SocketQuery.decode(from: &reader)
            }
        }
    }
}
