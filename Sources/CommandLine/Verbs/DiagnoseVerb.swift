// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import LegacyClient
import LegacyWire
import PeerWire
import Presentation
import Sockets
import Vocabulary
import XDR

/// `ctdb diagnose`: what is wrong, and what to do.
enum DiagnoseVerb {
    static let verb = Verb.read(
        "diagnose", "Say what is wrong with the cluster, and what to do.",
        scope: .none,
        schema: Schema(
            "diagnose",
            facts: [
                Column("node", .number, "the local node's number"),
                Column("version", .text, "of this program"),
                Column("nodes", .number, "nodes that the cluster has"),
                Column("leader", .number, "the node that leads"),
                Column("recovery_mode", .text, "`normal` or `recovery`"),
                Column("databases", .number, "databases that are attached"),
                Column("proxy", .text, "whether the proxy of this node answers"),
            ],
            tables: [
                Schema.Table(
                    "findings",
                    [
                        Column("severity", .text, "`bad` or `warning`"),
                        Column("node", .number, "the node that it is about"),
                        Column("what", .text, "what is wrong"),
                        Column("advice", .text, "what to do"),
                    ])
            ]),
        details: "Asks everything that can be reached. The exit code is 0 when nothing is wrong, "
            + "and 1 when something is."
    ) { context, invocation throws(Problem) in
        var findings: [Row] = []
        func find(_ tone: Row.Tone, _ node: PNN?, _ what: String, _ advice: String) {
            findings.append(
                Row(
                    [
                        .text(tone == .bad ? "bad" : "warning"),
                        node.map(Describe.node) ?? .none, .text(what), .text(advice),
                    ], tone: tone))
        }
        let session = try context.session()
        let mode = try context.ask(.recoveryMode)
        let databases = try context.databases()
        let watch = try context.watchLeader()
        let nodes = try context.nodes()
        // A node that is cut off must not use up the time of the other questions.
        let limit = min(context.rest, .seconds(3))
        let reached = nodes.filter { $0.flags.isConnected }
        let clocks = session.ask(.uptime, ofEach: reached.map(\.pnn), within: limit)
        let own = Program.wallClockSeconds()
        for (node, clock) in zip(reached, clocks) {
            switch clock {
            case .success(let uptime):
                let difference = uptime.now.seconds.subtractingReportingOverflow(own)
                if difference.overflow || difference.partialValue.magnitude > 5 {
                    find(
                        .warning, node.pnn, "its clock differs by \(difference.partialValue) s",
                        "synchronise the clocks, by chrony or another NTP client")
                }
            case .failure(let failure):
                find(
                    .bad, node.pnn, "does not answer: \(context.short(failure))",
                    "look at the network to it, and whether its ctdbd hangs")
            }
        }
        let answering = zip(reached, clocks).filter { (try? $0.1.get()) != nil }.map(\.0)
        for node in nodes {
            for (flag, what, advice) in flags where node.flags.contains(flag) {
                find(
                    flag == .permanentlyDisabled || flag == .stopped ? .warning : .bad,
                    node.pnn, what, advice.replacing("NODE", with: "\(node.pnn)"))
            }
        }
        if mode != .normal {
            find(
                .bad, session.pnn, "a recovery goes on",
                "wait; if it lasts, look at the log of the leader for the node that blocks it")
        }
        let leader = watch.wait(context)
        if leader == nil {
            find(
                .bad, nil, "nobody says that it leads",
                "look at ctdb cluster lock and whether every node reaches it")
        }
        if let locks = try? locks(context, answering, limit), locks.count > 1 {
            find(
                .bad, nil, "nodes have different cluster locks: \(locks.joined(separator: ", "))",
                "give ctdb.conf of all nodes the same cluster lock")
        }
        if let (rows, _) = try? DatabaseVerbs.health(context, databases, answering) {
            for row in rows where row.tone == .bad && row.problem == nil {
                guard case .number(let node) = row.cells[0], case .text(let name) = row.cells[1]
                else { continue }
                find(
                    .bad, PNN(rawValue: UInt32(clamping: node)),
                    "database \(name) is not whole: \(Plain.line(text(row.cells[4])))",
                    "ctdb db backup it, or wipe and restore it, before ctdbd serves it")
            }
        }
        if let list = try? context.ask(.publicIPs(onlyAvailable: false)) {
            for ip in list.addresses where !ip.pnn.isNode {
                find(
                    .bad, nil, "no node has the address \(ip.address.text)",
                    "make a node that may have it healthy; ctdb ip show \(ip.address.text)")
            }
        }
        let software = try Software.ask(
            answering, context, directory: ProxyQuestion.usualDirectory,
            within: min(context.rest, .seconds(1)))
        let releases = Set(software.compactMap(\.ctdbd.text)).sorted()
        if Set(releases.compactMap { DaemonRelease.minor($0) }).count > 1 {
            find(
                .warning, nil,
                "nodes run different releases of ctdbd: "
                    + releases.joined(separator: ", "),
                "finish the upgrade; AllowMixedVersions has to be 1 on all nodes meanwhile")
        }
        let isProxyExpected = ProxyQuestion.isExpected(in: ProxyQuestion.usualDirectory)
        let proxy = isProxyExpected ? proxy(context) : nil
        if isProxyExpected, proxy == nil {
            find(
                .bad, session.pnn, "the proxy does not answer, though its socket is there",
                "systemctl status ctdb-proxyd, and its log; ctdb proxy status")
        }
        if let proxy, proxy.up < proxy.others {
            find(
                .warning, session.pnn,
                "the proxy reaches \(proxy.up) of \(proxy.others) other nodes",
                "ctdb proxy peers says why; start ctdb-proxyd there")
        }
        let problems =
            findings.isEmpty
            ? []
            : [
                Problem(
                    .failed, "diagnose",
                    findings.count == 1 ? "1 finding" : "\(findings.count) findings")
            ]
        return Report(
            invocation.verb.schema,
            facts: [
                .number(session.pnn.rawValue), .text(VersionVerbs.version),
                .number(Int64(nodes.count)), leader.map(Describe.node) ?? .none,
                .text(Describe.word(mode)), .number(Int64(databases.count)),
                .text(
                    proxy != nil ? "running" : isProxyExpected ? "no answer" : "not running"),
            ], tables: [findings], problems: problems,
            notes: findings.isEmpty ? ["nothing is wrong"] : [])
    }

