// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyWire
import Testing
import Vocabulary

@Suite struct NodesFileChangeTests {
    static func node(_ pnn: UInt32, _ flags: NodeFlags = [], host: UInt32? = nil) -> NodeMap.Node {
        let address =
            flags.contains(.deleted)
            ? SocketAddress.ipv4(address: 0, port: 0)
            : .ipv4(address: host ?? pnn + 1, port: 4379)
        return NodeMap.Node(pnn: PNN(rawValue: pnn), flags: flags, address: address)
    }

    static func changes(_ map: [NodeMap.Node], _ file: [NodeMap.Node]) -> [NodesFileChange] {
        NodesFileChange.changes(from: NodeMap(nodes: map), to: NodeMap(nodes: file))
    }

    @Test func theSameFileChangesNothing() {
        let nodes = [Self.node(0), Self.node(1, .deleted), Self.node(2)]
        #expect(Self.changes(nodes, nodes) == [])
    }

    @Test func newAndReturningNodesAreReasons() {
        let changes = Self.changes(
            [Self.node(0), Self.node(1, [.deleted, .disconnected])],
            [Self.node(0), Self.node(1), Self.node(2), Self.node(3, .deleted)])
        let two = PNN(rawValue: 2)
        let three = PNN(rawValue: 3)
        #expect(changes == [.undeleted(PNN(rawValue: 1)), .added(two), .added(three)])
        #expect(changes.allSatisfy { $0.isReason && !$0.isFault })
    }

    @Test func aConnectedNodeIsNotDeleted() {
        let one = PNN(rawValue: 1)
        let gone = Self.changes(
            [Self.node(0), Self.node(1, .disconnected)], [Self.node(0), Self.node(1, .deleted)])
        #expect(gone == [.deleted(one, isConnected: false)])
        #expect(!gone[0].isFault)
        let there = Self.changes(
            [Self.node(0), Self.node(1)],
            [Self.node(0), Self.node(1, .deleted), Self.node(2)])
        // With a fault new nodes do not matter.
        #expect(there == [.deleted(one, isConnected: true)])
        #expect(there[0].isFault)
    }

    @Test func aMissingOrMovedNodeIsAFault() {
        let map = [Self.node(0), Self.node(1), Self.node(2)]
        let changes = Self.changes(map, [Self.node(0), Self.node(1, host: 9)])
        #expect(
            changes == [
                .moved(
                    PNN(rawValue: 1), was: .ipv4(address: 2, port: 4379),
                    is: .ipv4(address: 9, port: 4379)),
                .missing(PNN(rawValue: 2), .ipv4(address: 3, port: 4379)),
            ])
        #expect(changes.allSatisfy { $0.isFault && !$0.isReason })
    }

    @Test func aDisconnectedNodeIsToldOf() {
        let changes = Self.changes([Self.node(0, .disconnected)], [Self.node(0)])
        #expect(changes == [.disconnected(PNN(rawValue: 0))])
        #expect(!changes[0].isReason && !changes[0].isFault)
    }

    @Test func hostsAreComparedWithoutPorts() {
        let first = SocketAddress.ipv4(address: 1, port: 2)
        #expect(first.isSameHost(as: .ipv4(address: 1, port: 3)))
        #expect(!first.isSameHost(as: .ipv4(address: 2, port: 2)))
        let six = SocketAddress.ipv6(high: 0, low: 1, port: 2, flow: 3, scope: 4)
        #expect(six.isSameHost(as: .ipv6(high: 0, low: 1, port: 0, flow: 0, scope: 0)))
        #expect(!six.isSameHost(as: first))
        let other = SocketAddress.other(.init(family: 1, bytes: []))
        #expect(!other.isSameHost(as: other))
    }
}
