// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Sockets
import XDR

/// Shows a recorder on this node what a process sends and receives, for as long as the recorder
/// listens.
///
/// What a slow recorder does not take waits, up to a limit; what is beyond it is lost, and the next
/// record says how much that was. The process itself never waits.
public final class TrafficTap {
    /// What waits at most, whatever the recorder asks for.
    public static let bufferLimit = 256 << 20

    private let loop: EventLoop
    private let socket: StreamSocket
    private let limit: Int
    private let ended: () -> Void
    private var token: EventLoop.Token?
    /// What is being written, and how much of it has been.
    private var leaving: [UInt8] = []
    private var offset = 0
    /// What comes behind it.
    private var collected: [UInt8] = []
    private var isScheduled = false
    private var lostRecords: UInt32 = 0
    private var lostBytes: UInt64 = 0
    private var scratch = [UInt8](repeating: 0, count: 16)

    /// Connects to a recorder and says who this is.
    ///
    /// - Parameters:
    ///   - request: where the recorder listens, and how much may wait.
    ///   - directory: the run directory.
    ///   - own: who is shown.
    ///   - loop: where the connection is watched.
    ///   - ended: called once when the recorder has gone away.
    /// - Throws: why there is no connection.
    public init(
        _ request: RecordRequest, in directory: String, own: Address, loop: EventLoop,
        ended: @escaping () -> Void
    ) throws(SystemError) {
        // Who may ask need not be who may connect everywhere.
        guard !request.name.utf8.contains(UInt8(ascii: "/")) else {
            throw SystemError.forbidden("connect", request.name)
        }
        self.loop = loop
        self.ended = ended
        limit = min(Int(request.bufferBytes), Self.bufferLimit)
        socket = try StreamSocket(connectedTo: "\(directory)/\(request.name)")
        token = try loop.register(socket.descriptor, for: .read) { [weak self] readiness in
            self?.ready(readiness)
        }
        record(.recordSelf, own, [own.encoded()[...]])
    }

    /// Shows something.
    ///
    /// - Parameters:
    ///   - kind: what it is.
    ///   - peer: who is at the other end; only the service and the instance are told.
    ///   - pieces: its bytes; they follow each other without a gap.
    public func record(_ kind: RecordKind, _ peer: Address?, _ pieces: [ArraySlice<UInt8>]) {
        guard token != nil else { return }
        let count = pieces.reduce(0) { $0 + $1.count }
        let waiting = leaving.count - offset + collected.count
        guard waiting + RecordFront.byteCount + count <= limit else {
            lostRecords = lostRecords == .max ? .max : lostRecords + 1
            lostBytes &+= UInt64(count)
            return
        }
        let front = RecordFront(
            magic: PeerProtocol.recordMagic, kind: kind, length: UInt32(clamping: count),
            peerService: peer?.service ?? .nobody, peerInstance: peer?.instance ?? Self.nobody,
            timeNanoseconds: ProcessEnvironment.wallClockNanoseconds(), lostRecords: lostRecords,
            lostBytes: lostBytes)
        collected += front.encoded()
        for piece in pieces { collected += piece }
        lostRecords = 0
        lostBytes = 0
        guard !isScheduled else { return }
        isScheduled = true
        loop.atEndOfIteration { [weak self] in self?.write() }
    }

    /// Ends the connection; nobody is told.
    public func close() {
        if let token { loop.remove(token) }
        token = nil
        leaving = []
        collected = []
    }

    private static let nobody = Instance(rawValue: 0)

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { write() }
        guard token != nil, readiness.contains(.readable) || readiness.contains(.closed) else {
            return
        }
        // A recorder says nothing; it only goes away.
        switch socket.read(into: &scratch) {
        case .bytes, .wouldBlock: break
        case .closed, .failed: end()
        }
    }

    private func write() {
        isScheduled = false
        guard let token else { return }
        while offset < leaving.count || !collected.isEmpty {
            if offset == leaving.count {
                leaving.removeAll(keepingCapacity: leaving.count < 1 << 20)
                swap(&leaving, &collected)
                offset = 0
            }
            switch socket.write(leaving, from: offset) {
            case .wrote(let count): offset += count
            case .wouldBlock:
                try? loop.setInterest([.read, .write], of: token)
                return
            case .closed, .failed:
                end()
                return
            }
        }
        leaving.removeAll(keepingCapacity: leaving.count < 1 << 20)
        offset = 0
        try? loop.setInterest(.read, of: token)
    }

    private func end() {
        guard token != nil else { return }
        close()
        ended()
    }
}
