// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Vocabulary

/// How the daemon of this node stands, for people.
public enum AddressStatus {
    private static let limit = Duration.seconds(5)

    /// Asks the daemon.
    ///
    /// - Parameter settings: where it is.
    /// - Returns: lines.
    /// - Throws: `.daemon`, or what keeps it from being asked.
    public static func read(_ settings: AddressSettings) throws(AddressFailure) -> [String] {
        var answer: Completion?
        do throws(SystemError) {
            let loop = try EventLoop()
            let endpoint = try PeerEndpoint(
                directory: settings.runDirectory, service: .client,
                instance: try PeerEndpoint.newClientInstance(), loop: loop)
            defer { endpoint.close() }
            endpoint.send(
                to: Address(
                    node: .current, service: .address, instance: Instance(rawValue: 0)),
                .request, procedure: PeerProtocol.ipStatus, payload: [], timeoutMilliseconds: 4000,
                completion: { answer = $0 })
            let end = EventLoop.clock().advanced(by: limit)
            while answer == nil, EventLoop.clock() < end { try loop.iterate(until: end) }
        } catch {
            throw .system(error)
        }
        switch answer {
        case .answered(let reply)? where !reply.isRefusal:
            guard let status = try? IPStatus.decode(reply.payload) else {
                throw .daemon("its answer cannot be read")
            }
            return lines(status)
        case .answered?: throw .daemon("it refuses")
        case .failed(let code, _)?: throw .daemon("\(code)")
        default: throw .daemon("no answer in time")
        }
    }

    static func lines(_ status: IPStatus) -> [String] {
        let node = status.coordinator.isNode ? "node \(status.coordinator)" : "nobody"
        return [
            "stage        \(status.inEffect)",
            "hosts        \(status.hosts ? "by itself" : "no: ctdbd does")",
            "coordinator  \(node) (term \(status.term))",
            "held off     \(status.heldOffMilliseconds) ms more",
            "addresses    \(status.hosted) of \(status.configured) here",
            "connections  \(status.connections) known of",
            "runs         \(status.runs)"
                + (status.problem.isEmpty ? "" : "; the last one failed: \(status.problem)"),
        ]
    }
}
