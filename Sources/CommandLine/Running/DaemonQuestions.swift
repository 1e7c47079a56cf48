// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Presentation
import Sockets
import Vocabulary

/// Questions to the new daemons of any nodes, all at once.
///
/// A daemon of the local node is asked directly, those of other nodes through the proxies.
enum DaemonQuestions {
    /// One question.
    struct Question {
        /// The node; nil is the local one.
        var node: PNN?
        var service: Service
        var procedure: UInt32
        var payload: [UInt8] = []
    }

    /// Why there is no answer.
    struct Silence: Error, Equatable {
        var why: String
        /// Whether it is certain that no daemon runs there.
        var isAbsence = false
        /// Whether it is that no proxy runs on the node.
        var isWithoutProxy = false
        /// Whether the daemon was asked, and refused.
        var isRefusal = false
        /// Whether it may be doing what was asked all the same.
        var mayBeDone = false
    }

    /// Asks everything, and waits until all is answered or the time is over.
    ///
    /// - Returns: for each question, in its order, the payload of its answer, or why there is none.
    static func ask(
        _ questions: [Question], directory: String, within limit: Duration
    ) -> [Result<ArraySlice<UInt8>, Silence>] {
        guard !questions.isEmpty else { return [] }
        do throws(SystemError) {
            return try exchange(questions, directory, limit)
        } catch {
            let place = "\(error.path ?? error.call): \(error.reason)"
            return questions.map { question in
                // Without the folder of their sockets no daemon runs here.
                error.isMissingFile && question.node == nil
                    ? .failure(Silence(why: "the daemon is not running", isAbsence: true))
                    : .failure(Silence(why: error.isMissingFile ? noProxyHere : place))
            }
        }
    }

    private static func exchange(
        _ questions: [Question], _ directory: String, _ limit: Duration
    ) throws(SystemError) -> [Result<ArraySlice<UInt8>, Silence>] {
        let milliseconds = UInt32(
            clamping: Instant(nanoseconds: 0)
                .milliseconds(until: Instant(nanoseconds: 0).advanced(by: limit)))
        let loop = try EventLoop()
        let endpoint = try PeerEndpoint(
            directory: directory, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: loop)
        var results = [Result<ArraySlice<UInt8>, Silence>?](
            repeating: nil, count: questions.count)
        endpoint.missedProxy = {
            for (index, question) in questions.enumerated()
            where question.node != nil && results[index] == nil {
                results[index] = .failure(Silence(why: noProxyHere))
            }
        }
        for (index, question) in questions.enumerated() {
            let address = Address(
                node: question.node ?? .current, service: question.service,
                instance: Instance(rawValue: 0))
            endpoint.send(
                to: address, .request, procedure: question.procedure,
                payload: question.payload[...], timeoutMilliseconds: max(milliseconds, 1),
                completion: { completion in
                    guard results[index] == nil else { return }
                    results[index] = result(completion)
                })
        }
        let end = EventLoop.clock().advanced(by: limit)
        while results.contains(where: { $0 == nil }), EventLoop.clock() < end {
            try loop.iterate(until: end)
        }
        endpoint.close()
        return results.map { $0 ?? .failure(Silence(why: "no answer in time", mayBeDone: true)) }
    }

    private static func result(_ completion: Completion) -> Result<ArraySlice<UInt8>, Silence> {
        switch completion {
        case .answered(let reply) where !reply.isRefusal: .success(reply.payload)
        case .answered(let reply):
            .failure(Silence(why: refusal(reply.payload), isRefusal: true))
        case .failed(let code, let mayBeDone):
            .failure(
                Silence(
                    why: why(code), isAbsence: code == .noSuchService || code == .serviceGone,
                    isWithoutProxy: code == .noProxy, mayBeDone: mayBeDone))
        case .delivered, .broadcast: .failure(Silence(why: "it does not answer"))
        }
    }

    private static let noProxyHere = "no proxy runs on this node"

    private static func refusal(_ payload: ArraySlice<UInt8>) -> String {
        guard let refusal = try? Refusal.decode(payload) else { return "it refuses to say" }
        if refusal.code == .unknownProcedure { return "it is too old for this question" }
        return refusal.text.isEmpty ? "it refuses to say" : refusal.text
    }

    private static func why(_ code: OutcomeCode) -> String {
        switch code {
        case .noSuchService, .serviceGone: "the daemon is not running"
        case .noProxy: "no proxy runs there"
        case .deadlinePassed: "no answer in time"
        case .noSuchNode: "there is no such node"
        case .nodeGone: "the node is disconnected"
        case .shuttingDown, .proxyGone: "it is going down"
        case .notPermitted: "only root may ask"
        case .tooOld: "it speaks another version of the protocol"
        default: "it does not answer"
        }
    }
}