    private static let flags: [(NodeFlags, String, String)] = [
        (
            .disconnected, "is disconnected",
            "look whether ctdbd runs on it (systemctl status ctdb) and at the network"
        ),
        (
            .unhealthy, "is unhealthy: an event script fails",
            "on node NODE: ctdb event status monitor"
        ),
        (.permanentlyDisabled, "is disabled by an administrator", "ctdb node enable NODE"),
        (
            .banned, "is banned after misbehaviour",
            "look at its log for why; ctdb node unban NODE, or wait"
        ),
        (.stopped, "is stopped by an administrator", "ctdb node continue NODE"),
    ]

    private static func text(_ value: Value) -> String {
        if case .text(let text) = value { text } else { "" }
    }

    private static func locks(
        _ context: Context, _ nodes: [NodeMap.Node], _ limit: Duration
    ) throws(Problem) -> [String] {
        let answers = try context.session()
            .ask(.clusterLock, ofEach: nodes.map(\.pnn), within: limit)
        return Set(answers.compactMap { try? $0.get() ?? "none" }).sorted()
    }

    private static func proxy(_ context: Context) -> (up: Int, others: Int)? {
        let payload = try? ProxyQuestion.ask(
            PeerProtocol.proxyPeers, directory: ProxyQuestion.usualDirectory,
            within: min(context.rest, .seconds(1)))
        guard let payload, let reply = try? PeersReply.decode(payload) else { return nil }
        let others = reply.peers.filter { $0.state != .peerSelf }
        return (others.count { $0.state == .up }, others.count)
    }
}
