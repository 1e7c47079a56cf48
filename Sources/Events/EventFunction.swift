// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// The function `event` of a node, beside ctdbd: who runs its events now, and how that changes.
///
/// Components of their own daemons are run here in every mode; `legacy`, which is ctdbd's, by the
/// event daemon that ctdbd has started, or here over its sockets.
public final class EventFunction {
    /// What is done with ctdbd's events.
    public enum Mode: Hashable, Sendable {
        /// Nothing.
        case legacy
        /// What the legacy event daemon did is compared with what would be done here.
        case shadow
        /// They are run here, unless ctdbd has started this very program itself.
        case native
    }

    /// What comes of a change of the mode, and what happens afterwards.
    public enum News: Equatable, Sendable {
        /// The mode is in effect.
        case entered(Mode)
        /// It is not, for now.
        case failed(Mode, reason: String)
        /// What was native is so no more.
        case dropped(reason: String)
        /// In shadow, something was compared.
        case compared(event: EventText, [EventRecord.Difference], EventRecord)
        /// The node was looked at, by whoever runs ctdbd's events: how the event monitor went.
        case monitored(EventStatus)
        /// An event of ctdbd was run here; how long it took beyond its scripts' time.
        case ran(Outcome, overhead: Duration)
    }

    /// How an event turned out that was run here, whatever its scripts came to.
    public enum Outcome: Hashable, Sendable {
        /// As it should.
        case good
        /// Something else was run than there is to run.
        case mismatch
        /// There was no process for a script.
        case error
    }

    /// ctdbd's component.
    public static let ctdbd: EventText = "legacy"
    private static let monitor: EventText = "monitor"

    private let paths: EventPaths
    private let loop: EventLoop
    private let log: LegacyLog
    private let report: (News) -> Void
    private var engine: EventEngine?
    private var borrower: Borrower?
    private let relay: LegacyEventClient
    private let shadow: ShadowWatch
    private var peers: [EventCore.Asker: (EventReply) -> Void] = [:]
    private var peerCount: UInt64 = 0
    /// The mode that was asked for last, and whether it is in effect.
    private var mode = Mode.legacy
    private var isPending = false
    private var status = Borrowing.Status.legacy

    /// The numbers of askers that are no clients of the socket.
    private static let firstPeer: UInt64 = 1 << 63

    /// Makes a function that does nothing.
    ///
    /// - Parameters:
    ///   - configuration: the settings.
    ///   - paths: where files are.
    ///   - log: where lines go.
    ///   - loop: where everything happens; its thread freezes the legacy event daemon, and has to
    ///     live for as long as that is to last.
    ///   - legacySocket: ctdbd's client socket.
    ///   - reload: reads the configuration again, and applies it.
    ///   - report: takes what comes of it.
    public init(
        _ configuration: EventConfiguration, paths: EventPaths, log: LegacyLog, loop: EventLoop,
        legacySocket: String, reload: @escaping () -> Void, report: @escaping (News) -> Void
    ) {
        self.paths = paths
        self.loop = loop
        self.log = log
        self.report = report
        relay = LegacyEventClient(path: paths.socket, loop: loop)
        shadow = ShadowWatch(
            Self.ctdbd, paths: paths, loop: loop, outputLimit: configuration.outputLimit,
            legacySocket: legacySocket,
            hear: { event, status in if event == Self.monitor { report(.monitored(status)) } },
            report: { event, differences, record in
                report(.compared(event: event, differences, record))
            })
        let engine = EventEngine(configuration, paths: paths, log: log, loop: loop) {
            [unowned self] asker, reply in answer(asker, reply)
        }
        engine.surroundings = ChildProcess.Surroundings(endsWithParent: true)
        engine.noted = { [unowned self] note in noted(note) }
        self.engine = engine
        borrower = Borrower(
            engine, paths: paths, loop: loop, log: log,
            callbacks: Borrower.Callbacks(
                take: { [unowned engine] asker, request in engine.ask(asker, request) },
                changed: { [unowned self] status in changed(status) },
                reopenLog: { [log] in try? log.reopen() }, reload: reload))
    }

