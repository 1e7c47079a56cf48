// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import LegacyClient
import LegacyWire
import Sockets
import Testing

extension LaboratoryTests {
    /// Public addresses on a live cluster: to the new daemon, and back.
    @Suite @MainActor
    struct Addresses {
        /// A hold-off runs out within so long, and a node that is gone is noticed before.
        private static let holdOff = Duration.seconds(25)
        /// What is done by hand is put right within so long.
        private static let repair = Duration.seconds(5)

        private func with(
            _ stage: String, on nodes: [Int] = AddressNodes.all,
            _ work: (AddressNodes) async throws -> Void
        ) async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let daemons = try await AddressNodes(cluster, on: nodes)
            do {
                if stage != "legacy" { try await daemons.climb(to: stage) }
                try await work(daemons)
            } catch {
                try? await daemons.end()
                throw error
            }
            try await daemons.end()
            try await cluster.lab("wait", "60")
        }

        @Test("through the stages and back, each address is always on one node")
        func stages() async throws {
            try await with("legacy") { nodes in
                try await nodes.step("prepare")
                try await nodes.wait("shadow")
                try await nodes.step("verify")
                try await nodes.step("switch")
                try await nodes.wait("native")
                try await nodes.covered()
                try await moves(nodes)
                for function in ["prepare", "verify", "switch"] {
                    try await nodes.step(function, "event")
                }
                try await nodes.wait("native", "event")
                try await nodes.step("verify")
                try await nodes.step("complete")
                try await nodes.wait("finalised")
                try await nodes.covered()
                #expect(try await nodes.cluster.ctdb(0, "ip").contains("10.") == false)
                try await moves(nodes)
                // And back, a node after the other, then the rest.
                try await nodes.step("reverse", on: [1])
                try await nodes.wait("native", on: [1])
                try await nodes.covered()
                try await nodes.step("reverse", on: [0, 2])
                try await nodes.wait("native")
                try await nodes.covered()
                try await nodes.step("reverse")
                try await nodes.wait("shadow")
                try await nodes.cluster.lab("wait", "60")
                try await nodes.covered()
                for node in AddressNodes.all {
                    let known = try await nodes.cluster.ctdb(node, "ip")
                    #expect(nodes.addresses.allSatisfy { known.contains($0) }, "\(known)")
                }
            }
        }

        /// A node is disabled and enabled: its addresses go, and some come back.
        private func moves(_ nodes: AddressNodes) async throws {
            try await nodes.cluster.ctdb(1, "disable")
            try await nodes.covered(without: [1])
            try await nodes.cluster.ctdb(1, "enable")
            try await eventually("node 1 has an address again") {
                try await nodes.holders().values.contains([1])
            }
            try await nodes.covered()
        }

        @Test(
            "a node without the daemon takes part in the same runs",
            arguments: ["native", "finalised"])
        func mixed(stage: String) async throws {
            try await with(stage, on: [0, 1]) { nodes in
                try await nodes.covered()
                try await nodes.cluster.ctdb(0, "disable")
                try await nodes.covered(without: [0])
                try await nodes.cluster.ctdb(2, "disable")
                try await nodes.covered(without: [0, 2])
                try await nodes.cluster.ctdb(0, "enable")
                try await nodes.cluster.ctdb(2, "enable")
                try await eventually("the node without a daemon has an address again") {
                    try await nodes.holders().values.contains([2])
                }
                try await nodes.covered()
            }
        }

        @Test("what somebody does by hand is put right within seconds, and said")
        func byHand() async throws {
            try await with("finalised") { nodes in
                try await nodes.covered()
                let address = nodes.addresses[0]
                let holder = try await nodes.holder(address)
                try await nodes.cluster.run(
                    on: holder, ["ip", "address", "del", "\(address)/24", "dev", "eth1"])
                try await nodes.covered(within: Self.repair)
                #expect(try await nodes.holder(address) == holder)
                let other = (holder + 1) % Cluster.nodeCount
                try await nodes.cluster.run(
                    on: other, ["ip", "address", "add", "\(address)/24", "dev", "eth1"])
                try await nodes.covered(within: Self.repair)
                #expect(try await nodes.holder(address) == holder)
                for node in [holder, other] {
                    let text = try await nodes.history(address, on: node)
                    #expect(text.contains("by hand"), "\(text); \(nodes.log(node))")
                }
            }
        }

        @Test(
            "whatever is killed, addresses are covered again in time, and never twice",
            arguments: ["native", "finalised"], ["ctdb-ipd", "ctdb-proxyd", "ctdbd"])
        func killed(stage: String, victim: String) async throws {
            try await with(stage) { nodes in
                try await nodes.covered()
                for node in [0, 1] {
                    switch victim {
                    case "ctdb-ipd":
                        try await nodes.daemon(.address, node).kill()
                        try await nodes.covered(within: Self.holdOff)
                        try nodes.start(.address, node)
                    case "ctdb-proxyd":
                        try await nodes.cluster.proxy(node).kill()
                        try await nodes.covered(within: Self.holdOff)
                        try nodes.cluster.startProxy(node)
                        try await nodes.cluster.waitForPeers(of: node)
                    default:
                        try await nodes.cluster.lab("kill", "\(node)")
                        try await nodes.covered(within: Self.holdOff)
                        try await nodes.cluster.lab("start", "\(node)")
                        try await nodes.cluster.lab("wait", "60")
                    }
                    try await nodes.wait(stage)
                    try await nodes.covered()
                }
            }
        }

