// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

/// Plays a script to a daemon: says what its clients said, when it is time, and keeps what comes
/// back.
///
/// It performs no input or output.
///
/// | lane is at | goes on when |
/// |---|---|
/// | something to send | its client is connected, and its time has come |
/// | an answer | it has come, its time is over, or the client's connection has ended |
/// | a message that a client of the script caused | the same, with less patience |
/// | another message | at once |
///
/// Invariants: what a client sends leaves in the order of the script; with one lane, nothing is
/// sent before every answer has come that came before it in the script; what was sent at a time
/// when other answers were outstanding is sent while they are; a question has a reqid of its own.
public struct ReplayMachine: Equatable, Sendable {
    /// Something that happens to it.
    public enum Event: Equatable, Sendable {
        /// Begin.
        case started
        /// The connection of a client is there.
        case connected(Int)
        /// The daemon has sent a client a packet.
        case received(Int, ArraySlice<UInt8>)
        /// The connection of a client could not be made, or has ended.
        case closed(Int, reason: String)
        /// The time that was asked for has come.
        case wake
    }

    /// Something that the shell does.
    public enum Effect: Equatable, Sendable {
        /// Connect a client, and answer with `connected` or `closed`.
        case connect(Int)
        /// Send a client's packet.
        case send(Int, [UInt8])
        /// End a client's connection; no event follows.
        case close(Int)
        /// Send a `wake` event then.
        case wake(at: Instant)
        /// Everything was played.
        case finished
    }

    /// How fast it goes.
    public enum Pace: Equatable, Sendable {
        /// So many times as fast as it was.
        case times(Double)
        /// As fast as the daemon answers.
        case asAnswered
    }

    /// What waits for what.
    public enum Order: Sendable {
        /// What is sent waits for all answers that came before it.
        case whole
        /// What is sent waits for the answers that its own client had.
        case client
    }

    /// How it is played.
    public struct Settings: Equatable, Sendable {
        /// How fast.
        public var pace = Pace.asAnswered
        /// What waits for what.
        public var order = Order.whole
        /// For how long an answer is waited for, beyond the time that it took in the capture.
        public var patienceMilliseconds: UInt64 = 10_000
        /// For how long a message is waited for that a client of the script caused.
        public var messagePatienceMilliseconds: UInt64 = 2_000

        /// The usual ones.
        public init() {}
    }

    /// The script.
    public let script: ReplayScript
    private var bindings: ReplayBindings
    let settings: Settings
    /// The steps that are left out.
    let skipped: Set<Int>
    /// What became of it so far.
    public internal(set) var result: ReplayResult
    private var lanes: [Lane]
    private var clients: [ClientState]
    private var outstanding: [Question: Int] = [:]
    /// The last message of the script that has come, by what caused it; those before it come no
    /// more.
    private var lastMessage: [Int: Int] = [:]
    private var lastReqid: UInt32 = 0
    private var began = Instant(nanoseconds: 0)
    private var isFinished = false

    /// The steps that wait for each other, and the one that is next.
    private struct Lane: Equatable {
        var steps: [Int]
        var next = 0
        /// Since when it is at that step.
        var since: Instant?
    }

    private enum Connection: Equatable {
        case none
        case opening
        case open
        case over(String)
    }

    private struct ClientState: Equatable {
        var connection = Connection.none
        /// The steps of the client that have not been passed.
        var left: Int
        /// Messages of the script that have not come yet.
        var expected: [Int] = []
    }

    private struct Question: Hashable {
        var client: Int
        var reqid: UInt32
    }

