// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets

/// A connection to ctdbd's client socket on an event loop: whole packets in, whole packets out.
///
/// What is sent within one turn of the loop leaves with as few system calls as possible. ctdbd ends
/// the connection of a client that does not read; so this one always reads.
public final class LegacyConnection {
    /// So many reads are done before the loop looks at anything else.
    private static let batch = 4
    private static let scratchByteCount = 262_144

    private let loop: EventLoop
    private let socket: StreamSocket
    private var framer: PacketFramer
    private var scratch = [UInt8](repeating: 0, count: scratchByteCount)
    private var token: EventLoop.Token?
    private var waiting: [ArraySlice<UInt8>] = []
    private var waitingStart = 0
    private var offset = 0
    private var isScheduled = false
    private let received: (ArraySlice<UInt8>) -> Void
    private let closed: (String) -> Void

    /// The process that serves the socket; nil when the kernel does not tell.
    public var peerProcess: Int32? {
        guard let credentials = try? socket.peerCredentials(), credentials.pid > 0 else {
            return nil
        }
        return credentials.pid
    }

    /// The bytes that ctdbd has not taken yet.
    public private(set) var waitingByteCount = 0

    /// Connects.
    ///
    /// - Parameters:
    ///   - path: ctdbd's socket.
    ///   - loop: where the connection is watched.
    ///   - packetLimit: a longer packet ends the connection.
    ///   - received: runs for each packet.
    ///   - closed: runs once when the connection has ended by itself, with the reason.
    /// - Throws: why there is no connection.
    public init(
        path: String, loop: EventLoop, packetLimit: Int = LegacyPacket.defaultLimit,
        received: @escaping (ArraySlice<UInt8>) -> Void, closed: @escaping (String) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.received = received
        self.closed = closed
        framer = PacketFramer(layout: .native, maximumLength: packetLimit)
        socket = try StreamSocket(connectedTo: path)
        token = try loop.register(socket.descriptor, for: .read) { [weak self] readiness in
            self?.ready(readiness)
        }
    }

    /// Sends a whole packet at the end of this turn, or as soon as ctdbd takes it.
    public func send(_ packet: [UInt8]) { send(pieces: [packet[...]]) }

    /// Sends a whole packet that lies in pieces.
    public func send(pieces: [ArraySlice<UInt8>]) {
        guard token != nil else { return }
        for piece in pieces where !piece.isEmpty {
            waiting.append(piece)
            waitingByteCount += piece.count
        }
        guard !isScheduled else { return }
        isScheduled = true
        loop.atEndOfIteration { [weak self] in self?.write() }
    }

    /// Closes the connection; what was not sent is lost, and nobody is told.
    public func close() {
        if let token { loop.remove(token) }
        token = nil
        waiting = []
        waitingStart = 0
        waitingByteCount = 0
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { write() }
        if readiness.contains(.readable) || readiness.contains(.closed) { read() }
    }

    private func read() {
        for _ in 0..<Self.batch where token != nil {
            switch socket.read(into: &scratch) {
            case .bytes(let bytes):
                framer.append(bytes)
                guard deliver() else { return }
                if bytes.count < Self.scratchByteCount { return }
            case .wouldBlock: return
            case .closed:
                end("ctdbd closed the connection")
                return
            case .failed(let error):
                end("\(error)")
                return
            }
        }
    }

    /// Hands on every whole packet; false when the stream cannot be read any further.
    private func deliver() -> Bool {
        while token != nil {
            do throws(WireError) {
                guard let packet = try framer.next() else { return true }
                received(packet)
            } catch {
                end("ctdbd sent no packet: \(error)")
                return false
            }
        }
        return false
    }

    private func write() {
        isScheduled = false
        guard let token else { return }
        while waitingStart < waiting.count {
            switch socket.write(pieces: waiting[waitingStart...], from: offset) {
            case .wrote(let count): wrote(count)
            case .wouldBlock:
                try? loop.setInterest([.read, .write], of: token)
                return
            case .closed:
                end("ctdbd closed the connection")
                return
            case .failed(let error):
                end("\(error)")
                return
            }
        }
        waiting.removeAll(keepingCapacity: true)
        waitingStart = 0
        try? loop.setInterest(.read, of: token)
    }

    private func wrote(_ count: Int) {
        waitingByteCount -= count
        var rest = count + offset
        while waitingStart < waiting.count, rest >= waiting[waitingStart].count {
            rest -= waiting[waitingStart].count
            waiting[waitingStart] = []
            waitingStart += 1
        }
        offset = rest
    }

    private func end(_ reason: String) {
        guard token != nil else { return }
        close()
        closed(reason)
    }
}
