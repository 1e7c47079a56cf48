// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// Nodes that leave the cluster and come back in the middle of traffic.
    @Suite @MainActor
    struct MembershipFaults {
        @Test("a node is banned for a while")
        func banned() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await cluster.ctdb(1, "ban", "300")
            try await eventually("node 1 is banned") {
                try await cluster.ctdb(0, "nodestatus", "all").contains("BANNED")
            }
            // A banned node is still connected, and ctdbd still carries messages.
            try await traffic.makesProgress()
            try await cluster.ctdb(1, "unban")
            try await traffic.makesProgress(by: 50)
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("a node is stopped and continued")
        func stopped() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 2)
            try await cluster.ctdb(2, "stop")
            try await eventually("node 2 is stopped") {
                try await cluster.ctdb(0, "nodestatus", "all").contains("STOPPED")
            }
            try await traffic.makesProgress()
            try await cluster.ctdb(2, "continue")
            try await traffic.makesProgress(by: 50)
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("a node is cut off until the others miss it, and plugged in again")
        func cut() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await cluster.lab("cut", "1", "private")
            try await eventually("node 0 misses node 1") {
                try await cluster.status(0).peers[1] == "disconnected"
            }
            let flow = traffic.flows[0]
            try await eventually("the sender hears that the node is gone") {
                flow.sent.summary.keys.contains { $0.hasPrefix("nodeGone") }
            }
            try await cluster.lab("heal", "1", "private")
            try await traffic.makesProgress()
            try await traffic.finish()
        }

        @Test("a node is cut off for so short that nobody misses it")
        func cutShortly() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await cluster.lab("cut", "1", "private")
            try await cluster.lab("heal", "1", "private")
            try await traffic.makesProgress()
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("recoveries are forced in the middle")
        func recovery() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 1, 2)
            for node in 0..<2 {
                try await cluster.ctdb(node, "recover")
                try await traffic.makesProgress(by: 50)
            }
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("ctdbd hangs for a moment")
        func paused() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await cluster.lab("pause", "1")
            let flow = traffic.flows[0]
            let before = flow.sent.sent.count
            try await eventually("the sender has no room any more, or fails") {
                let log = flow.sent
                return log.sent.count >= before + 60 || log.sent.count - log.outcomes.count >= 60
            }
            try await cluster.lab("resume", "1")
            try await traffic.makesProgress()
            try await traffic.finish()
        }
    }
}
