// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// Processes that die and come back in the middle of traffic.
    @Suite @MainActor
    struct ProcessFaults {
        @Test("without a fault everything is delivered")
        func noFault() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await traffic.makesProgress(by: 300)
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("a proxy is killed and started again", arguments: [0, 1])
        func proxyKilled(node: Int) async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await cluster.proxy(node).kill()
            try cluster.startProxy(node)
            try await traffic.makesProgress()
            try await traffic.finish()
        }

        @Test("a proxy is killed three times in a row")
        func proxyKilledOften() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 1, 2)
            for _ in 0..<3 {
                try await cluster.proxy(1).kill()
                try cluster.startProxy(1)
                try await traffic.makesProgress(by: 20)
            }
            try await traffic.finish()
        }

        @Test("a receiving daemon is killed and started again")
        func daemonKilled() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            let receiver = traffic.receivers[1]
            try await receiver.child.kill()
            let flow = traffic.flows[0]
            try await eventually("the sender hears that the service is gone") {
                flow.sent.summary.keys.contains { $0.hasPrefix("noSuchService") }
            }
            try receiver.restart()
            try await traffic.makesProgress()
            try await traffic.finish()
        }

        @Test("ctdbd is killed and started again")
        func legacyKilled() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await cluster.lab("kill", "1")
            try await cluster.lab("start", "1")
            try await traffic.makesProgress()
            try await traffic.finish()
        }

        @Test("ctdbd is shut down in an orderly way and started again")
        func legacyRestarted() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 2, 0)
            try await cluster.ctdb(2, "shutdown")
            try await eventually("ctdbd is gone") {
                try await cluster.lab("status").contains("dead")
            }
            try await cluster.lab("start", "2")
            try await traffic.makesProgress()
            try await traffic.finish()
        }

        @Test("SIGTERM hands over what is under way")
        func drain() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            let proxy = try cluster.proxy(0)
            proxy.signal(SIGTERM)
            #expect(try await proxy.end() == 0)
            #expect(proxy.errors.contains("stopping; "))
            try cluster.startProxy(0)
            try await traffic.makesProgress()
            try await traffic.finish()
        }
    }
}
