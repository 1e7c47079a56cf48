// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

/// A conversation with ctdbd on an event loop: controls with a time limit, messages, and another
/// attempt when the connection ends.
final class LegacyLink {
    /// What is told of the connection and of messages.
    enum Report {
        /// ctdbd answers; this node's number.
        case connected(PNN)
        /// There is no connection, or none any more.
        case lost(String)
        /// A message to a srvid that is listened to.
        case message(SrvID, ArraySlice<UInt8>)
    }

    /// What came of a control: the reply, or why there is none.
    enum Answer {
        case reply(ControlReply)
        case failure(String)
    }

    private struct Waiting {
        var opcode: ControlOpcode
        var deadline: Instant
        var completion: (Answer) -> Void
    }

    private let path: String
    private let loop: EventLoop
    private let report: (Report) -> Void
    private var connection: LegacyConnection?
    private var waiting: [Reqid: Waiting] = [:]
    private var lastReqid: UInt32 = 0
    private var timer: EventLoop.TimerToken?
    private var retry: EventLoop.TimerToken?
    private var listening: [SrvID] = []
    private var pause = firstPause
    /// This node's number, once ctdbd has said it.
    private(set) var pnn: PNN?

    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(1)
    private static let patience = Duration.seconds(5)

    /// Makes one that is not connected.
    init(path: String, loop: EventLoop, report: @escaping (Report) -> Void) {
        self.path = path
        self.loop = loop
        self.report = report
        timer = loop.makeTimer { [unowned self] in expire() }
        retry = loop.makeTimer { [unowned self] in connect() }
    }

    /// Whether ctdbd answers.
    var isConnected: Bool { connection != nil && pnn != nil }

    /// The process that is ctdbd; nil when the kernel does not tell.
    var process: Int32? { connection?.peerProcess }

    /// Connects, and connects again whenever the connection is gone.
    func start(listeningTo srvids: [SrvID]) {
        listening = srvids
        connect()
    }

    /// Ends the connection for good.
    func close() {
        connection?.close()
        connection = nil
        waiting = [:]
        if let timer { loop.removeTimer(timer) }
        if let retry { loop.removeTimer(retry) }
        timer = nil
        retry = nil
    }

    /// Ends the connection, and makes another.
    func reconnect(_ reason: String) {
        guard let old = connection else { return }
        old.close()
        lose(reason)
    }

    /// Listens to one more srvid, now and on every later connection.
    func listen(to srvid: SrvID) {
        guard !listening.contains(srvid) else { return }
        listening.append(srvid)
        if isConnected { register(srvid) }
    }

    /// Asks a node.
    func control(
        _ request: ControlRequest, of node: PNN, within limit: Duration,
        completion: @escaping (Answer) -> Void
    ) {
        guard connection != nil else {
            return loop.atEndOfIteration { completion(.failure("there is no ctdbd")) }
        }
        repeat {
            lastReqid &+= 1
        } while lastReqid == 0 || lastReqid == Reqid.invalid.rawValue
            || waiting[Reqid(rawValue: lastReqid)] != nil
        let reqid = Reqid(rawValue: lastReqid)
        do throws(WireError) {
            let body = try request.encode(layout: .native, flags: [])
            try send(.requestControl(body), to: node, reqid: reqid)
        } catch {
            return loop.atEndOfIteration { completion(.failure("\(error)")) }
        }
        let deadline = EventLoop.clock().advanced(by: limit)
        waiting[reqid] = Waiting(
            opcode: request.opcode, deadline: deadline, completion: completion)
        arm()
    }

    /// Sends a control that nobody answers.
    func tell(_ request: ControlRequest, at node: PNN) {
        guard let body = try? request.encode(layout: .native, flags: .noReply) else { return }
        try? send(.requestControl(body), to: node, reqid: Reqid(rawValue: 0))
    }

    /// Sends a message.
    func send(_ data: [UInt8], to srvid: SrvID, at node: PNN) {
        try? send(
            .requestMessage(RequestMessage(srvid: srvid, data: data[...])), to: node,
            reqid: Reqid(rawValue: 0))
    }

    // MARK: The connection

    private func connect() {
        guard connection == nil, retry != nil else { return }
        do throws(SystemError) {
            connection = try LegacyConnection(path: path, loop: loop) { [unowned self] packet in
                take(packet)
            } closed: { [unowned self] reason in
                lose(reason)
            }
        } catch {
            return lose("\(error)")
        }
        control(.getPNN, of: .current, within: Self.patience) { [unowned self] answer in
            guard case .reply(.pnn(let number)) = answer else {
                connection?.close()
                return lose("ctdbd does not say which node it is")
            }
            pnn = number
            pause = Self.firstPause
            for srvid in listening { register(srvid) }
            report(.connected(number))
        }
    }

    private func register(_ srvid: SrvID) {
        control(.registerSrvID(srvid), of: .current, within: Self.patience) { [weak self] answer in
            if case .failure(let reason) = answer { self?.reconnect(reason) }
        }
    }

    private func lose(_ reason: String) {
        connection = nil
        pnn = nil
        let lost = waiting.values
        waiting = [:]
        if let retry { loop.arm(retry, at: EventLoop.clock().advanced(by: pause)) }
        pause = min(pause * 2, Self.longestPause)
        report(.lost(reason))
        for one in lost { one.completion(.failure(reason)) }
    }

    private func send(
        _ body: LegacyPacket.Body, to node: PNN, reqid: Reqid
    ) throws(WireError) {
        let packet = LegacyPacket(
            destination: node, source: pnn ?? .unknown, reqid: reqid, body: body)
        connection?.send(try packet.encode(layout: .native))
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        do throws(WireError) {
            let packet = try LegacyPacket.decode(bytes, layout: .native)
            switch packet.body {
            case .requestMessage(let message): report(.message(message.srvid, message.data))
            case .replyControl(let body):
                guard let one = waiting.removeValue(forKey: packet.reqid) else { return }
                let reply: ControlReply
                do throws(WireError) {
                    reply = try ControlReply.decode(from: body, to: one.opcode, layout: .native)
                } catch {
                    return one.completion(.failure("\(error)"))
                }
                if case .failed(let status, let reason) = reply {
                    let text = reason.isEmpty ? "" : ": \(reason)"
                    return one.completion(.failure("refused with \(status)\(text)"))
                }
                one.completion(.reply(reply))
            default: break
            }
        } catch {
            // The length was right, so the stream goes on; who asked learns it by the time limit.
        }
    }

    private func expire() {
        let now = EventLoop.clock()
        for (reqid, one) in waiting where one.deadline <= now {
            waiting[reqid] = nil
            one.completion(.failure("no answer in time"))
        }
        arm()
    }

    private func arm() {
        guard let timer, let next = waiting.values.map(\.deadline).min() else { return }
        loop.arm(timer, at: next)
    }
}
