// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import Testing
import Vocabulary

@Suite struct ClusterComparisonTests {
    static func node(
        _ number: UInt32, _ values: [ComparedItem: String] = [:],
        failures: [String: String] = [:], unreachable: String? = nil
    ) -> NodeSnapshot {
        NodeSnapshot(
            node: PNN(rawValue: number), values: values, failures: failures,
            unreachable: unreachable)
    }

    @Test func equalNodesDoNotDiffer() {
        let values: [ComparedItem: String] = [
            .node(0): "10.0.0.1", .clusterLock: "/lock", .tunable("EnableBans"): "1",
        ]
        let comparison = ClusterComparison([Self.node(1, values), Self.node(0, values)])
        #expect(comparison.differences == [])
        #expect(comparison.itemCount == 3)
        #expect(ClusterComparison([]).differences == [])
    }

    @Test func theFewAreNamed() throws {
        let comparison = ClusterComparison([
            Self.node(
                2, [.tunable("B"): "2", .node(10): "x", .publicAddress("10.1.0.1"): "known"]),
            Self.node(0, [.tunable("B"): "1", .node(10): "x", .node(2): "y"]),
            Self.node(1, [.tunable("B"): "1", .node(10): "x", .node(2): "y"]),
        ])
        #expect(
            comparison.differences.map(\.item) == [
                .node(2), .tunable("B"), .publicAddress("10.1.0.1"),
            ])
        #expect(comparison.differences.map { $0.nodes.map(\.rawValue) } == [[2], [2], [2]])
        let first = try #require(comparison.differences.first)
        #expect(first.values.map(\.value) == [.text("y"), .text("y"), .absent])
        #expect(comparison.differences.map(\.item.mayDiffer) == [false, false, true])
    }

    @Test func ofTwoHalvesThatWithoutTheLowestNodeIsNamed() {
        let comparison = ClusterComparison([
            Self.node(3, [.clusterLock: "/a"]), Self.node(7),
        ])
        #expect(comparison.differences.map(\.nodes) == [[PNN(rawValue: 7)]])
    }

    @Test func whoDoesNotAnswerIsNamedAndNotCompared() {
        let comparison = ClusterComparison([
            Self.node(0, [.clusterLock: "/a", .runState: "running"]),
            Self.node(1, unreachable: "disconnected"),
            Self.node(2, [.runState: "running"], failures: ["cluster lock": "refused"]),
        ])
        #expect(comparison.differences == [])
        #expect(comparison.unreachable == [PNN(rawValue: 1): "disconnected"])
        #expect(comparison.failures.map(\.kind) == ["cluster lock"])
        #expect(comparison.failures.map(\.node) == [PNN(rawValue: 2)])
    }
}
