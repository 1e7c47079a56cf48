// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import ClusterConfiguration
import ConfigurationFormat
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// `ctdb node`: the nodes of the cluster.
enum NodeVerbs {
    static let noun = Noun(
        "node", "The nodes of the cluster.",
        [
            pnn, list, status, NodeShowVerb.verb, runState, uptime, ping, process, port, memory,
        ] + NodeChangeVerbs.all)

    static let nodeColumn = Column("node", .number, "the node's number")

    static let pnn = Verb.read(
        "pnn", "Show the local node's number.",
        schema: Schema("node.pnn", facts: [Column("pnn", .number, "the node's number")])
    ) { context, invocation throws(Problem) in
        let node: PNN
        if context.settings.nodes == nil {
            node = try context.session().pnn
        } else {
            node = try context.ask(.pnn, of: try context.target())
        }
        return Report(invocation.verb.schema, facts: [.number(node.rawValue)])
    }

    static let list = Verb.read(
        "list", "List the nodes as the local node knows them.",
        options: [
            Option("file", "As this machine's nodes file has them: needs no ctdbd.")
        ], scope: .everyNode,
        schema: Schema(
            "node.list", rows: "nodes",
            [
                nodeColumn, Column("address", .text, "the private address"),
                Column("flags", .words, "what keeps it from its work, or `ok`"),
                Column("local", .flag, "whether it is the local node"),
            ]),
        details: "Only the local ctdbd is asked; node status asks every node. With --file nobody "
            + "is asked, and no flag is known but deleted."
    ) { context, invocation throws(Problem) in
        if invocation.has("file") { return try listed(context, invocation) }
        let own = try context.session().pnn
        let rows = try context.targets(.everyNode).map { node in
            Row(
                [
                    .number(node.pnn.rawValue), .text(node.address.text),
                    .words(Describe.words(node.flags)), .flag(node.pnn == own),
                ], tone: Describe.tone(node.flags))
        }
        return Report(invocation.verb.schema, rows: rows)
    }