    /// Who answers ctdbd.
    public var answering: Borrowing.Status { status }

    /// Whether the legacy event daemon goes on at once when this process ends.
    public var isLegacyReady: Bool {
        guard borrower?.isServing != true else { return true }
        if case .own = borrower?.find() { return false }
        return true
    }

    /// Whether somebody is kept from running for this process.
    var isHolding: Bool { borrower?.isHolding == true }

    /// Begins to hear how ctdbd's events go.
    public func start() { listen() }

    /// Goes over to a mode; the answer is reported, now or later.
    public func enter(_ mode: Mode) {
        self.mode = mode
        isPending = true
        listen()
        borrower?.want(mode == .native)
        settle()
    }

    /// Goes by other settings.
    public func apply(_ configuration: EventConfiguration) {
        shadow.outputLimit = configuration.outputLimit
        engine?.apply(configuration)
    }

    /// Lets the legacy event daemon go on, and ends all scripts.
    public func close() {
        borrower?.close()
        shadow.stop()
        relay.close()
        engine?.close()
    }

    // MARK: Requests from elsewhere than the socket

    /// Asks for something; what is ctdbd's is asked of whoever runs its events now.
    public func ask(_ request: EventRequest, _ answer: @escaping (EventReply) -> Void) {
        guard request.component == Self.ctdbd, borrower?.isServing != true else {
            engine?.ask(peer(answer), request)
            return
        }
        relay.ask(request) { [weak self] reply in
            switch reply {
            case .success(let reply): answer(reply)
            case .failure: answer(request.failed(EventErrno.notConnected))
            }
            self?.loop.atEndOfIteration { self?.relay.rest() }
        }
    }

    /// Orders a run of an event; one of ctdbd's is ordered of whoever runs its events now.
    public func order(
        _ order: EventCore.Order, in component: EventText,
        _ answer: @escaping (EventReply) -> Void
    ) {
        guard component == Self.ctdbd, borrower?.isServing != true else {
            engine?.order(order, in: component, for: peer(answer))
            return
        }
        // The legacy daemon takes the words apart at spaces, and knows no empty ones.
        guard order.words.allSatisfy({ !$0.bytes.isEmpty && !$0.bytes.contains(0x20) }) else {
            return answer(.run(result: EventErrno.invalid))
        }
        let words = Array(order.words.map(\.bytes).joined(separator: [0x20]))
        let request = EventRunRequest(
            componentBytes: component.bytes, eventBytes: order.event.bytes,
            argumentsBytes: words.isEmpty ? nil : words,
            timeoutSeconds: UInt32(clamping: order.timeout.components.seconds),
            flags: order.isTolerant ? EventRunRequest.runAll : 0)
        ask(.run(request), answer)
    }

    private func peer(_ answer: @escaping (EventReply) -> Void) -> EventCore.Asker {
        peerCount &+= 1
        let asker = EventCore.Asker(
            client: Self.firstPeer | peerCount, reqid: Reqid(rawValue: 0))
        peers[asker] = answer
        return asker
    }

    private func answer(_ asker: EventCore.Asker, _ reply: EventReply) {
        guard asker.client & Self.firstPeer == 0 else {
            peers.removeValue(forKey: asker)?(reply)
            return
        }
        borrower?.reply(asker, reply)
    }

    // MARK: Changes

    private func changed(_ status: Borrowing.Status) {
        let before = self.status
        self.status = status
        say(status, before)
        // What the change leads to must find everything in its place.
        loop.atEndOfIteration { [weak self] in self?.follow(before) }
    }

    private func follow(_ before: Borrowing.Status) {
        if case .waiting(let obstacle) = status, mode == .native, !isPending {
            switch before {
            case .borrowed, .returning, .own:
                borrower?.want(false)
                report(.dropped(reason: obstacle.description))
                return
            case .legacy, .waiting: break
            }
        }
        settle()
    }