    /// Makes a machine.
    ///
    /// - Parameters:
    ///   - script: what is played.
    ///   - bindings: what stands for what.
    ///   - skipped: places of steps that are left out; answers to them are left out, too.
    ///   - settings: how it is played.
    public init(
        _ script: ReplayScript, _ bindings: ReplayBindings, skipping skipped: Set<Int> = [],
        settings: Settings = Settings()
    ) {
        self.script = script
        self.bindings = bindings
        self.settings = settings
        var skipped = skipped
        clients = script.clients.map { _ in ClientState(left: 0) }
        for (index, step) in script.steps.enumerated() {
            if case .answer(let question) = step.action, skipped.contains(question) {
                skipped.insert(index)
            }
            if case .message(let cause?) = step.action, skipped.contains(cause) {
                skipped.insert(index)
            }
            guard !skipped.contains(index) else { continue }
            clients[step.client].left += 1
            if case .message(.some) = step.action { clients[step.client].expected.append(index) }
        }
        self.skipped = skipped
        let played = script.steps.indices.filter { !skipped.contains($0) }
        switch settings.order {
        case .whole: lanes = [Lane(steps: played)]
        case .client:
            lanes = script.clients.indices.map { client in
                Lane(steps: played.filter { script.steps[$0].client == client })
            }
        }
        result = ReplayResult(skipped: skipped)
    }

