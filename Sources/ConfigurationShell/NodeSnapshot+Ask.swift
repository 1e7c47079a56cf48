// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

extension NodeSnapshot {
    /// Asks nodes for their configuration, all at once.
    ///
    /// - Parameters:
    ///   - nodes: who is asked; a node whose link is down is not.
    ///   - session: the conversation with the local ctdbd.
    ///   - limit: how long all of it may take; a node that says nothing in the first third of it
    ///     is not waited for again.
    /// - Returns: what each said, in the order given.
    public static func ask(
        _ nodes: [NodeMap.Node], through session: LegacySession, within limit: Duration
    ) -> [NodeSnapshot] {
        var reached = nodes.filter { $0.flags.isConnected }.map(\.pnn)
        let deadline = EventLoop.clock().advanced(by: limit)
        var found: [PNN: NodeSnapshot] = [:]
        for node in reached { found[node] = NodeSnapshot(node: node) }
        func rest() -> Duration {
            .milliseconds(Int64(clamping: EventLoop.clock().milliseconds(until: deadline)))
        }
        func take<Answer>(
            _ kind: String, _ query: LegacyQuery<Answer>,
            _ values: (Answer) -> [(ComparedItem, String)]
        ) {
            let answers = session.ask(query, ofEach: reached, within: rest())
            for (node, answer) in zip(reached, answers) {
                switch answer {
                case .success(let answer):
                    for (item, value) in values(answer) { found[node]?.values[item] = value }
                case .failure(let failure): found[node]?.failures[kind] = "\(failure)"
                }
            }
        }
        var names: [PNN: [String]] = [:]
        let lists = session.ask(.tunableNames, ofEach: reached, within: limit / 3)
        for (node, list) in zip(reached, lists) {
            switch list {
            case .success(let list): names[node] = list.names
            case .failure(let failure):
                if failure.cause == .timedOut {
                    found[node]?.unreachable = "no answer in time"
                } else {
                    found[node]?.failures[ComparedItem.tunable("").kind] = "\(failure)"
                }
            }
        }
        reached.removeAll { found[$0]?.unreachable != nil }
        let questions = reached.flatMap { node in
            (names[node] ?? []).map { (node, $0) }
        }
        let values = session.ask(
            questions.map { LegacySession.Question(.tunable($0.1), of: $0.0) }, within: rest())
        for ((node, name), value) in zip(questions, values) {
            switch value {
            case .success(let value): found[node]?.values[.tunable(name)] = String(value)
            case .failure(let failure):
                found[node]?.failures[ComparedItem.tunable("").kind] = "\(failure)"
            }
        }
        take("node", .nodesFile) { map in
            map.nodes.enumerated().map { index, node in
                (.node(index), node.flags.contains(.deleted) ? "deleted" : node.address.text)
            }
        }
        take("cluster lock", .clusterLock) { $0.map { [(.clusterLock, $0)] } ?? [] }
        take("public address", .publicIPs()) { list in
            list.addresses.map { (.publicAddress($0.address.text), "known") }
        }
        take("capabilities", .capabilities) { [(.capabilities, describe($0))] }
        take("run state", .runState) { [(.runState, "\($0)")] }
        return nodes.map { node in
            found[node.pnn] ?? NodeSnapshot(node: node.pnn, unreachable: "disconnected")
        }
    }

    private static func describe(_ capabilities: Capabilities) -> String {
        let names: [(Capabilities, String)] = [
            (.leader, "leader"), (.lmaster, "lmaster"),
            (.parallelRecovery, "parallel recovery"),
            (.fragmentedControls, "fragmented controls"),
        ]
        return names.filter { capabilities.contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
