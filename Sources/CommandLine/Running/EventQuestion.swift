// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// Questions to the event daemon of this node, which runs event scripts for ctdbd.
final class EventQuestion {
    private static let errnoOfMissing: Int32 = 2
    private static let errnoOfInvalid: Int32 = 22
    private static let errnoOfTimeout: Int32 = 110
    private static let errnoOfCancelled: Int32 = 125
    /// What a script that is not enabled has for a result.
    static let errnoOfDisabled: Int32 = 8

    private let loop: EventLoop
    private let socket: StreamSocket
    private var framer = EventFramer(layout: .native)
    private var scratch = [UInt8](repeating: 0, count: 65_536)
    private var answer: Result<EventReply, Problem>?

    private init(_ path: String) throws(SystemError) {
        loop = try EventLoop()
        socket = try StreamSocket(connectedTo: path)
    }

    /// Asks one thing.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - path: the event daemon's socket.
    ///   - deadline: when the answer must be there.
    ///   - interruption: ends the waiting when it can be read from.
    /// - Returns: its answer.
    /// - Throws: why there is none.
    static func ask(
        _ request: EventRequest, at path: String, until deadline: Instant,
        interruption: FileDescriptor?
    ) throws(Problem) -> EventReply {
        let result: Result<EventReply, Problem>
        do throws(SystemError) {
            result = try EventQuestion(path)
                .ask(request, until: deadline, interruption: interruption)
        } catch {
            throw Problem(
                .notConnected, "connect to the event daemon at \(path)", error.reason,
                advice: error.isForbidden
                    ? "only root may talk to it: use sudo"
                    : "ctdbd starts it: systemctl start ctdb")
        }
        return try result.get()
    }

    private func ask(
        _ request: EventRequest, until deadline: Instant, interruption: FileDescriptor?
    ) throws(SystemError) -> Result<EventReply, Problem> {
        let bytes: [UInt8]
        do throws(WireError) {
            bytes = try EventPacket(reqid: Reqid(rawValue: 1), body: request)
                .encode(layout: .native)
        } catch {
            return .failure(Problem(.usage, "ask the event daemon", "\(error)"))
        }
        var offset = 0
        let token = try loop.register(socket.descriptor, for: [.read, .write]) {
            [unowned self] readiness in
            if readiness.contains(.writable), offset < bytes.count {
                if case .wrote(let count) = socket.write(bytes, from: offset) { offset += count }
            }
            if readiness.contains(.readable) || readiness.contains(.closed) { read() }
        }
        if let interruption {
            _ = try loop.register(interruption, for: .read) { [unowned self] _ in
                answer = .failure(Problem(.failed, "ask the event daemon", "interrupted"))
            }
        }
        var isWatchingWrites = true
        while answer == nil, EventLoop.clock() < deadline {
            try loop.iterate(until: deadline)
            if isWatchingWrites, offset == bytes.count {
                try loop.setInterest(.read, of: token)
                isWatchingWrites = false
            }
        }
        loop.remove(token)
        return answer
            ?? .failure(Problem(.timedOut, "ask the event daemon", "no answer in time"))
    }

    private func read() {
        switch socket.read(into: &scratch) {
        case .bytes(let bytes):
            framer.append(bytes)
            do throws(WireError) {
                guard let packet = try framer.next() else { return }
                answer = .success(
                    try EventPacket<EventReply>.decode(packet, layout: .native).body)
            } catch {
                answer = .failure(
                    Problem(
                        .failed, "ask the event daemon", "the answer cannot be read: \(error)"))
            }
        case .wouldBlock: break
        case .closed:
            answer = .failure(
                Problem(.notConnected, "ask the event daemon", "it closed the connection"))
        case .failed(let error):
            answer = .failure(Problem(.notConnected, "ask the event daemon", "\(error)"))
        }
    }

    /// A result that is not 0, in words.
    static func word(_ result: Int32, component: String) -> String {
        switch result {
        case errnoOfMissing: "there is nothing of that name in \(component)"
        case errnoOfInvalid: "it never ran, there is no such event, or the script is no link"
        case errnoOfTimeout: "a script took too long"
        case errnoOfCancelled: "it was cancelled"
        case errnoOfDisabled: "a script cannot be run"
        default:
            result < 0 ? "a script did not run or end (\(result))" : "a script ended with \(result)"
        }
    }

    /// What became of one script.
    static func word(_ result: Int32) -> String {
        switch result {
        case 0: "ok"
        case -errnoOfTimeout: "timed_out"
        case -errnoOfDisabled: "disabled"
        case ..<0: "cannot_run"
        default: "error"
        }
    }
}
