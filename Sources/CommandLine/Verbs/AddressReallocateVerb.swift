// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import AddressShell
import Console
import LegacyClient
import PeerWire
import Presentation
import Sockets
import Vocabulary
import XDR

/// `ctdb ip reallocate`: addresses are dealt out anew, by whoever does that.
enum AddressReallocateVerb {
    private static let what = "reallocate addresses"

    static let schema = Schema(
        "ip.reallocate",
        facts: [
            Column("action", .text, "the command"),
            Column("done", .flag, "whether it is done; false with `--dry-run`"),
            Column("nodes", .numbers, "the nodes that were given; none if all can have addresses"),
            Column("coordinator", .number, "the node that dealt them out; none if not known"),
            Column("moves", .number, "addresses that have another node now; none if not known"),
            Column("seconds", .real, "how long it took"),
        ])

    static let verb = Verb.change(
        "reallocate", "Have the public addresses distributed anew.",
        options: [
            Option(
                "nodes", value: Parameter("nodes", .text, "numbers, all, or -"),
                "Only these nodes can have addresses, and are taken to be healthy: numbers "
                    + "separated by commas, or all; - reads them from standard input, some on "
                    + "each line. If not given, each node's own state says whether it can."),
            ProxyVerbs.directory,
        ], scope: .none, schema: schema,
        details: "Where public addresses have moved to ctdb-ipd, that of this node is asked, or "
            + "that of another one; it has the one that coordinates do it. Elsewhere the leader "
            + "does it, and --nodes has no meaning. The exit code is 1 when it did not all succeed."
    ) { context, invocation throws(Problem) in
        let nodes = try wanted(context, invocation)
        let began = EventLoop.clock()
        if let run = try ask(nodes, context) { return report(run, nodes, invocation) }
        let notes = try context.administer(what) {
            administrator throws(AdministrationFailure) in try administrator.reallocate()
        }.notes
        let spent = EventLoop.clock().nanoseconds - began.nanoseconds
        return Report(
            schema,
            facts: facts(invocation, true, [], .none, .none, .real(Double(spent) / 1e9)),
            notes: notes)
    }.rehearsed { context, invocation throws(Problem) in
        let nodes = try wanted(context, invocation)
        if !nodes.isEmpty { _ = try context.these(nodes) }
        return Report(schema, facts: facts(invocation, false, nodes, .none, .none, .none))
    }

    private static func facts(
        _ invocation: Invocation, _ isDone: Bool, _ nodes: [PNN], _ coordinator: Value,
        _ moves: Value, _ seconds: Value
    ) -> [Value] {
        [
            .text(Words.join(invocation.words.filter { $0 != "--dry-run" })), .flag(isDone),
            .list(nodes.map { .number($0.rawValue) }), coordinator, moves, seconds,
        ]
    }

    private static func report(_ run: IPRun, _ nodes: [PNN], _ invocation: Invocation) -> Report {
        let facts = facts(
            invocation, run.good, nodes, Describe.node(run.coordinator), .number(run.moves),
            .real(Double(run.microseconds) / 1_000_000))
        guard !run.good else { return Report(schema, facts: facts) }
        let problem = Problem(
            .failed, what, run.problem.isEmpty ? "it did not all succeed" : run.problem,
            advice: "ctdb ip status; ctdb ip history")
        return Report(schema, facts: facts, problems: [problem])
    }

    // MARK: Nodes

    /// The nodes that can have addresses; none: all whose own state lets them.
    private static func wanted(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> [PNN] {
        guard let text = invocation.text(ifGiven: "nodes") else { return [] }
        let words = text == "-" ? try words(context) : [text]
        var nodes: [PNN] = []
        for word in words {
            switch ArgumentKind.nodes.read(word) {
            case .nodes(.all)?: return []
            case .nodes(.these(let these))?:
                nodes += these.filter { !nodes.contains($0) }
            default:
                throw Problem(
                    .usage, "--nodes",
                    "expected \(ArgumentKind.nodes.expectation), or -, not "
                        + "\"\(CommandParser.shortened(word))\"")
            }
        }
        // An empty list must not come to mean everybody.
        guard !nodes.isEmpty else {
            throw Problem(.usage, "--nodes", "standard input names no node")
        }
        guard nodes.count <= Int(PeerProtocol.ipNodesLimit) else {
            throw Problem(.usage, "--nodes", "more than \(PeerProtocol.ipNodesLimit) nodes")
        }
        return nodes
    }

    private static func words(_ context: Context) throws(Problem) -> [String] {
        var splitter = LineSplitter()
        var words: [String] = []
        while true {
            let bytes = context.surroundings.input()
            guard !bytes.isEmpty else { break }
            for line in splitter.append(bytes) { words += try ListLine.words(of: line) }
            guard words.count <= Int(PeerProtocol.ipNodesLimit) else {
                throw Problem(.usage, "--nodes", "more than \(PeerProtocol.ipNodesLimit) nodes")
            }
        }
        if let last = splitter.end() { words += try ListLine.words(of: last) }
        return words
    }

    // MARK: The daemons

    /// Has an address daemon do it.
    ///
    /// - Returns: how it went; nil when it is ctdbd's to do.
    private static func ask(_ nodes: [PNN], _ context: Context) throws(Problem) -> IPRun? {
        let stages = try AddressDaemons.stages(context)
        guard !stages.takenOver.isEmpty else {
            guard nodes.isEmpty else {
                throw Problem(
                    .failed, what, "ctdbd cannot be told which nodes can have addresses",
                    advice: "ctdb-ipd can, once it has them: ctdb stage show ip")
            }
            return nil
        }
        let payload: [UInt8]
        do { payload = try IPReallocate(nodes: nodes, forwarded: false).encoded() } catch {
            throw Problem(.usage, what, "\(error)")
        }
        var silence: DaemonQuestions.Silence?
        for node in [nil] + stages.takenOver.map(Optional.some) {
            guard context.rest > .zero else { break }
            let answer = DaemonQuestions.ask(
                [
                    .init(
                        node: node, service: .address, procedure: PeerProtocol.ipReallocate,
                        payload: payload)
                ],
                directory: AddressDaemons.directory(
                    context.settings, context.surroundings.variable),
                within: context.rest
            ).first
            switch answer {
            case .success(let payload)?:
                let run: Result<IPRun, DaemonQuestions.Silence> = AddressDaemons.read(payload)
                switch run {
                case .success(let run): return run
                case .failure(let silence): throw AddressDaemons.problem(silence, node, what)
                }
            case .failure(let failure)?:
                // The first one says most: it is that of this node.
                silence = silence ?? failure
                // Whoever may be at it is not passed over.
                guard !failure.mayBeDone else {
                    throw AddressDaemons.problem(failure, node, what)
                }
            case nil: break
            }
        }
        guard nodes.isEmpty, let silence, !silence.isRefusal else {
            throw AddressDaemons.problem(
                silence ?? .init(why: "nobody has answered in time"), nil, what)
        }
        // Without any of them ctdbd has addresses again as soon as it is not held off any more.
        return nil
    }
}
