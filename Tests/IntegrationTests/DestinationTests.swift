// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// Destinations that are not there, groups of nodes, and deadlines.
    @Suite @MainActor
    struct Destinations {
        /// Sends one message that must fail, and gives reason, certainty and time.
        private func failure(
            _ cluster: Cluster, to node: String, _ receiver: TestReceiver,
            _ options: [String] = []
        ) async throws -> (outcome: [String], milliseconds: Int) {
            let flow = try Flow(
                cluster, from: 0, to: receiver, ["--count", "1"] + options, destination: node)
            let log = try await flow.finish()
            return (Array((log.outcomes[0] ?? []).dropLast()), log.milliseconds(0))
        }

        @Test("no such node, no such service, too large: told at once, and why")
        func refused() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let receiver = try TestReceiver(cluster, on: 1, cluster.newService())
            try await receiver.isThere()
            let node = try await failure(cluster, to: "9", receiver)
            #expect(node.outcome == ["failed", "noSuchNode", "never"])
            #expect(node.milliseconds < 2_500)
            for target in ["2", "0", "current"] {
                let service = try await failure(cluster, to: target, receiver)
                #expect(service.outcome == ["failed", "noSuchService", "never"])
                #expect(service.milliseconds < 2_500)
            }
            let large = try await failure(cluster, to: "1", receiver, ["--size", "268435457"])
            #expect(large.outcome == ["failed", "tooLarge", "never"])
            try await receiver.stop()
        }

        @Test("a node without a proxy is told apart, and broadcasts say so")
        func withoutProxy() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let service = cluster.newService()
            let receivers = try (0..<2).map { try TestReceiver(cluster, on: $0, service) }
            for receiver in receivers { try await receiver.isThere() }
            let proxy = try cluster.proxy(2)
            proxy.signal(SIGTERM)
            #expect(try await proxy.end() == 0)
            let first = try await failure(cluster, to: "2", receivers[0])
            #expect(first.outcome == ["failed", "noProxy", "never"])
            #expect(first.milliseconds < 15_000)
            let later = try await failure(cluster, to: "2", receivers[0])
            #expect(later.outcome == ["failed", "noProxy", "never"])
            #expect(later.milliseconds < 2_500)
            #expect(try await cluster.status(0).peers[2] == "connectedWithoutProxy")
            let flow = try Flow(
                cluster, from: 0, to: receivers[0], ["--count", "3"], destination: "all")
            for outcome in try await flow.finish().outcomes.values {
                #expect(Array(outcome.prefix(3)) == ["broadcast", "0,1", "2:noProxy"])
            }
            for receiver in receivers { checkPromises(flow, at: receiver) }
            for receiver in receivers { try await receiver.stop() }
        }

        @Test("a request that nobody answers ends with its deadline")
        func deadline() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let receiver = try TestReceiver(cluster, on: 1, cluster.newService(), ["--mute"])
            try await receiver.isThere()
            let passed = try await failure(
                cluster, to: "1", receiver, ["--kind", "request", "--timeout", "300"])
            #expect(passed.outcome == ["failed", "deadlinePassed", "possibly"])
            // The time counts from the beginning of the turn in which it was sent.
            #expect((250..<5_000).contains(passed.milliseconds))
            try await receiver.stop()
        }

        @Test("messages that wait for a hanging service too long fail, the others arrive later")
        func waiting() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let receiver = try TestReceiver(cluster, on: 1, cluster.newService())
            try await receiver.isThere()
            receiver.child.signal(SIGSTOP)
            let flow = try Flow(
                cluster, from: 0, to: receiver,
                ["--count", "100", "--outstanding", "100", "--size", "20000", "--timeout", "400"])
            try await eventually("messages fail") {
                flow.sent.summary["deadlinePassed never", default: 0] > 0
            }
            receiver.child.signal(SIGCONT)
            let summary = try await flow.finish().summary
            checkPromises(flow)
            #expect(summary["delivered", default: 0] > 0)
            #expect(summary.keys.sorted() == ["deadlinePassed never", "delivered"])
            try await receiver.stop()
        }

        @Test("requests are answered, from another node and from the same one")
        func requests() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let receiver = try TestReceiver(cluster, on: 1, cluster.newService())
            try await receiver.isThere()
            for node in [0, 1] {
                let flow = try Flow(
                    cluster, from: node, to: receiver,
                    ["--kind", "request", "--count", "50", "--size", "0,100,70000"])
                let log = try await flow.finish()
                #expect(log.outcomes.count == 50)
                for (sequence, outcome) in log.outcomes {
                    #expect(Array(outcome.prefix(3)) == ["answered"] + (log.sent[sequence] ?? []))
                }
                checkPromises(flow)
            }
            try await receiver.stop()
        }

        @Test("broadcasts with a node stopped, and with a node cut off")
        func broadcasts() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let service = cluster.newService()
            let receivers = try (0..<3).map { try TestReceiver(cluster, on: $0, service) }
            for receiver in receivers { try await receiver.isThere() }
            func spread(_ group: String, _ expected: [String]) async throws {
                let options = ["--count", "5", "--size", "10,70000"]
                let flow = try Flow(
                    cluster, from: 0, to: receivers[0], options, destination: group)
                let log = try await flow.finish()
                #expect(log.outcomes.count == 5)
                for outcome in log.outcomes.values {
                    #expect(Array(outcome.prefix(3)) == ["broadcast"] + expected, "\(group)")
                }
                let reached = Set(expected[0].split(separator: ",").compactMap { Int($0) })
                for receiver in receivers {
                    checkPromises(flow, at: receiver)
                    let count = ReceivedLog(receiver.logPath, from: log.instance).messages.count
                    #expect(count == (reached.contains(receiver.node) ? 5 : 0), "\(group)")
                }
            }
            try await spread("all", ["0,1,2", "-"])
            try await cluster.ctdb(2, "stop")
            try await eventually("only two nodes are active") {
                try await cluster.ctdb(0, "nodestatus", "all").contains("STOPPED")
            }
            // The proxy hears of it soon after.
            try await eventually("the proxy has noticed") {
                try cluster.proxy(0).errors.contains("node 2 is connected, inactive")
            }
            try await spread("active", ["0,1", "-"])
            try await spread("connected", ["0,1,2", "-"])
            try await spread("all", ["0,1,2", "-"])
            try await cluster.ctdb(2, "continue")
            try await cluster.lab("cut", "2", "private")
            try await eventually("node 0 misses node 2") {
                try await cluster.status(0).peers[2] == "disconnected"
            }
            try await spread("connected", ["0,1", "-"])
            try await spread("active", ["0,1", "-"])
            try await spread("all", ["0,1", "2:nodeGone"])
            try await cluster.lab("heal", "2", "private")
            for receiver in receivers { try await receiver.stop() }
        }
    }
}