    /// Reports what has come of the mode that is asked for.
    private func settle() {
        defer { listen() }
        guard isPending else { return }
        switch (mode, status) {
        case (.native, .borrowed), (.native, .own), (.legacy, .legacy), (.shadow, .legacy):
            isPending = false
            report(.entered(mode))
        case (.native, .waiting(let obstacle)):
            isPending = false
            borrower?.want(false)
            report(.failed(mode, reason: obstacle.description))
        case (.native, .legacy), (.native, .returning), (.legacy, _), (.shadow, _): break
        }
    }

    /// Hears how events go while somebody else runs them.
    private func listen() {
        switch (status, mode) {
        case (.own, _): shadow.start(isComparing: false)
        case (.legacy, .legacy): shadow.start(isComparing: false)
        case (.legacy, .native) where !isPending: shadow.start(isComparing: false)
        case (.legacy, .shadow): shadow.start(isComparing: true)
        default: shadow.stop()
        }
    }

    private func say(_ status: Borrowing.Status, _ before: Borrowing.Status) {
        switch status {
        case .borrowed(let lender):
            if case .returning = before { return }
            log.write(
                .notice, "events are run here: event daemon \(lender.pid) of ctdbd is frozen")
        case .returning: log.write(.info, "waiting for what runs, to give events back")
        case .own(let pid): log.write(.notice, "ctdbd has started process \(pid) to run events")
        case .waiting(let obstacle): log.write(.notice, "events are not run here: \(obstacle)")
        case .legacy:
            switch before {
            case .borrowed, .returning:
                log.write(.notice, "events are given back to the event daemon of ctdbd")
            case .legacy, .waiting, .own: break
            }
        }
    }

    // MARK: The watch over what is run here

    private func noted(_ note: EventCore.Note) {
        guard borrower?.isServing == true else { return }
        switch note {
        case .unstartable(let script, let errno):
            // The legacy daemon may have what is missing here: it finds the request unanswered.
            report(.ran(.error, overhead: .zero))
            borrower?.giveUp("there is no process for \(script) (errno \(errno))")
        case .ran(Self.ctdbd, let event, _):
            guard let status = engine?.status(of: event, in: Self.ctdbd) else { return }
            report(.ran(outcome(event, status), overhead: Self.overhead(status)))
            if event == Self.monitor { report(.monitored(status)) }
        default: break
        }
    }

    /// Whether what ran is what there is to run.
    private func outcome(_ event: EventText, _ status: EventStatus) -> Outcome {
        guard let first = status.scripts.first,
            let contents = try? paths.component(Self.ctdbd.bytes).contents(),
            contents.isUnchanged(since: first.begin)
        else { return .good }
        let record = EventRecord(
            component: Self.ctdbd, event: event, timeout: nil, contents: contents, status: status,
            outputLimit: .max)
        return record.differences.isEmpty ? .good : .mismatch
    }

    /// The time that an event took beside its scripts.
    private static func overhead(_ status: EventStatus) -> Duration {
        guard let first = status.scripts.first, let last = status.scripts.last else { return .zero }
        let scripts = status.scripts.reduce(0) { $0 + $1.begin.microseconds(until: $1.end) }
        return .microseconds(max(0, first.begin.microseconds(until: last.end) - scripts))
    }
}

extension EventRequest {
    /// The component that it is about; nil when it names none.
    var component: EventText? {
        switch self {
        case .run(let request): request.componentBytes.map(EventText.init)
        case .status(let request): request.componentBytes.map(EventText.init)
        case .script(let request): request.componentBytes.map(EventText.init)
        }
    }

    /// The answer that it was not done.
    func failed(_ errno: Int32) -> EventReply {
        switch self {
        case .run: .run(result: errno)
        case .status: .statusFailed(result: errno)
        case .script: .script(result: errno)
        }
    }
}
