// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Recording
import Sockets

/// Stands for ctdbd: sends everything back that it is sent.
final class EchoDaemon {
    /// Whether it reads; ctdbd does not while it is stopped.
    var isReading = true
    private(set) var connectionCount = 0
    private let listener: StreamListener
    private let loop: EventLoop
    private var connections: [Connection] = []

    private struct Connection {
        var stream: StreamSocket
        var flow = RelayFlow()
        var isOver = false
    }

    init(at path: String, loop: EventLoop) throws {
        listener = try StreamListener(boundTo: path)
        self.loop = loop
        _ = try loop.register(listener.descriptor, for: .read) { [unowned self] _ in accept() }
    }

    private func accept() {
        while case .connection(let stream) = listener.accept() {
            connections.append(Connection(stream: stream))
            connectionCount += 1
        }
    }

    /// Moves what can be moved.
    func turn() {
        var scratch = [UInt8](repeating: 0, count: 10_000)
        for at in connections.indices where !connections[at].isOver {
            if isReading, connections[at].flow.wantsRead {
                switch connections[at].stream.read(into: &scratch) {
                case .bytes(let bytes): connections[at].flow.append(bytes)
                case .wouldBlock: break
                case .closed, .failed: connections[at].flow.end()
                }
            }
            let flow = connections[at].flow
            if flow.wantsWrite,
                case .wrote(let count) = connections[at].stream.write(
                    pieces: flow.waiting, from: flow.offset)
            {
                connections[at].flow.wrote(count)
            }
            if connections[at].flow.isDone {
                connections[at].isOver = true
                connections[at].stream.shutWriting()
            }
        }
    }
}
