// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkInterfaces
import NetworkWire
import Testing
import Vocabulary

/// The table, by messages as the kernel would send them.
@Suite struct InterfaceTableTests {
    typealias Types = LinkMessage.AttributeType
    typealias Information = LinkMessage.InformationType

    private func link(
        _ index: UInt32, _ name: String, flags: LinkMessage.Flags = [.up, .running, .carrier],
        state: LinkMessage.OperatingState = .up, kind: String? = nil, master: UInt32? = nil,
        port: UInt8? = nil, family: UInt8 = 0, type: UInt16 = LinkMessage.ethernet,
        message: NetlinkMessage.Kind = .newLink
    ) -> NetlinkMessage {
        var attributes = [
            NetlinkAttribute(Types.name, text: name),
            NetlinkAttribute(Types.operatingState, octets: [state.rawValue]),
            NetlinkAttribute(Types.address, octets: [2, 0, 0, 0, 0, UInt8(index)]),
        ]
        var information: [NetlinkAttribute] = []
        if let kind { information.append(NetlinkAttribute(Information.kind, text: kind)) }
        if let master { attributes.append(NetlinkAttribute(Types.master, master)) }
        if let port {
            information += [
                NetlinkAttribute(Information.slaveKind, text: "bond"),
                NetlinkAttribute(
                    Information.slaveData,
                    nesting: [NetlinkAttribute(Information.portLinkState, octets: [port])]),
            ]
        }
        attributes.append(NetlinkAttribute(Types.information, nesting: information))
        var writer = ByteWriter(order: .native)
        LinkMessage(
            family: family, hardwareType: type, index: index, flags: flags, attributes: attributes
        ).encode(into: &writer)
        return NetlinkMessage(message, flags: [], sequence: 0, body: writer.finish()[...])
    }

    private func address(
        _ text: String, on index: UInt32, prefixLength: UInt8 = 24,
        flags: AddressMessage.Flags = .permanent, message: NetlinkMessage.Kind = .newAddress
    ) throws -> NetlinkMessage {
        let address = try #require(IPAddress(text))
        var writer = ByteWriter(order: .native)
        AddressMessage(
            family: AddressFamily(address.family).rawValue, prefixLength: prefixLength,
            index: index,
            attributes: [
                NetlinkAttribute(AddressMessage.AttributeType.address, octets: address.octets),
                NetlinkAttribute(AddressMessage.AttributeType.flags, flags.rawValue),
            ]
        ).encode(into: &writer)
        return NetlinkMessage(message, flags: [], sequence: 0, body: writer.finish()[...])
    }

    private func table(_ messages: NetlinkMessage...) throws -> InterfaceTable {
        var table = InterfaceTable()
        for message in messages { _ = try table.take(message) }
        return table
    }

    @Test func changesAreReportedOnce() throws {
        var table = try table(link(2, "eth0"))
        let message = try address("10.1.0.1", on: 2)
        guard case .address(let present)? = try table.take(message).first else {
            Issue.record("nothing")
            return
        }
        #expect("\(present.place)" == "10.1.0.1/24 dev eth0")
        #expect(try table.take(message).isEmpty)
        #expect(try table.take(link(2, "eth0")).isEmpty)
        // A flag that has changed is a change.
        let secondary = try address("10.1.0.1", on: 2, flags: [.permanent, .secondary])
        #expect(try table.take(secondary).count == 1)
        let gone = try address("10.1.0.1", on: 2, message: .deleteAddress)
        guard case .addressGone? = try table.take(gone).first else {
            Issue.record("still there")
            return
        }
        #expect(try table.take(gone).isEmpty)
        #expect(table.addresses.isEmpty)
    }

    @Test func anInterfaceTakesItsAddressesWithIt() throws {
        var table = try table(
            link(2, "eth0"), link(3, "eth1"), address("10.1.0.1", on: 2),
            address("10.1.0.1", on: 3, prefixLength: 32), address("10.1.0.2", on: 2))
        let address = try #require(IPAddress("10.1.0.1"))
        #expect(Set(table.places(of: address).map(\.place.interface)) == ["eth0", "eth1"])
        let changes = try table.take(link(2, "eth0", message: .deleteLink))
        #expect(changes.count == 3)
        guard case .interfaceGone(let gone)? = changes.last else {
            Issue.record("\(changes)")
            return
        }
        #expect(gone.name == "eth0")
        #expect(table.places(of: address).map(\.place.interface) == ["eth1"])
        // The number may be another interface's then.
        _ = try table.take(link(2, "eth9"))
        #expect(table.interface(named: "eth9")?.index == 2)
        #expect(table.addresses.count == 1)
    }