    /// Takes an event; the effects are to be carried out in order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        switch event {
        case .started:
            began = now
            result.began = now
        case .connected(let client): clients[client].connection = .open
        case .received(let client, let bytes): receive(client, bytes, at: now)
        case .closed(let client, let reason): end(client, reason)
        case .wake: break
        }
        advance(at: now, &effects)
        return effects
    }

    // MARK: What comes

    private mutating func receive(_ client: Int, _ bytes: ArraySlice<UInt8>, at now: Instant) {
        let packet: LegacyPacket
        do throws(WireError) {
            packet = try LegacyPacket.decode(bytes, layout: .native)
        } catch {
            result.unreadable += 1
            return
        }
        switch packet.body {
        case .requestMessage(let message): take(message, bytes, client)
        default:
            let question = Question(client: client, reqid: packet.reqid.rawValue)
            guard let asked = outstanding.removeValue(forKey: question) else {
                result.unasked += 1
                return
            }
            let began = result.sent[asked] ?? now
            result.answers[asked] = ReplayResult.Answer(
                bytes: Array(bytes), nanoseconds: now.nanoseconds - began.nanoseconds)
        }
    }

    /// Finds the message of the script that one is.
    private mutating func take(
        _ message: RequestMessage, _ bytes: ArraySlice<UInt8>, _ client: Int
    ) {
        let places = clients[client].expected.indices.filter { place in
            srvid(clients[client].expected[place]) == message.srvid
        }
        let same = places.first { data(clients[client].expected[$0]) == message.data }
        guard let place = same ?? places.first else {
            result.otherMessages[message.srvid, default: 0] += 1
            return
        }
        let step = clients[client].expected.remove(at: place)
        result.messages[step] = Array(bytes)
        if case .message(let cause?) = script.steps[step].action {
            lastMessage[cause] = max(lastMessage[cause] ?? 0, step)
        }
    }

    private func srvid(_ step: Int) -> SrvID? {
        guard case .requestMessage(let message) = script.steps[step].sighting.packet.body else {
            return nil
        }
        return message.srvid
    }

    private func data(_ step: Int) -> ArraySlice<UInt8>? {
        guard case .requestMessage(let message) = script.steps[step].sighting.packet.body else {
            return nil
        }
        return message.data
    }

    private mutating func end(_ client: Int, _ reason: String) {
        clients[client].connection = .over(reason)
        for (question, step) in outstanding where question.client == client {
            outstanding[question] = nil
            result.missing[step] = reason
        }
    }

    // MARK: What goes

    private mutating func advance(at now: Instant, _ effects: inout [Effect]) {
        var wake: Instant?
        for lane in lanes.indices { advance(lane, at: now, &wake, &effects) }
        guard !isFinished else { return }
        if lanes.allSatisfy({ $0.next == $0.steps.count }) {
            isFinished = true
            result.ended = now
            effects.append(.finished)
        } else if let wake {
            effects.append(.wake(at: wake))
        }
    }

    private mutating func advance(
        _ lane: Int, at now: Instant, _ wake: inout Instant?, _ effects: inout [Effect]
    ) {
        while lanes[lane].next < lanes[lane].steps.count {
            let index = lanes[lane].steps[lanes[lane].next]
            let since = lanes[lane].since ?? now
            lanes[lane].since = since
            switch turn(index, since: since, at: now, &effects) {
            case .passed:
                lanes[lane].next += 1
                lanes[lane].since = nil
                pass(script.steps[index].client, &effects)
            case .waits(let instant):
                if let instant { wake = wake.map { min($0, instant) } ?? instant }
                return
            }
        }
    }

    private enum Turn {
        case passed
        /// For an event, or until then.
        case waits(until: Instant?)
    }

    private mutating func turn(
        _ index: Int, since: Instant, at now: Instant, _ effects: inout [Effect]
    ) -> Turn {
        switch script.steps[index].action {
        case .send: return send(index, at: now, &effects)
        case .answer(let question):
            if result.answers[question] != nil || result.missing[question] != nil {
                return .passed
            }
            let limit = deadline(of: question, answer: index)
            guard limit <= now else { return .waits(until: limit) }
            result.missing[question] = "no answer in time"
            outstanding = outstanding.filter { $0.value != question }
            return .passed
        case .message(nil): return .passed
        case .message(let cause?):
            if lastMessage[cause] ?? -1 >= index { return .passed }
            if case .over = clients[script.steps[index].client].connection { return .passed }
            let limit = since.advanced(byMilliseconds: settings.messagePatienceMilliseconds)
            return limit <= now ? .passed : .waits(until: limit)
        }
    }

    /// When an answer is not waited for any more.
    private func deadline(of question: Int, answer: Int) -> Instant {
        let taken = script.steps[answer].offset - script.steps[question].offset
        let sent = result.sent[question] ?? began
        return sent.advanced(byMilliseconds: settings.patienceMilliseconds)
            .advanced(by: .nanoseconds(taken))
    }

    private mutating func send(
        _ index: Int, at now: Instant, _ effects: inout [Effect]
    ) -> Turn {
        let step = script.steps[index]
        switch clients[step.client].connection {
        case .none:
            clients[step.client].connection = .opening
            effects.append(.connect(step.client))
            return .waits(until: nil)
        case .opening: return .waits(until: nil)
        case .over(let reason):
            result.missing[index] = reason
            return .passed
        case .open: break
        }
        if case .times(let factor) = settings.pace {
            let due = began.advanced(by: .nanoseconds(Self.scaled(step.offset, by: factor)))
            guard due <= now else { return .waits(until: due) }
        }
        let reqid = nextReqid()
        do throws(WireError) {
            let bytes = try bindings.bind(step.sighting, reqid: Reqid(rawValue: reqid))
            effects.append(.send(step.client, bytes))
        } catch {
            result.missing[index] = "\(error)"
            return .passed
        }
        result.sent[index] = now
        if case .send(.some) = step.action {
            outstanding[Question(client: step.client, reqid: reqid)] = index
        }
        return .passed
    }

    /// Nanoseconds at another speed; any factor gives a number.
    private static func scaled(_ offset: Int64, by factor: Double) -> Int64 {
        guard factor > 0 else { return 0 }
        return Int64(exactly: (Double(offset) / factor).rounded()) ?? .max
    }

    private mutating func nextReqid() -> UInt32 {
        repeat {
            lastReqid &+= 1
        } while lastReqid == 0 || lastReqid == Reqid.invalid.rawValue
        return lastReqid
    }

    /// A step of a client is over; the last one ends its connection.
    private mutating func pass(_ client: Int, _ effects: inout [Effect]) {
        clients[client].left -= 1
        guard clients[client].left == 0, clients[client].connection == .open else { return }
        clients[client].connection = .over("the script is over")
        effects.append(.close(client))
    }
}
