// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressShell
import CommandLine
import LegacyTool
import LegacyWire
import PeerWire
import Synchronization
import Testing
import Vocabulary

/// Commands about addresses, where another daemon has them in place of ctdbd.
@Suite struct AddressDetourTests {
    private static let address = SocketAddress.ipv4(address: 0x0A01_0064, port: 0)
    private static let other = SocketAddress.ipv4(address: 0x0A01_00C8, port: 0)

    /// A ctdbd of which some nodes have no addresses any more.
    private func ctdbd(without nodes: Set<UInt32>) throws -> FakeDaemon {
        try FakeDaemon.cluster { request, node in
            switch request {
            case .registerSrvID: .reply(.done(status: 0))
            case .getPublicIPs where nodes.contains(node.rawValue):
                .reply(.publicIPs(PublicIPList(addresses: [])))
            case .tcpAddDelayedUpdate where nodes.contains(node.rawValue):
                .reply(.failed(status: -1, reason: "not mine"))
            default: nil
            }
        }
    }

    /// A daemon that has one address.
    private func daemon(in place: AddressPlace) -> FakeAddressDaemon {
        FakeAddressDaemon(in: place.directory) { procedure, payload in
            guard procedure == PeerProtocol.ipControl,
                let order = try? IPControl.decode(payload[...])
            else { return .refusal(.unknownProcedure, "") }
            switch ControlOpcode(rawValue: order.opcode) {
            case .getPublicIPs:
                let known = PublicIP(pnn: PNN(rawValue: 0), address: Self.other)
                return .control(.publicIPs(PublicIPList(addresses: [known])))
            case .getPublicIPInfo:
                return .control(
                    .publicIPInfo(
                        PublicIPInfo(
                            publicIP: PublicIP(pnn: PNN(rawValue: 0), address: Self.other),
                            activeIndex: 0,
                            interfaces: [
                                NetworkInterface(name: "eth9", linkState: 1, references: 1)
                            ])))
            case .tcpAddDelayedUpdate, .sendGratuitousARP: return .control(.done(status: 0))
            default: return .control(.failed(status: -1, reason: "no such thing"))
            }
        }
    }

    @Test func whereNothingHasMovedCtdbdIsAsked() throws {
        for place in [try AddressPlace(), try AddressPlace(native: [0, 1, 2])] {
            let ctdbd = try ctdbd(without: [])
            defer { ctdbd.end() }
            let daemon = daemon(in: place)
            defer { daemon.end() }
            let outcome = typed("ip list", socket: ctdbd.path, variables: place.variables)
            #expect(outcome.output == "ADDRESS     NODE  KNOWN ON\n10.1.0.100     1  0,1,2\n")
            #expect(daemon.controls.isEmpty)
        }
    }

    @Test func whereAddressesHaveMovedTheDaemonAnswers() throws {
        let place = try AddressPlace(native: [1], finalised: [0])
        let ctdbd = try ctdbd(without: [0])
        defer { ctdbd.end() }
        let daemon = daemon(in: place)
        defer { daemon.end() }
        let own = typed("ip list", socket: ctdbd.path, variables: place.variables)
        #expect(own == Outcome(output: "ADDRESS     NODE  KNOWN ON\n10.1.0.200     0  0\n"))
        // Others still have ctdbd's.
        let all = typed("ip list --node all", socket: ctdbd.path, variables: place.variables)
        #expect(all.output.contains("10.1.0.100     1  1,2"))
        let variables = place.variables.merging(["SUDO_USER": "bob"]) { $1 }
        let done = typed(
            "ip announce 10.1.0.200 eth9", socket: ctdbd.path, variables: variables)
        #expect(done.code == 0)
        let order = try #require(daemon.controls.last)
        #expect(order.reason == "ctdb ip announce by bob")
        #expect(order.term == 0)
        #expect(order.holder == .unknown)
        let asked = ControlOpcode(rawValue: order.opcode)
        #expect(asked == .sendGratuitousARP)
        // What the daemon answers is an answer, even when it is a refusal.
        let refused = typed(
            "ip interface set eth0 up", socket: ctdbd.path, variables: place.variables)
        #expect(refused.errors.contains("no such thing"))
        #expect(refused.code == 1)
    }