    @Test func anotherNameIsTheSameInterface() throws {
        var table = try table(link(2, "eth0"), address("10.1.0.1", on: 2))
        #expect(try table.take(link(2, "lan")).count == 1)
        #expect(table.interface(named: "eth0") == nil)
        #expect(table.addresses.map(\.place.interface) == ["lan"])
    }

    @Test func whatABridgeSaysOfItsPortsIsPassedOver() throws {
        var table = try table(link(2, "port", master: 9))
        // 7 is the family of bridges.
        #expect(try table.take(link(2, "port", family: 7, message: .deleteLink)).isEmpty)
        #expect(try table.take(link(3, "other", family: 7)).isEmpty)
        #expect(table.interfaces.count == 1)
    }

    @Test func whatIsNotHeardOfAgainIsGone() throws {
        var table = try table(
            link(1, "lo", type: LinkMessage.loopback), link(2, "eth0"), link(3, "eth1"),
            address("10.1.0.1", on: 2), address("10.1.0.2", on: 2), address("10.1.0.3", on: 3))
        table.beginReading()
        _ = try table.take(link(1, "lo", type: LinkMessage.loopback))
        _ = try table.take(link(2, "eth0"))
        _ = try table.take(address("10.1.0.1", on: 2))
        // Added meanwhile, and not in the list any more.
        _ = try table.take(address("10.1.0.9", on: 2))
        let changes = table.endReading()
        #expect(changes.count == 3)
        #expect(
            Set(table.addresses.map { "\($0.place.address)" }) == ["10.1.0.1", "10.1.0.9"])
        #expect(Set(table.interfaces.keys) == [1, 2])
        #expect(table.endReading().isEmpty)
    }

    @Test func aLinkIsUpWhenItCanCarry() throws {
        let cases: [(NetlinkMessage, LinkState)] = [
            (link(2, "a"), .up),
            (link(2, "a", flags: []), .down(.switchedOff)),
            (link(2, "a", flags: .up, state: .down), .down(.noCarrier)),
            (link(2, "a", flags: .up, state: .lowerLayerDown, kind: "vlan"), .down(.noCarrier)),
            (link(2, "a", flags: .up, state: .dormant), .down(.noCarrier)),
            // Drivers that do not know say so; what they say of the carrier counts then.
            (link(2, "a", state: .unknown), .up),
            (link(2, "a", flags: .up, state: .unknown), .down(.noCarrier)),
            (link(2, "a", flags: [.up, .loopback], state: .unknown), .up),
        ]
        for (message, state) in cases {
            #expect(try table(message).linkState(of: "a") == state)
        }
        #expect(try table().linkState(of: "a") == .down(.missing))
        #expect("\(LinkState.Reason.missing)" == "there is no such interface")
    }

    @Test func aBondNeedsAPortWithALink() throws {
        let bond = link(5, "bond0", kind: "bond")
        #expect(try table(bond).linkState(of: "bond0") == .down(.noPort))
        let down = link(6, "eth0", master: 5, port: 2)
        #expect(try table(bond, down).linkState(of: "bond0") == .down(.noPort))
        let up = link(7, "eth1", master: 5, port: 0)
        #expect(try table(bond, down, up).linkState(of: "bond0") == .up)
        // Somebody else's port does not count.
        let other = link(7, "eth1", master: 8, port: 0)
        #expect(try table(bond, down, other).linkState(of: "bond0") == .down(.noPort))
        // A bond without a carrier is down, whatever its ports say.
        let dead = link(5, "bond0", flags: .up, state: .down, kind: "bond")
        #expect(try table(dead, up).linkState(of: "bond0") == .down(.noCarrier))
    }

    @Test func anAddressIsUsableWhenItTakesPackets() throws {
        for (flags, isUsable) in [
            (AddressMessage.Flags.permanent, true), ([.permanent, .tentative], false),
            ([.permanent, .tentative, .optimistic], true), ([.permanent, .duplicate], false),
            ([.permanent, .deprecated], true), ([.permanent, .noDuplicateDetection], true),
        ] {
            let table = try table(
                link(2, "eth0"), address("fd00::1", on: 2, prefixLength: 64, flags: flags))
            #expect(table.addresses.map(\.isUsable) == [isUsable])
        }
    }

    @Test func messagesThatLieChangeNothingOrLittle() throws {
        let start = try table(link(2, "eth0"), address("10.1.0.1", on: 2))
        for good in [link(2, "eth0", kind: "bond", port: 1), try address("10.1.0.2", on: 2)] {
            for count in 0..<good.body.count {
                var table = start
                var cut = good
                cut.body = good.body.prefix(count)
                _ = try? table.take(cut)
                #expect(table.addresses.count <= 2)
            }
            for at in good.body.indices {
                for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                    var table = start
                    var changed = good
                    changed.body[at] = value
                    _ = try? table.take(changed)
                    _ = table.addresses
                    _ = table.linkState(of: "eth0")
                }
            }
        }
    }
}
