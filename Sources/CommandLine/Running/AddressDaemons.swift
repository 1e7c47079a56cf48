// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressShell
import Bytes
import LegacyWire
import PeerWire
import Presentation
import Sockets
import Stages
import Vocabulary
import XDR

/// The address daemons of nodes, and what there is to know before they can be asked.
enum AddressDaemons {
    static let program = "ctdb-ipd"
    /// Beside `--run-directory`, for all commands that have no such option.
    private static let directoryVariable = "CTDB_RUN_DIRECTORY"

    /// The directory of the daemons' sockets.
    static func directory(_ settings: Settings, _ variable: (String) -> String?) -> String {
        if let directory = settings.runDirectory ?? variable(directoryVariable) {
            return directory
        }
        guard variable("CTDB_TEST_MODE") != nil, let base = variable("CTDB_BASE") else {
            return ProxyQuestion.usualDirectory
        }
        return base + "/run/tablecloth"
    }

    /// The folder of the configuration.
    static func base(_ variable: (String) -> String?) -> String {
        variable("CTDB_BASE") ?? AddressStages.usualBase
    }

    /// Why an address is moved: what somebody has typed, and who.
    static func reason(_ command: [String], _ variable: (String) -> String?) -> String {
        let names = ["SUDO_USER", "USER", "LOGNAME"].compactMap(variable)
        let who = names.first { !$0.isEmpty } ?? "root"
        return (["ctdb"] + command.prefix(3) + ["by", who]).joined(separator: " ")
    }

    /// On which nodes addresses are not ctdbd's any more.
    static func stages(_ context: Context) throws(Problem) -> AddressStages {
        try StageDesk.attempt { () throws(StageError) in
            try AddressStages.read(base: base(context.surroundings.variable))
        }
    }

    /// What the daemon of a node has answered.
    struct Answered<Reply> {
        /// Nil is this node, when nobody knows its number.
        var node: PNN?
        var result: Result<Reply, DaemonQuestions.Silence>
    }

    /// Asks the daemons of the nodes that a command is about.
    ///
    /// Without ctdbd nobody knows which nodes there are; then the one of this node is asked.
    static func ask<Reply: XDRCodable>(
        _ procedure: UInt32, _ type: Reply.Type, _ context: Context, payload: [UInt8] = []
    ) throws(Problem) -> [Answered<Reply>] {
        var nodes: [(node: PNN?, isLocal: Bool, isConnected: Bool)] = []
        do throws(Problem) {
            let own = try context.session().pnn
            nodes = try context.targets(.everyNode).map {
                ($0.pnn, $0.pnn == own, $0.pnn == own || $0.flags.isConnected)
            }
        } catch {
            guard error.kind == .notConnected, context.settings.nodes == nil else { throw error }
            nodes = [(nil, true, true)]
        }
        let reached = nodes.filter(\.isConnected)
        var answers = DaemonQuestions.ask(
            reached.map { node in
                DaemonQuestions.Question(
                    node: node.isLocal ? nil : node.node, service: .address,
                    procedure: procedure, payload: payload)
            }, directory: directory(context.settings, context.surroundings.variable),
            within: context.rest)[...]
        return nodes.map { node in
            guard node.isConnected, let answer = answers.popFirst() else {
                return Answered(
                    node: node.node, result: .failure(.init(why: "the node is disconnected")))
            }
            return Answered(node: node.node, result: answer.flatMap(read))
        }
    }

    /// Reads an answer.
    static func read<Reply: XDRCodable>(
        _ payload: ArraySlice<UInt8>
    ) -> Result<Reply, DaemonQuestions.Silence> {
        do throws(WireError) { return .success(try Reply.decode(payload)) } catch {
            return .failure(.init(why: "the answer cannot be read: \(error)"))
        }
    }

    /// What is wrong with answers that are not there.
    ///
    /// A node may have no such daemon, as long as some node has one.
    static func problems<Reply>(
        _ answers: [Answered<Reply>], _ what: String
    ) -> [Problem] {
        let isSomeThere = answers.contains { if case .success = $0.result { true } else { false } }
        let problems = answers.compactMap { answer -> Problem? in
            guard case .failure(let silence) = answer.result,
                !isSomeThere || !(silence.isAbsence || silence.isWithoutProxy)
            else { return nil }
            return problem(silence, answer.node, what)
        }
        return Context.settled(problems, isSomeDone: isSomeThere)
    }

    /// Why a daemon has not answered.
    static func problem(
        _ silence: DaemonQuestions.Silence, _ node: PNN?, _ what: String
    ) -> Problem {
        Problem(
            node == nil ? .notConnected : .failed, node: node?.rawValue, what,
            "\(program): \(silence.why)",
            advice: silence.isAbsence ? "systemctl start \(program)" : nil)
    }
}
