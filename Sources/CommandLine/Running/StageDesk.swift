// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import DatabaseClient
import LegacyClient
import LegacyWire
import PeerWire
import Presentation
import Sockets
import StageCore
import Stages
import Vocabulary

/// What the commands about stages have in front of them: what is recorded, and what the nodes and
/// their daemons say.
struct StageDesk {
    /// How long daemons may take to answer; the rest of the time is for what follows.
    private static let patience = Duration.seconds(4)

    let settings: StageSettings
    let table: StageTable
    let log: StageLog
    /// The local node; nil when nobody knows its number.
    let own: PNN?
    /// The nodes; by the table alone when ctdbd cannot be asked.
    let nodes: [StageView.Node]
    /// Why ctdbd could not be asked; nil when it could.
    let problem: Problem?
    private let directory: String

    /// Reads what is recorded, and asks ctdbd for the nodes.
    ///
    /// Without ctdbd the file of this node is read, which may be behind.
    init(_ context: Context, _ invocation: Invocation) throws(Problem) {
        let directory = invocation.text(ifGiven: "run-directory") ?? ProxyQuestion.usualDirectory
        let settings = try Self.settings(context)
        do throws(Problem) {
            self = try Self(asking: context, settings, directory)
        } catch {
            guard error.kind == .notConnected else { throw error }
            self = try Self(reading: settings, directory, for: error)
        }
    }

    private init(
        asking context: Context, _ settings: StageSettings, _ directory: String
    ) throws(Problem) {
        let session = try context.session()
        let client = context.conversation.databaseSession(session)
        client.limit = context.rest
        (table, log) = try Self.attempt { () throws(StageError) in
            try StageDatabase.read(through: client)
        }
        nodes = try context.nodes().map { StageView.Node(pnn: $0.pnn, flags: $0.flags) }
        own = session.pnn
        problem = nil
        self.settings = settings
        self.directory = directory
    }

    private init(
        reading settings: StageSettings, _ directory: String, for problem: Problem
    ) throws(Problem) {
        let file = StageFile(folder: settings.databaseFolder)
        let found = try Self.attempt { () throws(StageError) in
            (try file.read(), try file.readLog())
        }
        (table, log) = (found.0.table, found.1)
        own = found.0.node
        nodes = found.0.table.nodes.map { StageView.Node(pnn: $0, flags: .disconnected) }
        self.problem = problem
        self.settings = settings
        self.directory = directory
    }

    /// The settings of stages, by the files in /etc/ctdb.
    static func settings(_ context: Context) throws(Problem) -> StageSettings {
        let folder = context.surroundings.variable("CTDB_BASE") ?? "/etc/ctdb"
        do throws(ConfigurationError) {
            return try StageSettings(readingFrom: folder)
        } catch {
            throw Problem(
                .failed, "read the configuration", "\(error)", advice: "ctdb config check")
        }
    }

    /// The nodes that a command is about.
    func nodes(of context: Context) throws(Problem) -> [StageView.Node] {
        guard case .these(let wanted)? = context.settings.nodes else { return nodes }
        for node in wanted where !nodes.contains(where: { $0.pnn == node }) {
            throw Problem(
                .usage, "node \(node)", "there is no such node",
                advice: "there are \(nodes.map { "\($0.pnn)" }.joined(separator: ", "))")
        }
        return nodes.filter { wanted.contains($0.pnn) }
    }

    /// Asks the daemons of functions on nodes how they stand.
    func view(
        of functions: [ClusterFunction], on wanted: [StageView.Node], _ context: Context
    ) -> [StageView.Node] {
        let answers = ask(PeerProtocol.stageStatus, [], functions, wanted, context)
        return wanted.map { node in
            var node = node
            for function in functions {
                node.daemons[function] =
                    switch answers[Key(node.pnn, function)] {
                    case .success(let payload)?:
                        (try? StageStatus.decode(payload)).map { .status($0) }
                            ?? .unheard("its answer cannot be read")
                    case .failure(let silence)?:
                        silence.isAbsence ? .missing(silence.why) : .unheard(silence.why)
                    case nil: .unheard("it was not asked")
                    }
            }
            return node
        }
    }

    /// A daemon, by the node and the function.
    struct Key: Hashable {
        var node: PNN
        var function: ClusterFunction

        init(_ node: PNN, _ function: ClusterFunction) {
            self.node = node
            self.function = function
        }
    }

    /// Asks daemons; those of nodes that are not connected are not.
    func ask(
        _ procedure: UInt32, _ payload: [UInt8], _ functions: [ClusterFunction],
        _ wanted: [StageView.Node], _ context: Context
    ) -> [Key: Result<ArraySlice<UInt8>, DaemonQuestions.Silence>] {
        var keys: [Key] = []
        var questions: [DaemonQuestions.Question] = []
        var results: [Key: Result<ArraySlice<UInt8>, DaemonQuestions.Silence>] = [:]
        for node in wanted {
            for function in functions {
                let key = Key(node.pnn, function)
                guard node.flags.isConnected || node.pnn == own else {
                    results[key] = .failure(.init(why: "the node is disconnected"))
                    continue
                }
                keys.append(key)
                questions.append(
                    DaemonQuestions.Question(
                        node: node.pnn == own ? nil : node.pnn, service: function.service,
                        procedure: procedure, payload: payload))
            }
        }
        let answers = DaemonQuestions.ask(
            questions, directory: directory, within: min(Self.patience, context.rest))
        for (key, answer) in zip(keys, answers) { results[key] = answer }
        return results
    }

    // MARK: Failures

    static func attempt<Answer>(
        _ work: () throws(StageError) -> Answer
    ) throws(Problem) -> Answer {
        do throws(StageError) { return try work() } catch { throw problem(error) }
    }

    /// Why stages were not read or changed, and what to do about it.
    static func problem(_ error: StageError) -> Problem {
        switch error {
        case .noDaemon(let failure): Failures.problem(failure, "change stages")
        case .database(let failure) where failure.cause == .undecided:
            Problem(
                .failed, "change stages", "nobody can say whether it happened",
                advice: "ctdb stage log, before you try again")
        case .database(let failure):
            if case .legacy(let cause) = failure.cause {
                Failures.problem(cause, "\(StageTable.databaseName)")
            } else {
                Problem(
                    failure.cause == .timedOut ? .timedOut : .failed, StageTable.databaseName,
                    "\(failure)",
                    advice: failure.cause == .timedOut
                        ? "a recovery goes on, or somebody holds a lock; --timeout waits longer"
                        : nil)
            }
        case .record(let error):
            Problem(
                .failed, StageTable.databaseName, "\(error)",
                advice: "it is not overwritten: use newer programs, or look at it with ctdb db key "
                    + "get \(StageTable.databaseName) stages; deleted, everything is legacy")
        case .conflict(let conflict):
            Problem(.failed, "change stages", "\(conflict)", advice: "ctdb stage log")
        case .folder(let error): Context.system(error, "read the databases")
        }
    }
}
