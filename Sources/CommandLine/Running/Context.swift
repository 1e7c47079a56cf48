// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// One control that does all that a verb does.
public struct PlannedControl: Sendable {
    /// What is asked for.
    public var request: ControlRequest

    /// Makes a plan.
    public init(_ request: ControlRequest) { self.request = request }
}

/// What a verb has to work with: the cluster, and one deadline for everything.
public final class Context {
    let structure: Structure
    let conversation: Conversation
    let surroundings: Surroundings
    let settings: Settings
    let deadline: Instant
    /// What is kept of the time limit for the start of the program and the end of the answer.
    private static let timeForWriting = Duration.milliseconds(50)

    init(
        _ conversation: Conversation, _ surroundings: Surroundings, _ settings: Settings,
        _ structure: Structure = Structure(nouns: [])
    ) {
        self.structure = structure
        self.conversation = conversation
        self.surroundings = surroundings
        self.settings = settings
        // The answer has to be written within the limit, too.
        let seconds = Int64(clamping: settings.timeoutSeconds ?? Settings.usualTimeout)
        deadline = EventLoop.clock().advanced(by: .seconds(seconds) - Self.timeForWriting)
    }

    /// What is left of the time.
    var rest: Duration { Conversation.rest(until: deadline) }

    /// The conversation with the local ctdbd.
    func session() throws(Problem) -> LegacySession {
        try conversation.open(settings, until: deadline)
    }

    /// The cluster's nodes as the local node sees them, deleted ones left out.
    func nodes() throws(Problem) -> [NodeMap.Node] {
        try conversation.nodes(settings, until: deadline)
            .filter { !$0.flags.contains(.deleted) }
    }

    /// Asks one node.
    func ask<Answer>(
        _ query: LegacyQuery<Answer>, of node: PNN? = nil, _ what: String? = nil
    ) throws(Problem) -> Answer {
        let session = try session()
        do throws(LegacyFailure) {
            return try session.ask(query, of: node, within: rest)
        } catch {
            throw problem(error, what)
        }
    }

    /// The nodes that a verb is about.
    func targets(_ scope: Verb.Scope) throws(Problem) -> [NodeMap.Node] {
        switch settings.nodes {
        case nil where scope == .everyNode, .all: return try nodes()
        case nil:
            let own = try session().pnn
            return try these([own])
        case .these(let wanted): return try these(wanted)
        }
    }

    /// Nodes by their numbers.
    func these(_ wanted: [PNN]) throws(Problem) -> [NodeMap.Node] {
        let nodes = try nodes()
        var found: [NodeMap.Node] = []
        for pnn in wanted {
            guard let node = nodes.first(where: { $0.pnn == pnn }) else {
                throw Problem(
                    .usage, "node \(pnn)", "the cluster has no such node",
                    advice: "it has \(nodes.map { "\($0.pnn)" }.joined(separator: ", "))")
            }
            found.append(node)
        }
        return found
    }

    /// The only node that a verb is about.
    func target(_ scope: Verb.Scope = .local) throws(Problem) -> PNN {
        guard let choice = settings.nodes else { return try session().pnn }
        guard case .these(let nodes) = choice, nodes.count == 1, let node = nodes.first else {
            throw Problem(.usage, "--node", "this command is about one node")
        }
        _ = try these([node])
        return node
    }

    /// What a node answered, or why it did not.
    struct Answered<Answer> {
        var node: NodeMap.Node
        var result: Result<Answer, LegacyFailure>
    }

    /// Asks many nodes the same under the deadline; one whose link is down is not asked.
    func ask<Answer>(
        _ query: LegacyQuery<Answer>, ofEach nodes: [NodeMap.Node]
    ) throws(Problem) -> [Answered<Answer>] {
        let reached = nodes.filter { $0.flags.isConnected }
        let session = try session()
        var answers = session.ask(query, ofEach: reached.map(\.pnn), within: rest)[...]
        return nodes.map { node in
            guard node.flags.isConnected, let answer = answers.popFirst() else {
                return Answered(
                    node: node,
                    result: .failure(.disconnected(node.pnn, query.request.opcode)))
            }
            return Answered(node: node, result: answer)
        }
    }

