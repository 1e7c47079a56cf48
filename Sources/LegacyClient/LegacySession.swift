// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import Vocabulary

/// A conversation with the local ctdbd for a program that waits for its answers.
///
/// Questions to several nodes go out together and share one deadline. Messages that arrive while
/// the program waits are handed to whoever listens for their srvid.
public final class LegacySession {
    /// So many controls are on their way to a node at once; the others wait their turn.
    public static let window = 512

    /// A control, whom to ask, and how.
    public struct Question<Answer: Sendable>: Sendable {
        /// What is asked.
        public var query: LegacyQuery<Answer>
        /// Who is asked.
        public var node: PNN
        /// How it is to be done.
        public var flags: RequestControl.Flags

        /// Makes a question.
        public init(
            _ query: LegacyQuery<Answer>, of node: PNN, flags: RequestControl.Flags = []
        ) {
            self.query = query
            self.node = node
            self.flags = flags
        }
    }

    /// The local node's number; unknown until the session is open.
    public private(set) var pnn = PNN.unknown

    /// When the conversation ends, whatever goes on in it; nil is never.
    ///
    /// What repeats until it succeeds finds the connection lost then, and ends too.
    public var expiry: Instant?
    /// Why the connection is lost after `expiry`.
    public static let expired = "the time limit has passed"

    /// Ends the conversation as soon as it can be read from; nil when nothing does.
    public var interruption: FileDescriptor? {
        didSet { watchInterruption() }
    }

    /// Why the connection is lost after `interruption`.
    public static let interrupted = "interrupted"

    /// Answers controls whose function another daemon has; nil leaves all of them to ctdbd.
    public var detour: (any ControlDetour)?

    private let loop: EventLoop
    private var connection: LegacyConnection?
    private var lost: String?
    private var lastReqid: UInt32 = 0
    private var waiting: [Reqid: (Result<LegacyPacket.Body, WireError>) -> Void] = [:]
    private var listeners: [SrvID: (PNN, ArraySlice<UInt8>) -> Void] = [:]
    private var interruptionToken: EventLoop.Token?

    /// Connects, and asks for the local node's number.
    ///
    /// - Parameters:
    ///   - socketPath: ctdbd's client socket.
    ///   - limit: how long ctdbd may take to say its number.
    /// - Throws: `.notConnected`, or what GET_PNN gave.
    public init(socketPath: String, within limit: Duration) throws(LegacyFailure) {
        do throws(SystemError) {
            loop = try EventLoop()
            connection = try LegacyConnection(
                path: socketPath, loop: loop,
                received: { [unowned self] in take($0) },
                closed: { [unowned self] in lost = $0 })
        } catch {
            throw LegacyFailure(.notConnected(error))
        }
        pnn = try ask(.pnn, of: .current, within: limit)
    }

    /// Asks one node and waits for its answer.
    ///
    /// - Parameters:
    ///   - query: what to ask.
    ///   - node: who is asked; nil is the local node.
    ///   - flags: how it is to be done.
    ///   - limit: how long to wait.
    /// - Returns: the answer.
    /// - Throws: why there is none.
    public func ask<Answer>(
        _ query: LegacyQuery<Answer>, of node: PNN? = nil, flags: RequestControl.Flags = [],
        within limit: Duration
    ) throws(LegacyFailure) -> Answer {
        let question = Question(query, of: node ?? pnn, flags: flags)
        guard let result = ask([question], within: limit).first else {
            throw LegacyFailure(.unexpected)
        }
        return try result.get()
    }

    /// Asks many nodes the same at once.
    ///
    /// - Returns: for each node, in the order given, its answer or why there is none.
    public func ask<Answer>(
        _ query: LegacyQuery<Answer>, ofEach nodes: [PNN], within limit: Duration
    ) -> [Result<Answer, LegacyFailure>] {
        ask(nodes.map { Question(query, of: $0) }, within: limit)
    }

    /// The questions to one node, in their order.
    private struct Lane {
        var indices: [Int] = []
        var next = 0
        var underWay = 0
    }

    /// Asks many questions at once, under one deadline.
    ///
    /// Each node has a window of its own, so that one that is silent holds up no other.
    ///
    /// - Returns: for each question, in the order given, its answer or why there is none.
    public func ask<Answer>(
        _ questions: [Question<Answer>], within limit: Duration
    ) -> [Result<Answer, LegacyFailure>] {
        var results = [Result<Answer, LegacyFailure>?](repeating: nil, count: questions.count)
        var asked: [Reqid] = []
        var answered = 0
        var lanes: [PNN: Lane] = [:]
        for (index, question) in questions.enumerated() {
            lanes[question.node, default: Lane()].indices.append(index)
        }
        let nodes = Array(lanes.keys)
        let deadline = EventLoop.clock().advanced(by: limit)
        while answered < questions.count {
            for node in nodes {
                while let lane = lanes[node], lane.next < lane.indices.count,
                    lane.underWay < Self.window
                {
                    let index = lane.indices[lane.next]
                    lanes[node]?.next += 1
                    do throws(LegacyFailure) {
                        asked.append(
                            try start(questions[index], until: deadline) {
                                results[index] = $0
                                answered += 1
                                lanes[node]?.underWay -= 1
                            })
                        lanes[node]?.underWay += 1
                    } catch {
                        results[index] = .failure(error)
                        answered += 1
                    }
                }
            }
            guard answered < questions.count else { break }
            let before = answered
            guard wait(until: deadline, { answered > before }) else { break }
        }
        for reqid in asked { waiting[reqid] = nil }
        detour?.rest()
        return results.enumerated().map { index, result in
            if let result { return result }
            let cause = lost.map { LegacyFailure.Cause.noConnection($0) } ?? .timedOut
            return .failure(
                LegacyFailure(
                    cause, opcode: questions[index].query.request.opcode,
                    node: questions[index].node))
        }
    }

