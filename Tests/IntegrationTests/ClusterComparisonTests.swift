// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationShell
import Foundation
import LegacyClient
import LegacyWire
import Sockets
import Testing
import Vocabulary

extension LaboratoryTests {
    /// What real nodes say of their configuration.
    @Suite @MainActor
    struct Comparison {
        static func compare(
            _ cluster: Cluster, within limit: Duration = .seconds(15)
        ) throws -> ClusterComparison {
            let session = try LegacySession(
                socketPath: cluster.legacySocket(0), within: .seconds(10))
            defer { session.close() }
            let nodes = try session.ask(.nodeMap, within: .seconds(10)).nodes
            return ClusterComparison(
                NodeSnapshot.ask(nodes, through: session, within: limit))
        }

        @Test("nodes that were set up alike do not differ, and what is changed is found")
        func differences() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let before = try Self.compare(cluster)
            #expect(before.differences == [])
            #expect(before.failures.map(\.kind) == [])
            #expect(before.unreachable == [:])
            // A line of the nodes file for each node, the lock, all tunables, and the states.
            #expect(before.itemCount >= 3 + 1 + TunablesFile.usual.count + 2)

            try await cluster.ctdb(1, "setvar", "EnableBans", "0")
            let after = try Self.compare(cluster)
            try await cluster.ctdb(1, "setvar", "EnableBans", "1")
            #expect(after.differences.map(\.item) == [.tunable("EnableBans")])
            #expect(after.differences.map(\.nodes) == [[PNN(rawValue: 1)]])
            #expect(
                after.differences.first?.values.map(\.value) == [
                    .text("1"), .text("0"), .text("1"),
                ])
        }

        @Test("a node that stands still is named, and the others are compared in time")
        func silence() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            try await cluster.lab("pause", "2")
            let start = ContinuousClock.now
            let result = Result { try Self.compare(cluster, within: .seconds(6)) }
            let time = ContinuousClock.now - start
            try await cluster.lab("resume", "2")
            let comparison = try result.get()
            #expect(comparison.unreachable == [PNN(rawValue: 2): "no answer in time"])
            #expect(comparison.differences == [])
            #expect(comparison.itemCount >= 3 + 1 + TunablesFile.usual.count + 2)
            #expect(time < .seconds(10))
            try await cluster.ready()
        }
    }
}
