// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Testing

extension LaboratoryTests {
    /// Commands about public addresses, whoever has them.
    @Suite @MainActor
    struct AddressCommands {
        private func with(_ work: (AddressNodes) async throws -> Void) async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let daemons = try await AddressNodes(cluster)
            do {
                try await work(daemons)
            } catch {
                try? await daemons.end()
                throw error
            }
            try await daemons.end()
            try await cluster.lab("wait", "60")
        }

        /// What only looks, on each node about itself and others.
        private func looks(_ nodes: AddressNodes) async throws -> [String: String] {
            let address = nodes.addresses[0]
            let commands = [
                ["ip"], ["ip", "all"], ["-Y", "ip", "-v"], ["-n", "1", "ip"],
                ["-X", "-n", "2", "ip"], ["ipinfo", address], ["-n", "1", "ipinfo", address],
                ["ipinfo", "10.98.97.96"], ["ifaces"], ["-Y", "ifaces"], ["-n", "2", "ifaces"],
                ["gettickles", address], ["moveip", "10.98.97.96", "nonsense"],
                ["delip", "10.98.97.96"], ["setifacelink", "nothing0", "up"],
                ["ip", "list", "--node", "all"], ["ip", "show", address, "--porcelain"],
                ["ip", "interface", "list", "--node", "all"], ["ip", "remove", "10.98.97.96"],
            ]
            var said: [String: String] = [:]
            for node in [0, 1] {
                for command in commands {
                    said["\(node): \(command.joined(separator: " "))"] = try await nodes.ctdb(
                        command, on: node)
                }
            }
            return said
        }

        @Test("commands say the same, byte for byte, whoever has the addresses")
        func same() async throws {
            try await with { nodes in
                try await nodes.covered()
                let before = try await looks(nodes)
                let places = try await nodes.holders()
                try await nodes.climb(to: "finalised")
                try await nodes.covered()
                for (address, node) in places.compactMapValues(\.first) {
                    try await nodes.ctdb(["ip", "move", address, "\(node)"])
                    try await eventually("\(address) is on node \(node)") {
                        try await nodes.holders()[address] == [node]
                    }
                }
                // ctdbd does not know them any more.
                #expect(try await nodes.cluster.ctdb(0, "ip") != before["0: ip"])
                for (command, text) in try await looks(nodes) {
                    #expect(text == before[command], "\(command)")
                }
            }
        }

        @Test("commands change what the daemons have, on this node and on others")
        func changes() async throws {
            try await with { nodes in
                try await nodes.climb(to: "finalised")
                try await nodes.covered()
                let address = nodes.addresses[0]
                let holder = try await nodes.holder(address)
                let other = (holder + 1) % Cluster.nodeCount
                let third = (holder + 2) % Cluster.nodeCount
                // Asked on a node that neither gives it nor takes it.
                let moved = try await nodes.ctdb(["moveip", address, "\(other)"], on: third)
                #expect(moved == "")
                try await eventually("it has moved") {
                    try await nodes.holders()[address] == [other]
                }
                let history = try await nodes.ctdb(["ip", "history", address], on: third)
                #expect(history.contains("ctdb moveip \(address) \(other) by "), "\(history)")
                // Connections are known on every node.
                let ends = ["10.98.0.1:50001", "\(address):445"]
                let added = try await nodes.ctdb(
                    ["ip", "connection", "add"] + ends + ["--node", "\(other)"], on: third)
                #expect(added == "")
                try await eventually("the connection is known elsewhere") {
                    try await nodes.ctdb(["gettickles", address], on: holder)
                        .contains("10.98.0.1:50001")
                }
                try await nodes.ctdb(["-n", "\(other)", "deltickle"] + ends, on: third)
                try await eventually("the connection is forgotten") {
                    try await !nodes.ctdb(["ip", "connection", "list", address], on: holder)
                        .contains("10.98.0.1:50001")
                }
                let announced = try await nodes.ctdb(
                    ["-n", "\(other)", "gratarp", address, "eth1"], on: third)
                #expect(announced == "")
                try await deal(nodes)
                try await loss(nodes, of: other)
            }
        }

        /// Addresses go to the nodes that are named, and then to all again.
        private func deal(_ nodes: AddressNodes) async throws {
            let named = try await nodes.ctdb(
                ["ip", "reallocate", "--nodes", "0,1", "--porcelain"], on: 2)
            #expect(named.contains("done\t1\n"), "\(named)")
            try await nodes.covered(without: [2])
            let all = try await nodes.ctdb(["ip", "reallocate", "--json"], on: 1)
            #expect(all.contains("\"done\":true"), "\(all)")
            try await eventually("node 2 has an address again") {
                try await nodes.holders().values.contains([2])
            }
            let status = try await nodes.ctdb(["ip", "status", "--porcelain"])
            let rows = status.split(separator: "\n").map {
                $0.split(separator: "\t", omittingEmptySubsequences: false)
            }
            #expect(rows.map { $0.prefix(3) } == (0..<3).map { ["\($0)", "finalised", "1"] })
            #expect(Set(rows.map { $0.count > 3 ? $0[3] : "" }).count == 1, "\(status)")
        }

        /// A daemon that is dead is named; the others answer.
        private func loss(_ nodes: AddressNodes, of node: Int) async throws {
            try await nodes.daemon(.address, node).kill()
            for command in [["ip", "list", "--node", "\(node)"], ["-n", "\(node)", "ip"]] {
                let text = try await nodes.ctdb(command, on: (node + 1) % Cluster.nodeCount)
                #expect(text.contains("ctdb-ipd cannot be asked: the daemon is not running"))
                #expect(text.contains("ctdb stage reverse ip --node \(node)"), "\(text)")
            }
            try nodes.start(.address, node)
            try await nodes.wait("finalised")
        }
    }
}