    /// Sends a control that nobody answers.
    public func tell(_ request: ControlRequest, at node: PNN) throws(LegacyFailure) {
        let control = try encode(request, flags: .noReply, node: node)
        try send(.requestControl(control), to: node, reqid: Reqid(rawValue: 0))
    }

    /// Sends a message to the clients that are registered for a srvid.
    public func send(
        _ data: [UInt8], to srvid: SrvID, at node: PNN
    ) throws(LegacyFailure) {
        try send(
            .requestMessage(RequestMessage(srvid: srvid, data: data[...])), to: node,
            reqid: Reqid(rawValue: 0))
    }

    /// Runs a function on a record, which may make it move to this node.
    ///
    /// - Returns: ctdbd's answer.
    /// - Throws: `.refused` for a `ReplyError`; `.timedOut`; `.noConnection`.
    public func call(
        _ call: RequestCall, within limit: Duration
    ) throws(LegacyFailure) -> ReplyCall {
        var answer: Result<LegacyPacket.Body, WireError>?
        let reqid = nextReqid()
        waiting[reqid] = { answer = $0 }
        defer { waiting[reqid] = nil }
        try send(.requestCall(call), to: .current, reqid: reqid)
        _ = wait(until: EventLoop.clock().advanced(by: limit)) { answer != nil }
        switch answer {
        case .success(.replyCall(let reply)): return reply
        case .success(.replyError(let error)):
            throw LegacyFailure(
                .refused(
                    status: error.status,
                    reason: String(decoding: error.message.prefix { $0 != 0 }, as: UTF8.self)))
        case nil: throw LegacyFailure(lost.map { .noConnection($0) } ?? .timedOut)
        case .failure(let error): throw LegacyFailure(.unreadable(error))
        case .success: throw LegacyFailure(.unexpected)
        }
    }

    /// Registers for a srvid.
    ///
    /// - Parameters:
    ///   - srvid: what to listen for.
    ///   - limit: how long ctdbd may take.
    ///   - handler: takes the source in the packet and the data; runs while the session waits.
    /// - Throws: why ctdbd did not register it.
    public func listen(
        to srvid: SrvID, within limit: Duration,
        handler: @escaping (PNN, ArraySlice<UInt8>) -> Void
    ) throws(LegacyFailure) {
        listeners[srvid] = handler
        do throws(LegacyFailure) {
            _ = try ask(.command(.registerSrvID(srvid)), within: limit)
        } catch {
            listeners[srvid] = nil
            throw error
        }
    }

    /// Takes a registration back.
    public func stopListening(to srvid: SrvID, within limit: Duration) throws(LegacyFailure) {
        listeners[srvid] = nil
        _ = try ask(.command(.deregisterSrvID(srvid)), within: limit)
    }

    /// Waits, while messages are handed to their listeners.
    ///
    /// - Parameters:
    ///   - limit: how long at most.
    ///   - condition: looked at after everything that happened.
    /// - Returns: whether the condition holds; false after the limit or without a connection.
    @discardableResult
    public func wait(within limit: Duration, until condition: () -> Bool) -> Bool {
        wait(until: EventLoop.clock().advanced(by: limit), condition)
    }

    /// Waits until everything that was sent is on its way.
    ///
    /// - Returns: false when ctdbd did not take it in time, or the connection ended.
    @discardableResult
    public func flush(within limit: Duration) -> Bool {
        wait(within: limit) { connection?.waitingByteCount == 0 }
    }

    /// The process that is the local ctdbd; nil when the kernel does not tell.
    public var peerProcess: Int32? { connection?.peerProcess }

    /// Whether ctdbd has ended the connection, and how.
    public var connectionLoss: String? { lost }

    /// Ends the conversation.
    public func close() {
        detour?.rest()
        connection?.close()
        connection = nil
        lost = lost ?? "the session is closed"
    }

    private func watchInterruption() {
        if let token = interruptionToken { loop.remove(token) }
        interruptionToken = nil
        guard let interruption else { return }
        interruptionToken = try? loop.register(interruption, for: .read) { [unowned self] _ in
            lost = lost ?? Self.interrupted
        }
    }

