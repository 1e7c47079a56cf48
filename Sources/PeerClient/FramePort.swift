// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import Sockets

/// One local process that frames are sent to: a socket, and what waits while the process is slow.
///
/// What waits is bounded by the windows of the link whose frames these are.
final class FramePort {
    /// What became of a frame.
    enum Outcome {
        case taken
        /// Nobody receives there.
        case refused
    }

    private let path: String
    private let loop: EventLoop
    private var sender: DatagramSender?
    private var token: EventLoop.Token?
    private var waiting: [[UInt8]] = []
    private var waitingStart = 0
    private let whenRefused: () -> Void

    /// Makes a port; the socket is connected when the first frame is sent.
    init(path: String, loop: EventLoop, whenRefused: @escaping () -> Void) {
        self.path = path
        self.loop = loop
        self.whenRefused = whenRefused
    }

    /// Sends a frame, or keeps it until the process takes it.
    func send(_ frame: Link.Outgoing) -> Outcome {
        guard waitingStart == waiting.count else {
            if !frame.isDispensable { waiting.append(frame.joined) }
            return .taken
        }
        guard let sender = connected() else { return .refused }
        switch sender.send(pieces: frame.pieces) {
        case .sent, .tooLarge, .failed: return .taken
        case .gone:
            close()
            return .refused
        case .full:
            if frame.isDispensable { return .taken }
            waiting.append(frame.joined)
            watch(sender)
            return .taken
        }
    }

    /// Forgets what waits and closes the socket.
    func close() {
        if let token { loop.remove(token) }
        token = nil
        sender = nil
        waiting = []
        waitingStart = 0
    }

    private func connected() -> DatagramSender? {
        if let sender { return sender }
        sender = try? DatagramSender(connectedTo: path)
        return sender
    }

    private func watch(_ sender: DatagramSender) {
        guard token == nil else { return }
        token = try? loop.register(sender.descriptor, for: .write) { [unowned self] _ in drain() }
    }

    private func drain() {
        guard let sender else { return }
        while waitingStart < waiting.count {
            switch sender.send(waiting[waitingStart]) {
            case .sent, .tooLarge, .failed:
                waiting[waitingStart] = []
                waitingStart += 1
            case .full: return
            case .gone:
                close()
                whenRefused()
                return
            }
        }
        waiting = []
        waitingStart = 0
        if let token { loop.remove(token) }
        token = nil
    }
}

extension Link.Outgoing {
    /// The frame in one piece.
    var joined: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { bytes.append(contentsOf: piece) }
        return bytes
    }
}
