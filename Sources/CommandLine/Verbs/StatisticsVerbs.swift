// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb statistics`: what ctdbd counts.
enum StatisticsVerbs {
    static let noun = Noun("statistics", "What ctdbd counts.", [show, reset, history])

    private static let columns = [
        Column("name", .text, "what is counted"),
        Column("value", .real, "how often, or seconds"),
    ]

    static let show = Verb.read(
        "show", "Show the counters of a node.",
        schema: Schema("statistics.show", rows: "counters", [NodeVerbs.nodeColumn] + columns)
    ) { context, invocation throws(Problem) in
        try context.perNode(invocation, .statistics) { _, statistics in
            fields(statistics).map { Row([.text($0.name), $0.value]) }
        }
    }

    static let reset = Verb.control("reset", "Set the counters of a node to zero.") {
        _, _ throws(Problem) in PlannedControl(.resetStatistics)
    }

    static let history = Verb.read(
        "history", "Show counters of past intervals, the latest first.",
        [
            Parameter(
                "count", .number(1...100), "how many intervals; 1 if not given", isOptional: true)
        ],
        schema: Schema(
            "statistics.history", rows: "counters",
            [
                NodeVerbs.nodeColumn, Column("interval", .number, "1 is the latest"),
                Column("began", .text, "when the interval began, UTC"),
            ] + columns)
    ) { context, invocation throws(Problem) in
        let count = Int(clamping: invocation.number(ifGiven: "count") ?? 1)
        return try context.perNode(invocation, .statisticsHistory) { _, history in
            let used = history.elements.filter { $0.started.seconds > 0 }.prefix(count)
            return used.enumerated().flatMap { index, statistics in
                fields(statistics).map {
                    Row([
                        .number(Int64(index + 1)), Describe.moment(statistics.started),
                        .text($0.name), $0.value,
                    ])
                }
            }
        }
    }

    private static func latency(_ name: String, _ counter: LatencyCounter) -> [Field] {
        guard counter.count > 0 else { return [Field("\(name)_count", .number(Int64(0)))] }
        return [
            Field("\(name)_count", .number(Int64(counter.count))),
            Field("\(name)_min_seconds", .real(counter.minimum.seconds)),
            Field("\(name)_mean_seconds", .real(counter.total.seconds / Double(counter.count))),
            Field("\(name)_max_seconds", .real(counter.maximum.seconds)),
        ]
    }

    static func buckets(_ name: String, _ buckets: CountBuckets) -> [Field] {
        buckets.counts.enumerated().map { Field("\(name)_\($0)", .number($1)) }
    }

    static func locks(_ locks: LockStatistics) -> [Field] {
        [
            Field("locks_called", .number(locks.callCount)),
            Field("locks_current", .number(locks.currentCount)),
            Field("locks_pending", .number(locks.pendingCount)),
            Field("locks_failed", .number(locks.failedCount)),
        ] + latency("locks", locks.latency) + buckets("locks_bucket", locks.buckets)
    }

    static func fields(_ all: DaemonStatistics) -> [Field] {
        let numbers: [(String, UInt32)] = [
            ("clients", all.general.clientCount), ("frozen", all.general.frozen),
            ("recovering", all.general.recovering), ("recoveries", all.recoveryCount),
            ("client_packets_sent", all.general.clientPacketsSent),
            ("client_packets_received", all.general.clientPacketsReceived),
            ("node_packets_sent", all.general.nodePacketsSent),
            ("node_packets_received", all.general.nodePacketsReceived),
            ("keepalives_sent", all.general.keepalivePacketsSent),
            ("keepalives_received", all.general.keepalivePacketsReceived),
            ("node_request_calls", all.node.requestCalls),
            ("node_reply_calls", all.node.replyCalls),
            ("node_request_dmasters", all.node.requestDmasters),
            ("node_reply_dmasters", all.node.replyDmasters),
            ("node_reply_errors", all.node.replyErrors),
            ("node_request_messages", all.node.requestMessages),
            ("node_request_controls", all.node.requestControls),
            ("node_reply_controls", all.node.replyControls),
            ("node_request_tunnels", all.node.requestTunnels),
            ("client_request_calls", all.client.requestCalls),
            ("client_request_messages", all.client.requestMessages),
            ("client_request_controls", all.client.requestControls),
            ("client_request_tunnels", all.client.requestTunnels),
            ("timeouts_calls", all.timeouts.calls), ("timeouts_controls", all.timeouts.controls),
            ("timeouts_traversals", all.timeouts.traversals),
            ("calls_total", all.calls.totalCalls), ("calls_pending", all.calls.pendingCalls),
            ("childwrite_calls", all.calls.childwriteCalls),
            ("childwrite_pending", all.calls.pendingChildwriteCalls),
            ("memory_used_bytes", all.calls.memoryUsed),
            ("hops_maximum", all.calls.maximumHopCount),
            ("read_only_delegations", all.readOnlyDelegations),
            ("read_only_revokes", all.readOnlyRevokes),
        ]
        return numbers.map { Field($0.0, .number($0.1)) } + locks(all.locks)
            + buckets("hops_bucket", all.hopCounts) + latency("call", all.callLatency)
            + latency("childwrite", all.childwriteLatency)
            + latency("cluster_lock_ctdbd", all.clusterLockDaemon)
            + latency("cluster_lock_recoverd", all.clusterLockRecoveryDaemon)
    }

    static func fields(_ all: DatabaseStatistics) -> [Field] {
        [
            Field("read_only_delegations", .number(all.readOnlyDelegations)),
            Field("read_only_revokes", .number(all.readOnlyRevokes)),
        ] + locks(all.locks) + latency("vacuum", all.vacuumLatency)
            + buckets("hops_bucket", all.hopCounts)
    }
}
