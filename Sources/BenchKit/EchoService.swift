// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets

/// A daemon that answers each request with its payload, and counts messages.
public final class EchoService {
    private let loop: EventLoop
    private let endpoint: PeerEndpoint
    private let signals: SignalSource
    private var messageCount: UInt64 = 0
    private var byteCount: UInt64 = 0

    /// Binds the service's socket.
    ///
    /// - Throws: what stands in the way.
    public init(directory: String, service: Service) throws(BenchError) {
        do throws(SystemError) {
            loop = try EventLoop()
            signals = try SignalSource([.terminate, .interrupt, .user1])
            endpoint = try PeerEndpoint(
                directory: directory, service: service,
                instance: try PeerEndpoint.newInstance(), loop: loop)
        } catch {
            throw .system(error)
        }
    }

    /// Serves until it is told to stop; says its counts on SIGUSR1 and at the end.
    public func run(say: @escaping (String) -> Void) throws(BenchError) {
        endpoint.received = { [unowned self] inbound in
            if let handle = inbound.handle {
                endpoint.answer(handle, .reply(inbound.payload))
            } else {
                messageCount += 1
                byteCount += UInt64(inbound.payload.count)
            }
        }
        do throws(SystemError) {
            _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
                while let signal = signals.next() {
                    say("messages \(messageCount) bytes \(byteCount)")
                    if signal != .user1 { loop.stop() }
                }
            }
            try loop.run()
        } catch {
            throw .system(error)
        }
        endpoint.close()
    }
}
