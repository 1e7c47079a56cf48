// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import MessagingCore
import PeerWire
import Sockets
import Vocabulary

/// A proxy of another release: it greets as that release would, and does nothing else.
final class FakeProxy {
    private let session: LegacySession
    private let node: PNN
    private var link: Link

    /// The state of its hop to the real proxy.
    var state: Link.State { link.state }
    /// The version that both speak.
    var version: UInt32? { link.commonVersion }

    /// Attaches to the ctdbd of a node in place of its proxy.
    ///
    /// - Parameters:
    ///   - socket: ctdbd's socket.
    ///   - node: the node whose proxy is greeted.
    ///   - settings: the versions that it speaks.
    /// - Throws: what ctdbd refused.
    init(socket: String, greeting node: PNN, settings: LinkSettings) throws {
        session = try LegacySession(socketPath: socket, within: patience)
        self.node = node
        link = Link(
            own: Address(node: session.pnn, service: .proxy, instance: Instance(rawValue: 4_711)),
            peer: Address(node: node, service: .proxy, instance: Instance(rawValue: 0)),
            settings: settings, seed: 1)
        try session.listen(to: .tunnelNewProtocol, within: patience) { [unowned self] _, data in
            guard let frame = try? Frame.decode(data), frame.header.sender.node == self.node else {
                return
            }
            _ = link.receive(frame, at: EventLoop.clock())
        }
        link.resume(at: EventLoop.clock())
    }

    /// Talks until something has happened.
    func talk(until condition: () -> Bool) throws -> Bool {
        let end = EventLoop.clock().advanced(by: patience)
        while !condition() {
            guard EventLoop.clock() < end else { return false }
            var failures: [Outcome] = []
            for frame in link.flush(at: EventLoop.clock(), failures: &failures) {
                try session.send(
                    Array(frame.pieces.joined()), to: .tunnelNewProtocol, at: node)
            }
            session.wait(within: .milliseconds(20)) { false }
        }
        return true
    }

    /// Leaves.
    func close() { session.close() }
}
