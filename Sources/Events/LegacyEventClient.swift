// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import Vocabulary

/// A client of whoever serves the legacy event daemon's socket, on an event loop.
///
/// It connects when it is asked something, and closes when the other end does. Any number of
/// questions may be under way.
///
/// The legacy event daemon of 4.17 can crash when a client goes while an answer to it is being
/// written, and ctdbd ends with it. Therefore another process holds the connection open for a
/// while: however this one ends, the answers have somewhere to go.
final class LegacyEventClient {
    /// Why there is no answer.
    struct Failure: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    typealias Answer = Result<EventReply, Failure>

    private let path: String
    private let loop: EventLoop
    private var socket: StreamSocket?
    private var token: EventLoop.Token?
    private var framer = EventFramer(layout: .native)
    private var outgoing: [[UInt8]] = []
    private var writtenCount = 0
    private var waiting: [Reqid: (Answer) -> Void] = [:]
    private var lastReqid: UInt32 = 0
    private var scratch = [UInt8](repeating: 0, count: 16_384)
    private var holder: ChildProcess?

    private static let holdProgram = "/bin/sleep"
    private static let holdSeconds = "5"

    init(path: String, loop: EventLoop) {
        self.path = path
        self.loop = loop
    }

    deinit { close() }

    /// Who made the socket that was connected to; nil without a connection.
    var peer: Credentials? { try? socket?.peerCredentials() }

    /// Asks one thing; the answer comes later, or at once when there is no connection to be had.
    func ask(_ request: EventRequest, _ answer: @escaping (Answer) -> Void) {
        do throws(SystemError) {
            try connect()
        } catch {
            return answer(.failure(Failure(description: "\(error)")))
        }
        lastReqid = lastReqid == .max - 1 ? 1 : lastReqid + 1
        let reqid = Reqid(rawValue: lastReqid)
        do throws(WireError) {
            outgoing.append(
                try EventPacket(reqid: reqid, body: request).encode(layout: .native))
        } catch {
            return answer(.failure(Failure(description: "\(error)")))
        }
        waiting[reqid] = answer
        flush()
    }

    /// Ends the connection when everything is answered, for who asks again only later.
    func rest() { if waiting.isEmpty { close() } }

    /// Ends the connection; whoever waits for an answer gets none.
    func close(_ reason: String = "the connection was closed") {
        if let token { loop.remove(token) }
        token = nil
        socket = nil
        if waiting.isEmpty { holder?.killGroup() }
        if let holder { ChildProcess.reapLater(holder, on: loop) }
        holder = nil
        framer = EventFramer(layout: .native)
        outgoing.removeAll()
        writtenCount = 0
        let all = waiting.values
        waiting.removeAll()
        for one in all { one(.failure(Failure(description: reason))) }
    }

    private func connect() throws(SystemError) {
        guard socket == nil else { return }
        let made = try StreamSocket(connectedTo: path)
        do throws(ChildProcess.StartError) {
            holder = try ChildProcess(
                starting: Array(Self.holdProgram.utf8),
                arguments: ["sleep", Self.holdSeconds].map { Array($0.utf8) },
                in: ChildProcess.Surroundings(input: made.descriptor))
        } catch {
            throw SystemError(
                call: "start", path: Self.holdProgram, errno: error.errno,
                advice: "nothing is asked without it")
        }
        token = try loop.register(made.descriptor, for: .read) { [unowned self] readiness in
            if readiness.contains(.writable) { flush() }
            if readiness.contains(.readable) || readiness.contains(.closed) { read() }
        }
        socket = made
    }

    private func flush() {
        guard let socket, let token else { return }
        while let first = outgoing.first {
            guard case .wrote(let count) = socket.write(first, from: writtenCount) else { break }
            writtenCount += count
            guard writtenCount >= first.count else { break }
            outgoing.removeFirst()
            writtenCount = 0
        }
        try? loop.setInterest(outgoing.isEmpty ? .read : [.read, .write], of: token)
    }

    private func read() {
        guard let socket else { return }
        switch socket.read(into: &scratch) {
        case .wouldBlock: return
        case .closed: return close("the event daemon closed the connection")
        case .failed(let error): return close("\(error)")
        case .bytes(let bytes): framer.append(bytes)
        }
        do throws(WireError) {
            while let packet = try framer.next() {
                let reply = try EventPacket<EventReply>.decode(packet, layout: .native)
                waiting.removeValue(forKey: reply.reqid)?(.success(reply.body))
            }
        } catch {
            close("the event daemon's answer cannot be read: \(error)")
        }
    }
}
