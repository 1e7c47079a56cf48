// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import PeerWire
import Presentation
import Sockets
import StageCore
import Vocabulary
import XDR

/// The versions of what runs on nodes, as far as anybody can know.
///
/// The release of the local ctdbd is in the program that its process runs. No control asks another
/// node's ctdbd for it; the proxy there knows that of its own. Daemons say their own versions.
enum Software {
    /// What is known of one program on one node.
    enum Version: Equatable, Sendable {
        /// It runs, and this is its version.
        case known(String)
        /// It does not run.
        case absent
        /// Nobody can tell, and why.
        case unknown(String)

        /// For a cell; none where it does not run.
        var text: String? { if case .known(let text) = self { text } else { nil } }
    }

    /// What is known of a node that cannot be reached.
    static let disconnected = Version.unknown("disconnected")

    /// What runs on a node.
    struct OfNode: Equatable, Sendable {
        var node: PNN
        var ctdbd: Version
        var proxy: Version
        /// The daemons of functions that are there.
        var daemons: [(function: ClusterFunction, version: Version)]

        static func == (left: OfNode, right: OfNode) -> Bool {
            left.node == right.node && left.ctdbd == right.ctdbd && left.proxy == right.proxy
                && left.daemons.map { "\($0)" } == right.daemons.map { "\($0)" }
        }
    }

    /// Asks the local ctdbd, and the proxies and daemons of nodes, all at once.
    static func ask(
        _ nodes: [NodeMap.Node], _ context: Context, directory: String, within limit: Duration
    ) throws(Problem) -> [OfNode] {
        let session = try context.session()
        let own = context.conversation.release(of: session.pnn, within: limit, directory: directory)
        var questions: [DaemonQuestions.Question] = []
        let reached = nodes.filter { $0.flags.isConnected || $0.pnn == session.pnn }
        for node in reached {
            let asked = node.pnn == session.pnn ? nil : node.pnn
            questions.append(
                .init(node: asked, service: .proxy, procedure: PeerProtocol.proxyVersions))
            questions += ClusterFunction.all.map {
                .init(node: asked, service: $0.service, procedure: PeerProtocol.stageStatus)
            }
        }
        var answers = DaemonQuestions.ask(questions, directory: directory, within: limit)[...]
        return nodes.map { node in
            guard reached.contains(node) else {
                return OfNode(
                    node: node.pnn, ctdbd: disconnected, proxy: disconnected, daemons: [])
            }
            let proxy = version(answers.popFirst(), VersionsReply.self)
            var found = OfNode(
                node: node.pnn, ctdbd: ctdbd(proxy), proxy: proxy.map(\.proxy), daemons: [])
            if node.pnn == session.pnn {
                found.ctdbd = own.map { .known($0) } ?? .unknown("its program does not tell")
            }
            for function in ClusterFunction.all {
                let daemon = version(answers.popFirst(), StageStatus.self).map(\.software)
                // Where no proxy is, nobody can tell, and mostly there is none.
                let isKnown = daemon.text != nil || found.proxy.text != nil && daemon != .absent
                if isKnown { found.daemons.append((function, daemon)) }
            }
            return found
        }
    }

    /// An answer, or why there is none.
    private enum Answer<Reply> {
        case reply(Reply)
        case failure(Version)

        func map(_ text: (Reply) -> String) -> Version {
            switch self {
            case .reply(let reply) where text(reply).isEmpty: .unknown("it does not say")
            case .reply(let reply): .known(text(reply))
            case .failure(let version): version
            }
        }
    }

    private static func version<Reply: XDRCodable>(
        _ answer: Result<ArraySlice<UInt8>, DaemonQuestions.Silence>?, _ type: Reply.Type
    ) -> Answer<Reply> {
        switch answer {
        case .success(let payload):
            guard let reply = try? Reply.decode(payload) else {
                return .failure(.unknown("the answer cannot be read"))
            }
            return .reply(reply)
        case .failure(let silence):
            let isAbsent = silence.isAbsence || silence.isWithoutProxy && type == VersionsReply.self
            return .failure(isAbsent ? .absent : .unknown(silence.why))
        case nil: return .failure(.unknown("not asked"))
        }
    }

    private static func ctdbd(_ answer: Answer<VersionsReply>) -> Version {
        switch answer.map(\.ctdbd) {
        case .absent: .unknown("no proxy runs there")
        case let version: version
        }
    }
}