    private func wait(until deadline: Instant, _ condition: () -> Bool) -> Bool {
        while !condition() {
            let now = EventLoop.clock()
            if let expiry, now >= expiry { lost = lost ?? Self.expired }
            guard lost == nil, now < deadline else { return false }
            do throws(SystemError) {
                try loop.iterate(until: expiry.map { min($0, deadline) } ?? deadline)
            } catch {
                lost = "\(error)"
            }
        }
        return true
    }

    private func start<Answer>(
        _ question: Question<Answer>, until deadline: Instant,
        completion: @escaping (Result<Answer, LegacyFailure>) -> Void
    ) throws(LegacyFailure) -> Reqid {
        let opcode = question.query.request.opcode
        let node = question.node
        let control = try encode(question.query.request, flags: question.flags, node: node)
        let reqid = nextReqid()
        waiting[reqid] = { body in
            completion(Self.read(body, question.query, opcode: opcode, node: node))
        }
        let isTaken =
            detour?.take(
                control, of: node, isLocal: node == pnn || node == .current, until: deadline,
                on: loop
            ) { [weak self] outcome in
                // Nobody waits any more for what is not in the table.
                guard let self, self.waiting[reqid] != nil else { return }
                let failure = self.end(reqid, outcome, control, node)
                guard let failure else { return }
                self.waiting[reqid] = nil
                completion(.failure(LegacyFailure(failure, opcode: opcode, node: node)))
            } ?? false
        guard !isTaken else { return reqid }
        do throws(LegacyFailure) {
            try send(.requestControl(control), to: node, reqid: reqid)
        } catch {
            waiting[reqid] = nil
            throw LegacyFailure(error.cause, opcode: opcode, node: node)
        }
        return reqid
    }

    /// Goes on with what a detour has come to.
    ///
    /// - Returns: why there will be no answer; nil when there is one, or ctdbd will give it.
    private func end(
        _ reqid: Reqid, _ outcome: DetourOutcome, _ control: RequestControl, _ node: PNN
    ) -> LegacyFailure.Cause? {
        switch outcome {
        case .answered(let reply):
            waiting.removeValue(forKey: reqid)?(.success(.replyControl(reply)))
            return nil
        case .failed(let cause): return cause
        case .declined:
            do throws(LegacyFailure) {
                try send(.requestControl(control), to: node, reqid: reqid)
                return nil
            } catch {
                return error.cause
            }
        }
    }

    private static func read<Answer>(
        _ body: Result<LegacyPacket.Body, WireError>, _ query: LegacyQuery<Answer>,
        opcode: ControlOpcode, node: PNN
    ) -> Result<Answer, LegacyFailure> {
        func failure(_ cause: LegacyFailure.Cause) -> Result<Answer, LegacyFailure> {
            .failure(LegacyFailure(cause, opcode: opcode, node: node))
        }
        do throws(WireError) {
            guard case .replyControl(let reply) = try body.get() else {
                return failure(.unexpected)
            }
            let decoded = try ControlReply.decode(from: reply, to: opcode, layout: .native)
            // For some controls a failure is an answer.
            if let answer = query.answer(decoded) { return .success(answer) }
            if case .failed(let status, let reason) = decoded {
                return failure(.refused(status: status, reason: reason))
            }
            return failure(.unexpected)
        } catch {
            return failure(.unreadable(error))
        }
    }

    private func encode(
        _ request: ControlRequest, flags: RequestControl.Flags, node: PNN
    ) throws(LegacyFailure) -> RequestControl {
        do throws(WireError) {
            return try request.encode(layout: .native, flags: flags)
        } catch {
            throw LegacyFailure(.unwritable(error), opcode: request.opcode, node: node)
        }
    }

    private func send(
        _ body: LegacyPacket.Body, to node: PNN, reqid: Reqid
    ) throws(LegacyFailure) {
        guard let connection, lost == nil else {
            throw LegacyFailure(.noConnection(lost ?? "the session is closed"))
        }
        do throws(WireError) {
            let packet = LegacyPacket(destination: node, source: pnn, reqid: reqid, body: body)
            connection.send(try packet.encode(layout: .native))
        } catch {
            throw LegacyFailure(.unwritable(error))
        }
    }

    private func nextReqid() -> Reqid {
        repeat {
            lastReqid &+= 1
        } while lastReqid == 0 || lastReqid == Reqid.invalid.rawValue
            || waiting[Reqid(rawValue: lastReqid)] != nil
        return Reqid(rawValue: lastReqid)
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        do throws(WireError) {
            let packet = try LegacyPacket.decode(bytes, layout: .native)
            if case .requestMessage(let message) = packet.body {
                (listeners[message.srvid] ?? listeners[.all])?(packet.source, message.data)
            } else {
                waiting.removeValue(forKey: packet.reqid)?(.success(packet.body))
            }
        } catch {
            // The length was right, so the stream goes on; whoever asked learns what was wrong.
            var reader = LegacyLayout.native.reader(over: bytes)
            guard let header = try? PacketHeader.decode(from: &reader, layout: .native) else {
                return
            }
            waiting.removeValue(forKey: header.reqid)?(.failure(error))
        }
    }
}