    /// The nodes by the file, as the legacy tool lists them.
    private static func listed(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Report {
        let path = ConfigVerbs.path(context, invocation) + "/nodes"
        let file: NodesFile
        do throws(SystemError) {
            file = NodesFile(
                parsing: try SmallFile.read(path, limit: Configuration.byteLimit), file: path)
        } catch {
            throw Problem(.failed, "read \(path)", error.reason, advice: error.advice)
        }
        let rows = file.nodes.map { node in
            let isLocal = node.address.map {
                RawSegment.bindFailure($0.kernelBytes(port: 0)) == nil
            }
            return Row([
                .number(Int64(node.number)), Value(node.address?.text),
                node.address == nil ? .words(["deleted"]) : .none, .flag(isLocal ?? false),
            ])
        }
        let problems = file.complaints.filter { $0.severity == .error }.map { wrong in
            Problem(
                .failed, wrong.file + (wrong.line.map { ", line \($0)" } ?? ""), wrong.what,
                advice: "ctdb config check")
        }
        return Report(invocation.verb.schema, rows: rows, problems: problems)
    }

    /// What the nodes are asked at once.
    private enum Part: Sendable {
        case runState(RunState)
        case recoveryMode(RecoveryMode)
        case nodes(NodeMap)
    }

    private static let parts: [LegacyQuery<Part>] = [
        LegacyQuery(.getRunState) {
            if case .runState(let state) = $0 { .runState(state) } else { nil }
        },
        LegacyQuery(.getRecoveryMode) {
            if case .recoveryMode(let mode) = $0 { .recoveryMode(mode) } else { nil }
        },
        LegacyQuery(.getNodeMap) { if case .nodeMap(let map) = $0 { .nodes(map) } else { nil } },
    ]

    static let statusColumns = [
        nodeColumn, Column("address", .text, "the private address"),
        Column("flags", .words, "what keeps it from its work, as the local node sees it, or `ok`"),
        Column("run_state", .text, "how far its ctdbd has come: `running` is in service"),
        Column("recovery_mode", .text, "`normal`, or `recovery` while databases are frozen"),
        Column("own_flags", .words, "its flags as it sees them itself"),
        Column("local", .flag, "whether it is the local node"),
    ]

    static let status = Verb.read(
        "status", "Ask every node how it is.", scope: .everyNode,
        schema: Schema("node.status", rows: "nodes", statusColumns),
        details: "A node that does not answer within the time limit has a row that says so, and "
            + "the exit code is 3."
    ) { context, invocation throws(Problem) in
        let (rows, problems) = try statusRows(context)
        return Report(invocation.verb.schema, rows: rows, problems: problems)
    }

    /// A row for each node, all asked at once.
    static func statusRows(_ context: Context) throws(Problem) -> ([Row], [Problem]) {
        let nodes = try context.targets(.everyNode)
        let session = try context.session()
        let reached = nodes.filter { $0.flags.isConnected }
        let questions = reached.flatMap { node in
            parts.map { LegacySession.Question($0, of: node.pnn) }
        }
        var answers = session.ask(questions, within: context.rest)[...]
        var rows: [Row] = []
        var problems: [Problem] = []
        for node in nodes {
            var row = Row(
                [
                    .number(node.pnn.rawValue), .text(node.address.text),
                    .words(Describe.words(node.flags)), .none, .none, .none,
                    .flag(node.pnn == session.pnn),
                ], tone: Describe.tone(node.flags))
            guard node.flags.isConnected else {
                row.problem = "disconnected"
                problems.append(
                    context.problem(.disconnected(node.pnn, .getNodeMap)))
                rows.append(row)
                continue
            }
            for answer in answers.prefix(parts.count) {
                switch answer {
                case .success(.runState(let state)):
                    row.cells[3] = .text(Describe.word(state))
                    if state != .running { row.tone = .bad }
                case .success(.recoveryMode(let mode)):
                    row.cells[4] = .text(Describe.word(mode))
                    if mode != .normal { row.tone = .bad }
                case .success(.nodes(let map)):
                    let own = map.nodes.first { $0.pnn == node.pnn }
                    row.cells[5] = own.map { .words(Describe.words($0.flags)) } ?? .none
                case .failure(let failure) where row.problem == nil:
                    row.problem = context.short(failure)
                    row.tone = .bad
                    problems.append(context.problem(failure))
                case .failure: break
                }
            }
            answers = answers.dropFirst(parts.count)
            rows.append(row)
        }
        return (rows, Context.settled(problems, among: nodes.count))
    }

    private static let states: [RunState] = [
        .initialising, .setup, .firstRecovery, .startup, .running, .shutdown,
    ]

    static let runState = Verb.read(
        "runstate", "Show how far the start of a node's ctdbd has come.",
        [
            Parameter(
                "states", .choice(states.map(Describe.word)),
                "those that are well; all if not given", isOptional: true, isRepeated: true)
        ],
        schema: Schema(
            "node.runstate", rows: "nodes",
            [
                nodeColumn,
                Column(
                    "run_state", .text,
                    states.map { "`\(Describe.word($0))`" }.joined(separator: ", ")),
            ]),
        details: "The exit code is 1 when a node is in another state than those given."
    ) { context, invocation throws(Problem) in
        let wanted = invocation.all("states")
        var report = try context.perNode(invocation, .runState) { _, state in
            [Row([.text(Describe.word(state))], tone: state == .running ? .good : .bad)]
        }
        guard !wanted.isEmpty else { return report }
        for row in report.tables[0] {
            guard case .number(let node) = row.cells[0], case .text(let state) = row.cells[1],
                !wanted.contains(.text(state))
            else { continue }
            report.problems.append(
                Problem(
                    .failed, node: UInt32(clamping: node), "run state", "it is \(state)"))
        }
        return report
    }

    static let port = Verb.read(
        "port", "Say whether a TCP port of this machine is in use.",
        [Parameter("port", .number(1...65_535), "its number")], scope: .none,
        schema: Schema(
            "node.port",
            facts: [
                Column("port", .number, "its number"),
                Column("in_use", .flag, "whether a process has it, on all addresses or on one"),
            ]),
        details: "Needs no ctdbd. The exit code is 0 when it is in use, and 1 when it is not."
    ) { _, invocation throws(Problem) in
        let port = UInt16(clamping: try invocation.number("port"))
        let every = SocketAddress.ipv4(address: 0, port: 0)
        let failure = RawSegment.bindFailure(every.kernelBytes(port: port))
        if let failure, !failure.isInUse {
            throw Context.system(failure, "try port \(port)")
        }
        return Report(
            invocation.verb.schema, facts: [.number(Int64(port)), .flag(failure != nil)],
            problems: failure == nil ? [Problem(.failed, "port \(port)", "is not in use")] : [])
    }

    static let uptime = Verb.read(
        "uptime", "Show since when nodes run, and their last recoveries.", scope: .everyNode,
        schema: Schema(
            "node.uptime", rows: "nodes",
            [
                nodeColumn, Column("started", .text, "when ctdbd started, UTC"),
                Column("up_seconds", .number, "for how long it runs"),
                Column("recovered", .text, "when the last recovery ended, UTC"),
                Column("since_recovery_seconds", .number, "for how long that is"),
                Column("now", .text, "the node's clock, UTC"),
            ])
    ) { context, invocation throws(Problem) in
        try context.perNode(invocation, .uptime) { _, uptime in
            [
                Row([
                    Describe.moment(uptime.daemonStarted),
                    Describe.seconds(from: uptime.daemonStarted, to: uptime.now),
                    Describe.moment(uptime.lastRecoveryFinished),
                    Describe.seconds(from: uptime.lastRecoveryFinished, to: uptime.now),
                    Describe.moment(uptime.now),
                ])
            ]
        }
    }

    private struct Pong: Sendable {
        var clients: UInt32
        var at: Instant
    }

    static let ping = Verb.read(
        "ping", "Measure how fast nodes answer.", scope: .everyNode,
        schema: Schema(
            "node.ping", rows: "nodes",
            [
                nodeColumn, Column("milliseconds", .real, "until the answer came"),
                Column("clients", .number, "clients that are connected to it"),
            ])
    ) { context, invocation throws(Problem) in
        _ = try context.targets(.everyNode)
        let began = EventLoop.clock()
        let query = LegacyQuery<Pong>(.ping) {
            if case .clientCount(let count) = $0 {
                Pong(clients: count, at: EventLoop.clock())
            } else {
                nil
            }
        }
        return try context.perNode(invocation, query) { _, pong in
            let nanoseconds = pong.at.nanoseconds - min(began.nanoseconds, pong.at.nanoseconds)
            let milliseconds = (Double(nanoseconds) / 1_000).rounded() / 1_000
            return [Row([.real(milliseconds), .number(pong.clients)])]
        }
    }

    static let process = Verb.read(
        "process", "Say whether a process is connected to a node's ctdbd.",
        [
            Parameter("pid", .number(1...2_147_483_647), "the process id"),
            Parameter("srvid", .number(0...(.max)), "what it is registered for", isOptional: true),
        ],
        schema: Schema(
            "node.process",
            facts: [
                nodeColumn, Column("pid", .number, "the process id"),
                Column("exists", .flag, "whether it is there"),
            ]),
        details: "The exit code is 0 when it is there, and 1 when it is not."
    ) { context, invocation throws(Problem) in
        let pid = Int32(clamping: try invocation.number("pid"))
        let node = try context.target()
        let request: ControlRequest =
            if let srvid = invocation.number(ifGiven: "srvid") {
                .checkPIDSrvID(ProcessSrvID(pid: pid, srvid: SrvID(rawValue: srvid)))
            } else {
                .processExists(pid: pid)
            }
        let session = try context.session()
        var exists = true
        do throws(LegacyFailure) {
            exists = try session.ask(.command(request), of: node, within: context.rest) == 0
        } catch {
            guard case .refused = error.cause else { throw context.problem(error) }
            exists = false
        }
        return Report(
            invocation.verb.schema,
            facts: [.number(node.rawValue), .number(Int64(pid)), .flag(exists)],
            problems: exists
                ? [] : [Problem(.failed, node: node.rawValue, "process \(pid)", "is not there")])
    }

    static let memory = Verb.read(
        "memory", "Show what a node's ctdbd uses memory for.",
        options: [Option("recovery-daemon", "Ask the recovery daemon instead.")],
        schema: Schema(
            "node.memory",
            facts: [nodeColumn],
            tables: [Schema.Table("lines", [Column("line", .text, "a line of ctdbd's own report")])]
        )
    ) { context, invocation throws(Problem) in
        let node = try context.target()
        let dump: String
        if invocation.has("recovery-daemon") {
            let bytes = try context.administer("read the recovery daemon's memory", node: node) {
                administrator throws(AdministrationFailure) in
                try administrator.recoveryDaemonMemory()
            }.answer
            dump = String(decoding: bytes, as: UTF8.self)
        } else {
            dump = try context.ask(.memoryDump, of: node)
        }
        let lines = dump.split(separator: "\n").map { Row([.text(String($0))]) }
        return Report(
            invocation.verb.schema, facts: [.number(node.rawValue)], tables: [lines])
    }
}