        @Test("clients of an address that moves are reset or tickled, and connect anew")
        func clients() async throws {
            try await with("finalised") { nodes in
                let address = nodes.addresses[0]
                let port = "4455"
                let program = try await Self.compile("reconnect", nodes.cluster)
                var servers: [Child] = []
                for node in AddressNodes.all {
                    servers.append(
                        try nodes.cluster.start(on: node, [program, "serve", port]))
                }
                let client = try Child(
                    Places.legacy + "/lab",
                    ["--name", nodes.cluster.name, "exec", "switch", program, address, port],
                    directory: nodes.cluster.scratch.path)
                try await eventually("a connection") { client.output.contains("connected") }
                let holder = try await nodes.holder(address)
                // The other nodes learn of it ahead of need.
                let other = (holder + 1) % Cluster.nodeCount
                try await eventually("the connection is known elsewhere") {
                    try await nodes.ctdb(["ip", "connection", "list", address], on: other)
                        .contains(":\(port)")
                }
                try await nodes.cluster.ctdb(holder, "disable")
                try await nodes.covered(without: [holder])
                try await eventually("another connection", within: .seconds(10)) {
                    client.output.components(separatedBy: "connected").count > 2
                }
                try await nodes.cluster.ctdb(holder, "enable")
                for child in servers + [client] { try await child.kill() }
            }
        }

        private static func compile(_ name: String, _ cluster: Cluster) async throws -> String {
            let program = cluster.scratch.file(name)
            let source = Places.legacy + "/yardstick/\(name).c"
            let (status, _, errors) = try await cluster.scratch.run(
                "/usr/bin/cc", ["-O2", "-o", program, source])
            guard status == 0 else { throw Trouble(errors) }
            return program
        }

        @Test("an address that a machine outside has is reported, and not fought over")
        func conflict() async throws {
            try await with("finalised") { nodes in
                try await nodes.covered()
                let address = nodes.addresses[0]
                let holder = try await nodes.holder(address)
                try await nodes.outside(
                    ["ip", "address", "add", "\(address)/32", "dev", "public"])
                // Whoever asks for somebody says who asks.
                let asked = try await nodes.cluster.lab("address", "\(holder)", "public")
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                try await nodes.outside(["ip", "neighbour", "flush", "dev", "public"])
                try await nodes.outside(["ping", "-c", "2", "-W", "1", "-I", address, asked])
                do {
                    try await eventually("it is reported") {
                        try await nodes.history(address, on: holder).contains("outside")
                    }
                } catch { throw Trouble("\(error); \(nodes.log(holder))") }
                try await nodes.outside(
                    ["ip", "address", "del", "\(address)/32", "dev", "public"])
                try await nodes.covered()
            }
        }

        @Test("files that differ between nodes are reported with the difference")
        func differences() async throws {
            try await with("native") { nodes in
                let more = "10.99.9.9/24 eth1"
                let file = try String(
                    contentsOfFile: nodes.etc(1) + "/public_addresses", encoding: .utf8)
                try nodes.write(file + more + "\n", to: "public_addresses", of: 1)
                try nodes.daemon(.address, 1).signal(SIGHUP)
                try await eventually("the difference is reported") {
                    AddressNodes.all.contains { nodes.log($0).contains("10.99.9.9") }
                }
            }
        }

        @Test("clients of ctdbd are told of released and taken addresses")
        func messages() async throws {
            try await with("finalised") { nodes in
                let address = nodes.addresses[0]
                let holder = try await nodes.holder(address)
                let other = (holder + 1) % Cluster.nodeCount
                var released: [String] = []
                var taken: [String] = []
                let text = { (data: ArraySlice<UInt8>) in
                    String(decoding: data.prefix { $0 != 0 }, as: UTF8.self)
                }
                let old = try LegacySession(
                    socketPath: nodes.cluster.legacySocket(holder), within: .seconds(5))
                try old.listen(to: .releaseIP, within: .seconds(5)) { _, data in
                    released.append(text(data))
                }
                try await nodes.ctdb(["moveip", address, "\(other)"], on: holder)
                try await eventually("it has moved") { try await nodes.holder(address) == other }
                #expect(old.wait(within: .seconds(10)) { released.contains(address) })
                old.close()
                let new = try LegacySession(
                    socketPath: nodes.cluster.legacySocket(holder), within: .seconds(5))
                try new.listen(to: .takeIP, within: .seconds(5)) { _, data in
                    taken.append(text(data))
                }
                try await nodes.ctdb(["moveip", address, "\(holder)"], on: other)
                #expect(new.wait(within: .seconds(10)) { taken.contains(address) })
                new.close()
            }
        }

        @Test("without a capability it says which, and what still works")
        func capabilities() async throws {
            try await with("legacy") { nodes in
                for (name, word) in [("net_admin", "CAP_NET_ADMIN"), ("net_raw", "CAP_NET_RAW")] {
                    try await nodes.daemon(.address, 2).kill()
                    try nodes.start(
                        .address, 2,
                        behind: ["setpriv", "--bounding-set=-\(name)", "--inh-caps=-\(name)"])
                    try await eventually("it is said") {
                        nodes.log(2).contains("without \(word)")
                            && nodes.log(2).contains("still works")
                    }
                }
            }
        }
    }
}
