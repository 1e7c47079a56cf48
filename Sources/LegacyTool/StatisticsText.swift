// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// ctdbd's counters as the legacy tool prints them.
package enum StatisticsText {
    /// The version of the protocol, which the legacy tool calls ctdb's.
    private static let version = "1"

    /// A number with the name of its field in C; a dot ends the name of a group.
    typealias Field = (name: String, value: UInt32)

    /// The numbers of a daemon in their order.
    static func fields(_ values: DaemonStatistics) -> [Field] {
        general(values) + packets(values) + calls(values)
    }

    private static func general(_ values: DaemonStatistics) -> [Field] {
        [
            ("num_clients", values.general.clientCount),
            ("frozen", values.general.frozen),
            ("recovering", values.general.recovering),
            ("num_recoveries", values.recoveryCount),
            ("client_packets_sent", values.general.clientPacketsSent),
            ("client_packets_recv", values.general.clientPacketsReceived),
            ("node_packets_sent", values.general.nodePacketsSent),
            ("node_packets_recv", values.general.nodePacketsReceived),
            ("keepalive_packets_sent", values.general.keepalivePacketsSent),
            ("keepalive_packets_recv", values.general.keepalivePacketsReceived),
        ]
    }

    private static func packets(_ values: DaemonStatistics) -> [Field] {
        [
            ("node.req_call", values.node.requestCalls),
            ("node.reply_call", values.node.replyCalls),
            ("node.req_dmaster", values.node.requestDmasters),
            ("node.reply_dmaster", values.node.replyDmasters),
            ("node.reply_error", values.node.replyErrors),
            ("node.req_message", values.node.requestMessages),
            ("node.req_control", values.node.requestControls),
            ("node.reply_control", values.node.replyControls),
            ("node.req_tunnel", values.node.requestTunnels),
            ("client.req_call", values.client.requestCalls),
            ("client.req_message", values.client.requestMessages),
            ("client.req_control", values.client.requestControls),
            ("client.req_tunnel", values.client.requestTunnels),
        ]
    }

    private static func calls(_ values: DaemonStatistics) -> [Field] {
        [
            ("timeouts.call", values.timeouts.calls),
            ("timeouts.control", values.timeouts.controls),
            ("timeouts.traverse", values.timeouts.traversals),
        ] + locks(values.locks) + [
            ("total_calls", values.calls.totalCalls),
            ("pending_calls", values.calls.pendingCalls),
            ("childwrite_calls", values.calls.childwriteCalls),
            ("pending_childwrite_calls", values.calls.pendingChildwriteCalls),
            ("memory_used", values.calls.memoryUsed),
            ("max_hop_count", values.calls.maximumHopCount),
            ("total_ro_delegations", values.readOnlyDelegations),
            ("total_ro_revokes", values.readOnlyRevokes),
        ]
    }

    private static func locks(_ values: LockStatistics) -> [Field] {
        [
            ("locks.num_calls", values.callCount),
            ("locks.num_current", values.currentCount),
            ("locks.num_pending", values.pendingCount),
            ("locks.num_failed", values.failedCount),
        ]
    }

    // MARK: For people

    /// A daemon's counters, many lines.
    package static func forPeople(_ values: DaemonStatistics) -> String {
        let now = values.now.seconds
        let start = values.started.seconds
        var text = "CTDB version \(version)\n"
        text += "Current time of statistics  :                " + TimeText.local(now)
        text += "Statistics collected since  : (\(TimeText.span(from: start, to: now))) "
        text += TimeText.local(start)
        text += grouped(fields(values))
        text += line("hop_count_buckets", values.hopCounts)
        text += line("lock_buckets", values.locks.buckets)
        let latencies = [
            ("locks_latency", values.locks.latency),
            ("reclock_ctdbd", values.clusterLockDaemon),
            ("reclock_recd", values.clusterLockRecoveryDaemon),
            ("call_latency", values.callLatency),
            ("childwrite_latency", values.childwriteLatency),
        ]
        return text + latencies.map { line($0.0, $0.1) }.joined()
    }

    /// A database's counters, many lines.
    package static func forPeople(_ values: DatabaseStatistics) -> String {
        var text = grouped(
            [
                ("db_ro_delegations", values.readOnlyDelegations),
                ("db_ro_revokes", values.readOnlyRevokes),
            ] + locks(values.locks))
        text += line("hop_count_buckets", values.hopCounts)
        text += line("lock_buckets", values.locks.buckets)
        text += line("locks_latency", values.locks.latency)
        text += line("vacuum_latency", values.vacuumLatency)
        let keys = values.hotKeys.prefix(Int(clamping: values.hotKeyCount))
        text += " Num Hot Keys:     \(Int32(bitPattern: values.hotKeyCount))\n"
        for key in keys {
            let digits = key.key.map { String($0, radix: 16).padded(before: 2, with: "0") }
            text += "     Count:\(Int32(bitPattern: key.count)) Key:\(digits.joined())\n"
        }
        return text
    }

    /// A line for each number; a line with the group's name where a group begins.
    private static func grouped(_ fields: [Field]) -> String {
        var text = ""
        var group = ""
        for field in fields {
            let value = String(field.value).padded(before: 10)
            guard let dot = field.name.firstIndex(of: ".") else {
                text += " \(field.name.padded(to: 22))    \(value)\n"
                continue
            }
            if field.name[..<dot] != group {
                group = String(field.name[..<dot])
                text += " \(group)\n"
            }
            let name = String(field.name[dot...].dropFirst())
            text += "     \(name.padded(to: 22))\(value)\n"
        }
        return text
    }

    private static func line(_ name: String, _ buckets: CountBuckets) -> String {
        let counts = buckets.counts.map { " \(Int32(bitPattern: $0))" }
        return " \(name):\(counts.joined())\n"
    }

    private static func line(_ name: String, _ latency: LatencyCounter) -> String {
        let label = (name.padded(to: 18) + " MIN/AVG/MAX").padded(to: 30)
        let times = times(latency).joined(separator: "/")
        return " \(label)     \(times) sec out of \(latency.count)\n"
    }

    /// The shortest, the mean and the longest time.
    private static func times(_ latency: LatencyCounter) -> [String] {
        let mean = latency.count == 0 ? 0 : latency.total.seconds / Double(latency.count)
        return [latency.minimum.seconds, mean, latency.maximum.seconds]
            .map(FixedPoint.sixDecimals)
    }

    // MARK: For programs

    /// The names of the columns.
    package static func columnNames(_ values: DaemonStatistics) -> [String] {
        let names = latencies(values).flatMap { name, _, _ in
            ["num", "min", "avg", "max"].map { "\($0)_\(name)_latency" }
        }
        return ["CTDB version", "Current time of statistics", "Statistics collected since"]
            + fields(values).map(\.name) + names
    }

    /// A daemon's counters, one column each.
    package static func columns(_ values: DaemonStatistics) -> [String] {
        let times = [values.now, values.started].map {
            String(UInt32(truncatingIfNeeded: $0.seconds))
        }
        return [version] + times + fields(values).map { String($0.value) }
            + latencies(values).flatMap { _, latency, isSigned in
                let count =
                    isSigned
                    ? String(latency.count) : String(UInt32(bitPattern: latency.count))
                return [count] + Self.times(latency)
            }
    }

    private static func latencies(
        _ values: DaemonStatistics
    ) -> [(name: String, latency: LatencyCounter, isSigned: Bool)] {
        [
            ("reclock_ctdbd", values.clusterLockDaemon, false),
            ("reclock_recd", values.clusterLockRecoveryDaemon, false),
            ("call", values.callLatency, true), ("lockwait", values.locks.latency, false),
            ("childwrite", values.childwriteLatency, true),
        ]
    }
}