    @Test func oldCommandsGetTheSameAnswers() throws {
        let place = try AddressPlace(finalised: [0])
        let ctdbd = try ctdbd(without: [0])
        defer { ctdbd.end() }
        let daemon = daemon(in: place)
        defer { daemon.end() }
        var output: [UInt8] = []
        let code = LegacyTool.run(
            ToolEnvironment(
                arguments: ["ip", "-v"], variables: ["CTDB_SOCKET": RawText(ctdbd.path)]),
            output: ToolOutput(standardOutput: { output += $0 }, standardError: { _ in }),
            detour: AddressDetour(
                directory: place.directory,
                stages: { AddressStages(finalised: [PNN(rawValue: 0)]) },
                reason: { "ctdb ip by alice" }))
        #expect(code == 0)
        #expect(
            String(decoding: output, as: UTF8.self) == """
                Public IPs on node 0
                10.1.0.200 node[0] active[eth9] available[eth9] configured[eth9]

                """)
        #expect(daemon.controls.first?.reason == "ctdb ip by alice")
    }

    @Test func theLegacyToolIsPassedByOnlyWhereItWouldBeWrong() throws {
        let places = [
            try AddressPlace(finalised: [2]), try AddressPlace(native: [0]), try AddressPlace(),
        ]
        let (moved, here, none) = (
            places[0].variables, places[1].variables, places[2].variables
        )
        defer { withExtendedLifetime(places) {} }
        let commands = [
            "ip", "ipinfo", "ifaces", "setifacelink", "moveip", "addip", "delip", "reloadips",
            "gratarp", "gettickles", "addtickle", "deltickle",
        ]
        for command in commands {
            #expect(Native.isNeeded(for: [command], variable: { moved[$0] }), "\(command)")
            #expect(!Native.isNeeded(for: [command], variable: { here[$0] }), "\(command)")
            #expect(!Native.isNeeded(for: [command], variable: { none[$0] }), "\(command)")
        }
        for command in ["status", "disable", "ipreallocate", "scriptstatus"] {
            #expect(!Native.isNeeded(for: [command], variable: { moved[$0] }), "\(command)")
        }
        #expect(!Native.isNeeded(for: [], variable: { moved[$0] }))
    }

    @Test func manyControlsAreAnsweredInTheirOrder() throws {
        let place = try AddressPlace(finalised: [0])
        let ctdbd = try ctdbd(without: [0])
        defer { ctdbd.end() }
        let daemon = daemon(in: place)
        defer { daemon.end() }
        let count = 3000
        let lines = (0..<count).map { "10.0.\($0 / 250).\($0 % 250):1000 10.1.0.200:445\n" }
        let outcome = typed(
            "ip connection add", socket: ctdbd.path, input: [lines.joined()],
            variables: place.variables)
        #expect(outcome == Outcome())
        let asked = daemon.controls
        #expect(asked.count == count)
        let ports = asked.compactMap { order -> SocketAddress? in
            let control = RequestControl(
                opcode: ControlOpcode(rawValue: order.opcode), data: order.data[...])
            guard
                case .tcpAddDelayedUpdate(let connection)? = try? ControlRequest.decode(
                    from: control, layout: .native)
            else { return nil }
            return connection.source
        }
        let expected = (0..<UInt32(count)).map { number -> SocketAddress in
            let host: UInt32 = number / 250 * 256 + number % 250
            return .ipv4(address: 0x0A00_0000 + host, port: 1000)
        }
        #expect(ports == expected)
    }

    @Test func aDaemonThatDoesNotHaveThemAnyMoreLeavesItToCtdbd() throws {
        let place = try AddressPlace(finalised: [0])
        let ctdbd = try ctdbd(without: [])
        defer { ctdbd.end() }
        let daemon = FakeAddressDaemon(in: place.directory) { _, _ in
            .refusal(.notPermitted, "ctdbd has the addresses of this node")
        }
        defer { daemon.end() }
        let outcome = typed("ip list", socket: ctdbd.path, variables: place.variables)
        #expect(outcome.output == "ADDRESS     NODE  KNOWN ON\n10.1.0.100     1  0,1,2\n")
        #expect(daemon.controls.count == 1)
    }

    @Test func aDaemonThatCannotBeAskedIsNamedWithARemedy() throws {
        let place = try AddressPlace(finalised: [0, 1])
        let ctdbd = try ctdbd(without: [0, 1])
        defer { ctdbd.end() }
        let dead = typed("ip list", socket: ctdbd.path, variables: place.variables)
        #expect(dead.code == 1)
        #expect(
            dead.errors == "ctdb: node 0: getPublicIPs: ctdb-ipd cannot be asked: the daemon is "
                + "not running (there: systemctl status ctdb-ipd, or give the addresses back to "
                + "ctdbd: ctdb stage reverse ip --node 0)\n")
        let far = typed("ip list --node 1", socket: ctdbd.path, variables: place.variables)
        #expect(far.code == 1)
        #expect(far.errors.contains("node 1: getPublicIPs: ctdb-ipd cannot be asked: no proxy"))
        let elsewhere = ["CTDB_RUN_DIRECTORY": "\(place.scratch.path)/none"]
        let missing = typed(
            "ip list", socket: ctdbd.path, variables: place.variables.merging(elsewhere) { $1 })
        #expect(missing.errors.contains("the daemon is not running"))
        let refusing = FakeAddressDaemon(in: place.directory) { _, _ in
            .refusal(.unknownProcedure, "what is that")
        }
        defer { refusing.end() }
        let refused = typed("ip list", socket: ctdbd.path, variables: place.variables)
        #expect(refused.errors.contains("ctdb-ipd cannot be asked: what is that"))
    }

    @Test func aDaemonBetweenTwoStagesIsAskedAgain() throws {
        let place = try AddressPlace(finalised: [0])
        let ctdbd = try ctdbd(without: [0])
        defer { ctdbd.end() }
        let asked = Mutex(0)
        let daemon = FakeAddressDaemon(in: place.directory) { _, _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            guard count > 3 else { return .refusal(.failed, "the stage is being changed") }
            return .control(.interfaces(NetworkInterfaceList(interfaces: [])))
        }
        defer { daemon.end() }
        let outcome = typed(
            "ip interface list", socket: ctdbd.path, variables: place.variables)
        #expect(outcome.code == 0)
        #expect(daemon.controls.count == 4)
        let never = FakeAddressDaemon(in: place.scratch.path) { _, _ in
            .refusal(.failed, "the stage is being changed")
        }
        defer { never.end() }
        let there = ["CTDB_RUN_DIRECTORY": place.scratch.path]
        let late = typed(
            "ip interface list --timeout 1", socket: ctdbd.path,
            variables: place.variables.merging(there) { $1 })
        #expect(late.errors.contains("ctdb-ipd cannot be asked: the stage is being changed"))
        #expect(never.controls.count > 1)
    }

    @Test func aSilentDaemonHasItsTimeAndNoMore() throws {
        let place = try AddressPlace(finalised: [0])
        let ctdbd = try ctdbd(without: [0])
        defer { ctdbd.end() }
        let daemon = FakeAddressDaemon(in: place.directory) { _, _ in .silence }
        defer { daemon.end() }
        let outcome = typed(
            "ip interface list --node all --timeout 1", socket: ctdbd.path,
            variables: place.variables)
        #expect(outcome.errors.contains("node 0: getInterfaces: no answer in time"))
        // The others were not held up, and have said no.
        #expect(outcome.errors.contains("node 1: getInterfaces: refused with status -1"))
    }

    @Test func stagesThatCannotBeReadAreNotTakenForNone() throws {
        let place = try AddressPlace(isDamaged: true)
        let ctdbd = try ctdbd(without: [])
        defer { ctdbd.end() }
        let outcome = typed("ip list", socket: ctdbd.path, variables: place.variables)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("the record cannot be read"))
        #expect(outcome.errors.contains("(ctdb stage list)"))
        // What is not about addresses goes on.
        #expect(typed("node pnn", socket: ctdbd.path, variables: place.variables).code == 0)
        let variables = place.variables
        #expect(Native.isNeeded(for: ["ip"], variable: { variables[$0] }))
    }
}
