// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// Sends messages that have no answer, and waits until each is delivered.
public final class OneWayLoad {
    /// What has become of the messages so far.
    public struct Progress: Equatable, Sendable {
        /// The bytes of the messages that were delivered.
        public var deliveredBytes = 0
        /// The messages that were delivered.
        public var delivered = 0
        /// The messages that were not, or not known to be.
        public var failed = 0
        /// Why the last of those was not.
        public var lastFailure = ""
        /// How long it took, once all is settled.
        public var nanoseconds: UInt64 = 0

        /// One line for people.
        public var text: String {
            let rate =
                nanoseconds == 0
                ? 0 : Double(deliveredBytes) / 1_048_576 * 1e9 / Double(nanoseconds)
            let why = lastFailure.isEmpty ? "" : "  \(lastFailure)"
            return "delivered \(delivered) messages \(deliveredBytes) bytes  failed \(failed)  "
                + "\(decimal(Double(nanoseconds) / 1e9, digits: 3)) s  "
                + "\(decimal(rate, digits: 1)) MiB/s\(why)"
        }
    }

    private let session: PeerSession
    private let payload: [UInt8]
    private var messageCount: Int
    private let outstanding: Int
    private var begun = 0
    private var progress = Progress()

    /// Binds a client's socket.
    ///
    /// The endpoint is given `outstanding` messages at a time, whatever its window is.
    public init(
        directory: String, node: PNN, service: Service = .echo, byteCount: Int,
        messageCount: Int, outstanding: Int
    ) throws(BenchError) {
        session = try PeerSession(directory: directory, node: node, service: service)
        payload = [UInt8](repeating: 0xA5, count: byteCount)
        self.messageCount = messageCount
        self.outstanding = outstanding
    }

    /// Sends all of it; after SIGTERM only what is under way.
    ///
    /// - Parameter say: takes the state five times a second.
    /// - Returns: what became of it.
    /// - Throws: `.unreachable` when there is nobody to send to.
    public func run(say: (Progress) -> Void) throws(BenchError) -> Progress {
        let signals = try attempt { () throws(SystemError) in
            try SignalSource([.terminate, .interrupt])
        }
        try attempt { () throws(SystemError) in
            _ = try session.loop.register(signals.descriptor, for: .read) { [unowned self] _ in
                if signals.next() != nil { messageCount = begun }
            }
        }
        try session.reach()
        let start = EventLoop.clock()
        refill()
        while settled < messageCount {
            _ = try session.loop.iterate(milliseconds: 200) { settled == messageCount }
            progress.nanoseconds = EventLoop.clock().nanoseconds - start.nanoseconds
            say(progress)
        }
        session.endpoint.close()
        return progress
    }

    private var settled: Int { progress.delivered + progress.failed }

    private func refill() {
        while begun < messageCount, begun - settled < outstanding {
            begun += 1
            session.endpoint.send(
                to: session.destination, .message, payload: payload[...],
                completion: { [unowned self] completion in
                    if completion == .delivered {
                        progress.delivered += 1
                        progress.deliveredBytes += payload.count
                    } else {
                        progress.failed += 1
                        progress.lastFailure = "\(completion)"
                    }
                    refill()
                })
        }
    }
}