    /// A table with rows for each node; a node that does not answer has a row that says so.
    ///
    /// - Parameters:
    ///   - invocation: the verb, whose schema has one table with the node in its first column.
    ///   - query: what each node is asked.
    ///   - rows: makes rows of an answer, without the first column.
    /// - Returns: the table, and why some of its rows are empty.
    /// - Throws: why nobody could be asked.
    func perNode<Answer>(
        _ invocation: Invocation, _ query: LegacyQuery<Answer>,
        rows: (NodeMap.Node, Answer) -> [Row]
    ) throws(Problem) -> Report {
        let nodes = try targets(invocation.verb.scope)
        let width = invocation.verb.schema.tables.first?.columns.count ?? 1
        var table: [Row] = []
        var problems: [Problem] = []
        for answered in try ask(query, ofEach: nodes) {
            let number = Value.number(answered.node.pnn.rawValue)
            switch answered.result {
            case .success(let answer):
                for var row in rows(answered.node, answer) {
                    row.cells.insert(number, at: 0)
                    table.append(row)
                }
            case .failure(let failure):
                let missing = [Value](repeating: .none, count: width - 1)
                table.append(
                    Row([number] + missing, tone: .bad, problem: short(failure)))
                problems.append(problem(failure))
            }
        }
        return Report(
            invocation.verb.schema, rows: table,
            problems: Self.settled(problems, among: nodes.count))
    }

    static let adviceWhenDisconnected = "look at its ctdbd and at the network"

    /// That a node cannot be asked.
    static func disconnected(_ node: PNN, _ what: String) -> Problem {
        Problem(
            .failed, node: node.rawValue, what, "the node is disconnected",
            advice: adviceWhenDisconnected)
    }

    /// A failure as a problem, which says so when the node's release lacks the control.
    ///
    /// - Parameters:
    ///   - failure: what happened.
    ///   - what: what was tried; nil is the control.
    /// - Returns: the problem.
    func problem(_ failure: LegacyFailure, _ what: String? = nil) -> Problem {
        let problem = Failures.problem(failure, what, release: release(behind: failure))
        guard what == nil, failure.isDisconnected else { return problem }
        return Self.disconnected(problem.node.map { PNN(rawValue: $0) } ?? .unknown, "ask")
    }

    /// Why a row has no answer, in a few words.
    func short(_ failure: LegacyFailure) -> String {
        Failures.short(failure, release: release(behind: failure))
    }

    /// The release of the node that may have refused a control because it does not know it.
    private func release(behind failure: LegacyFailure) -> String? {
        guard failure.mayBeUnknown, let node = failure.node else { return nil }
        return conversation.release(
            of: node, within: min(rest, .seconds(1)),
            directory: ProxyQuestion.usualDirectory)
    }

    /// The same for answers of so many nodes.
    static func settled(_ problems: [Problem], among count: Int) -> [Problem] {
        settled(problems, isSomeDone: Set(problems.compactMap(\.node)).count < count)
    }

    /// What fails on some nodes makes an answer incomplete; what fails on all of them has failed.
    static func settled(_ problems: [Problem], isSomeDone: Bool) -> [Problem] {
        guard isSomeDone else { return problems }
        return problems.map { problem in
            guard problem.kind == .failed || problem.kind == .timedOut else { return problem }
            var problem = problem
            problem.kind = .incomplete
            return problem
        }
    }

    /// Begins to listen for the leader, which says every second that it leads.
    func watchLeader() throws(Problem) -> LeaderWatch {
        let session = try session()
        let watch = LeaderWatch(session)
        do throws(LegacyFailure) {
            try session.listen(to: .leader, within: rest) { watch.take($1) }
        } catch {
            throw problem(error, "listen for the leader")
        }
        return watch
    }

    /// Hears the leader while other questions are asked.
    final class LeaderWatch {
        /// After so many silent seconds ctdbd itself begins an election.
        private static let limit = Duration.seconds(6)

        private let session: LegacySession
        private var leader: PNN?

        init(_ session: LegacySession) { self.session = session }

        fileprivate func take(_ data: ArraySlice<UInt8>) {
            var reader = LegacyLayout.native.reader(over: data)
            leader = (try? PNN.decode(from: &reader, layout: .native)) ?? leader
        }

        /// Waits until the leader was heard; nil when it was not heard in time.
        func wait(_ context: Context) -> PNN? {
            session.wait(within: min(Self.limit, context.rest)) { leader != nil }
            try? session.stopListening(to: .leader, within: min(.seconds(1), context.rest))
            return leader
        }
    }
}
