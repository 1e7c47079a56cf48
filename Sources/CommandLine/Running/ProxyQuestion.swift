// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import MessagingCore
import PeerClient
import PeerWire
import Presentation
import Sockets
import Vocabulary
import XDR

/// Questions to the proxy of this node.
enum ProxyQuestion {
    /// Where the proxy's sockets are when nobody says anything.
    static let usualDirectory = "/run/ctdb/tablecloth"

    /// Asks the running proxy one thing.
    ///
    /// - Returns: the payload of its answer.
    static func ask(
        _ procedure: UInt32, directory: String, within limit: Duration
    ) throws(Problem) -> ArraySlice<UInt8> {
        let milliseconds = Instant(nanoseconds: 0)
            .milliseconds(until: Instant(nanoseconds: 0).advanced(by: limit))
        var answer: Result<ArraySlice<UInt8>, Problem>?
        do throws(SystemError) {
            let loop = try EventLoop()
            let endpoint = try PeerEndpoint(
                directory: directory, service: .client,
                instance: try PeerEndpoint.newClientInstance(), loop: loop)
            let proxy = Address(node: .current, service: .proxy, instance: Instance(rawValue: 0))
            endpoint.send(
                to: proxy, .request, procedure: procedure, payload: [],
                timeoutMilliseconds: UInt32(clamping: milliseconds),
                completion: { completion in
                    if case .answered(let reply) = completion, !reply.isRefusal {
                        answer = .success(reply.payload)
                    } else if answer == nil {
                        answer = .failure(silent(directory, why(completion)))
                    }
                })
            endpoint.missedProxy = {
                if answer == nil { answer = .failure(silent(directory, noProxy)) }
            }
            while !endpoint.isIdle, answer == nil { try loop.iterate() }
            endpoint.close()
        } catch {
            throw silent(directory, "\(error)")
        }
        guard let answer else { throw silent(directory, "it does not answer") }
        return try answer.get()
    }

    private static let noProxy = "no proxy answers"

    /// Why there is no answer, for people.
    private static func why(_ completion: Completion) -> String {
        switch completion {
        case .answered: "the proxy refused to say"
        case .failed(.noProxy, _): noProxy
        case .failed(.deadlinePassed, _): "the proxy does not answer in time"
        case .failed(.shuttingDown, _), .failed(.proxyGone, _): "the proxy is going down"
        case .failed(.notPermitted, _): "only root may talk to the proxy"
        case .failed(.noSuchNode, _), .failed(.nodeGone, _):
            "the proxy has no connection to ctdbd"
        case .failed(.tooOld, _): "the proxy speaks another version of the protocol"
        case .failed, .delivered, .broadcast: "the proxy does not answer"
        }
    }

    /// Whether there is the socket of a proxy, alive or not.
    static func isExpected(in directory: String) -> Bool {
        Program.names(in: directory)
            .contains(Service.proxy.socketName(Instance(rawValue: 0)))
    }

    private static func silent(_ directory: String, _ why: String) -> Problem {
        Problem(
            .notConnected, "ask the proxy in \(directory)", why,
            advice: "systemctl start ctdb-proxyd; --run-directory names another directory")
    }
}
