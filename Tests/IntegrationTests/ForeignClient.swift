// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

/// A client of ctdbd that is no proxy.
enum ForeignClient {
    private static let patience: UInt64 = 10_000

    /// Listens to the tunnel until so many frames have passed.
    static func frames(passing socket: String, count: Int) throws -> [[UInt8]] {
        let loop = try EventLoop()
        var frames: [[UInt8]] = []
        let connection = try LegacyConnection(path: socket, loop: loop) { bytes in
            guard let packet = try? LegacyPacket.decode(bytes, layout: .native),
                case .requestMessage(let message) = packet.body
            else { return }
            frames.append(Array(message.data))
        } closed: { _ in
        }
        let control = try ControlRequest.registerSrvID(.tunnelNewProtocol)
            .encode(layout: .native)
        let request = LegacyPacket(
            generation: .invalid, destination: .current, source: .unknown,
            reqid: Reqid(rawValue: 1), body: .requestControl(control))
        connection.send(try request.encode(layout: .native))
        let limit = loop.now.advanced(byMilliseconds: patience)
        while frames.count < count {
            guard try loop.iterate(until: limit), EventLoop.clock() < limit else {
                throw Trouble("only \(frames.count) frames have passed")
            }
        }
        connection.close()
        return frames
    }

    /// Sends messages to the tunnel of a node.
    static func send(
        _ messages: [[UInt8]], to node: PNN, through socket: String
    ) throws {
        let loop = try EventLoop()
        var failure: String?
        let connection = try LegacyConnection(path: socket, loop: loop) { _ in
        } closed: {
            failure = $0
        }
        for message in messages {
            connection.send(
                try RequestMessage.encodePacket(
                    srvid: .tunnelNewProtocol, data: [message[...]], destination: node))
        }
        let limit = loop.now.advanced(byMilliseconds: patience)
        _ = try loop.iterate(until: loop.now)
        while connection.waitingByteCount > 0, failure == nil {
            guard try loop.iterate(until: limit), EventLoop.clock() < limit else {
                throw Trouble("ctdbd does not take the messages")
            }
        }
        connection.close()
        if let failure { throw Trouble("ctdbd refused the messages: \(failure)") }
    }
}
