// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// A client of the new protocol, and one service that it talks to.
final class PeerSession {
    private static let reachMilliseconds: UInt64 = 15_000

    let loop: EventLoop
    let endpoint: PeerEndpoint
    let destination: Address

    init(directory: String, node: PNN, service: Service) throws(BenchError) {
        destination = Address(node: node, service: service, instance: Instance(rawValue: 0))
        let loop = try attempt { () throws(SystemError) in try EventLoop() }
        self.loop = loop
        endpoint = try attempt { () throws(SystemError) in
            try PeerEndpoint(
                directory: directory, service: .client,
                instance: try PeerEndpoint.newClientInstance(), loop: loop)
        }
    }

    /// Asks until somebody answers: the service, or a proxy, may have only just started.
    func reach() throws(BenchError) {
        let limit = EventLoop.clock().advanced(byMilliseconds: Self.reachMilliseconds)
        var last = ""
        while EventLoop.clock() < limit {
            var outcome: Completion?
            endpoint.send(
                to: destination, .request, lane: .urgent, payload: [0],
                timeoutMilliseconds: 2_000, completion: { outcome = $0 })
            _ = try loop.iterate(milliseconds: 5_000) { outcome != nil }
            if case .answered(let reply) = outcome, !reply.isRefusal { return }
            last = outcome.map { "\($0)" } ?? "no outcome"
            _ = try loop.iterate(milliseconds: 100) { false }
        }
        endpoint.close()
        throw .unreachable(last)
    }
}
