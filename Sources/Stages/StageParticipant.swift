// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Vocabulary

/// A daemon's part in the stages: learns what is recorded for its function on this node, has the
/// daemon follow it step by step, answers for it, and reverses it when it is unfit.
///
/// A daemon makes one, sets the closures, and calls `start`. Then
/// - `enter` is called for each step to a neighbouring stage; the daemon answers with `entered` or
///   `failed`, at once or later. A new `enter` replaces the one under way. Before it answers
///   `failed` to a step up, it gives back what it had taken on the way;
/// - it acts in place of ctdbd only while `mayAct` is true; where ctdbd's holding off expires, it
///   says with `heldOff` until when, before it answers `entered(.native)`;
/// - it tells of each native task with `task`, and of each comparison in shadow with `compared`;
/// - it hands what its endpoint receives to `take` first, which answers the procedures that all
///   daemons have;
/// - before it ends it calls `stop`, and ends when `finished` is called.
///
/// All closures run on the loop's thread. The loop never waits for a lock of a database.
public final class StageParticipant {
    /// Who takes part.
    public struct Identity: Equatable, Sendable {
        /// The function.
        public var function: ClusterFunction
        /// Name and version of the program.
        public var software: String
        /// The versions that the daemons of this function speak with each other.
        public var versions: ClosedRange<UInt32>
        /// What this one can do, a bit each.
        public var features: UInt64
        /// What it needs the daemons of all nodes to be able to do.
        public var featuresNeeded: UInt64
        /// When it dies, ctdbd resumes within so long; zero when the kernel sees to it.
        public var holdOff: Duration

        /// Describes a daemon.
        public init(
            function: ClusterFunction, software: String, versions: ClosedRange<UInt32> = 1...1,
            features: UInt64 = 0, featuresNeeded: UInt64 = 0, holdOff: Duration = .zero
        ) {
            self.function = function
            self.software = software
            self.versions = versions
            self.features = features
            self.featuresNeeded = featuresNeeded
            self.holdOff = holdOff
        }
    }

    /// What is worth a line in the log.
    public enum Note: Sendable {
        /// The machine's own notes.
        case participation(Participation.Note)
        /// The reversal is recorded.
        case reversed(reason: String)
        /// A request could not be read.
        case unreadableRequest(WireError)
    }

    /// Called for each step; answered with `entered` or `failed`.
    public var enter: ((Stage) -> Void)?
    /// Called with the stages of all nodes whenever they were read.
    public var tableRead: ((StageTable) -> Void)?
    /// Asked whether ctdbd would take the function back at once.
    public var isLegacyReady: () -> Bool = { true }
    /// Called when everything is given back after `stop`.
    public var finished: (() -> Void)?
    /// Called for what a log may want to know.
    public var noted: ((Note) -> Void)?

    /// Who takes part.
    public let identity: Identity
    /// This node's number, as far as it is known.
    public private(set) var node: PNN?
    /// What was found in shadow.
    public private(set) var ledger = ShadowLedger()

    private let loop: EventLoop
    private let settings: StageSettings
    private let started = ProcessEnvironment.wallClockMilliseconds()
    private var since: UInt64
    private var machine: Participation
    private var watch: FitnessWatch
    private var worker: StageWorker?
    private var timer: EventLoop.TimerToken?
    private var pollTimer: EventLoop.TimerToken?
    private var pending: [Participation.Event] = []
    private var isHandling = false

    /// Makes a participant; nothing happens before `start`.
    public init(
        _ identity: Identity, settings: StageSettings, loop: EventLoop,
        participation: Participation.Settings = Participation.Settings()
    ) {
        self.identity = identity
        self.settings = settings
        self.loop = loop
        since = started
        var participation = participation
        participation.holdOffExpires = participation.holdOffExpires || identity.holdOff > .zero
        machine = Participation(settings: participation)
        watch = FitnessWatch(settings: settings.watch)
    }

    deinit { close() }

    /// Begins to follow the stages.
    public func start() throws(SystemError) {
        worker = try StageWorker(settings, on: loop) { [weak self] in self?.take($0) }
        timer = loop.makeTimer { [weak self] in self?.handle(.wake) }
        pollTimer = loop.makeTimer { [weak self] in self?.poll() }
        poll()
    }

    /// Gives everything back; `finished` is called when that is done.
    public func stop() { handle(.stopping) }

    /// Ends without giving anything back.
    public func close() {
        if let timer { loop.removeTimer(timer) }
        if let pollTimer { loop.removeTimer(pollTimer) }
        timer = nil
        pollTimer = nil
        worker?.close()
        worker = nil
    }

    // MARK: What the daemon asks

    /// What the daemon really does.
    public var inEffect: Stage { machine.inEffect }
    /// What was decided, as far as it is known.
    public var recorded: Stage? { machine.recorded }
    /// Whether the daemon may act in place of ctdbd now.
    public var mayAct: Bool { machine.mayAct(at: EventLoop.clock()) }

    // MARK: What the daemon tells

    /// The step is done.
    public func entered(_ stage: Stage) { handle(.entered(stage)) }

    /// The step is not possible; what is not possible for the moment is tried again.
    public func failed(_ stage: Stage, _ reason: String, isForNow: Bool) {
        handle(.failed(stage, reason: reason, isForNow: isForNow))
    }

    /// ctdbd is held off until then, for a function whose hold-off expires.
    public func heldOff(until end: Instant) { handle(.heldOff(until: end)) }

    /// What was taken over is gone, as when ctdbd has ended.
    public func dropped(_ reason: String) { handle(.dropped(reason: reason)) }

    /// The daemon is not to be relied on.
    public func unfit(_ reason: String) { handle(.unfit(reason: reason)) }

    /// A native task has ended.
    public func task(_ outcome: FitnessWatch.Outcome, latency: Duration) {
        guard machine.inEffect.isTakenOver else { return }
        if let problem = watch.record(outcome, latency: latency, at: loop.now) { unfit(problem) }
    }

    /// A decision in shadow was compared with ctdbd's.
    ///
    /// - Parameters:
    ///   - differences: the fields that differ; none when the two agree.
    ///   - subject: what was decided about.
    ///   - replay: the command that decides again, from the input on its standard input.
    ///   - input: what was decided from; asked for only when it is kept.
    public func compared(
        _ differences: [ShadowLedger.Difference], subject: String, replay: String = "",
        input: () -> [UInt8] = { [] }
    ) {
        ledger.compare(
            differences, subject: subject, replay: replay,
            time: ProcessEnvironment.wallClockMilliseconds(), input: input)
    }

    /// Takes what the daemon's endpoint has received.
    ///
    /// - Returns: whether it was a procedure that all daemons have, and is dealt with.
    public func take(_ inbound: Inbound, from endpoint: PeerEndpoint) -> Bool {
        switch inbound.procedure {
        case PeerProtocol.stageChanged:
            worker?.read()
        case PeerProtocol.stageStatus:
            answer(inbound, try? status.encoded(), endpoint)
        case PeerProtocol.stageReport:
            do throws(WireError) {
                let request = try ReportRequest.decode(inbound.payload)
                answer(inbound, try? ledger.report(request).encoded(), endpoint)
            } catch {
                noted?(.unreadableRequest(error))
                answer(inbound, nil, endpoint)
            }
        default: return false
        }
        return true
    }

    /// How the daemon stands with its function.
    public var status: StageStatus {
        let problem = machine.unfitReason
        let isKnown = machine.recorded != nil
        return StageStatus(
            function: identity.function, recorded: machine.recorded ?? .legacy,
            epoch: machine.epoch, inEffect: machine.inEffect, inEffectSince: since,
            detail: StageText.clipped(machine.detail, to: Int(PeerProtocol.stageTextLimit)),
            fitness: problem != nil ? .unfit : isKnown ? .fit : .starting,
            unfitReason: StageText.clipped(problem ?? "", to: Int(PeerProtocol.stageTextLimit)),
            legacyReady: isLegacyReady(),
            holdOffMilliseconds: UInt32(clamping: identity.holdOff.wholeMilliseconds),
            versionMinimum: identity.versions.lowerBound,
            versionMaximum: identity.versions.upperBound, features: identity.features,
            featuresNeeded: identity.featuresNeeded,
            software: StageText.clipped(identity.software, to: 64),
            pid: UInt32(clamping: ProcessEnvironment.processID), started: started,
            compared: ledger.compared, different: ledger.different, watched: watch.tasks,
            watchedErrors: watch.errors, watchedMismatches: watch.mismatches,
            watchedLatencyMicroseconds: watch.latencyMicroseconds, later: [])
    }

    // MARK: Events and effects

    private func answer(_ inbound: Inbound, _ payload: [UInt8]?, _ endpoint: PeerEndpoint) {
        guard let handle = inbound.handle else { return }
        if let payload { return endpoint.answer(handle, .reply(payload[...])) }
        let refusal = Refusal(code: .badPayload, text: "the request cannot be read")
        endpoint.answer(handle, .refusal(((try? refusal.encoded()) ?? [])[...]))
    }

    private func poll() {
        watch.forget(loop.now)
        worker?.read()
        if let pollTimer { loop.arm(pollTimer, at: loop.now.advanced(by: settings.pollInterval)) }
    }

    private func take(_ answer: StageWorker.Answer) {
        switch answer {
        case .read(.success(let snapshot)):
            node = snapshot.node
            tableRead?(snapshot.table)
            let entry = snapshot.node.flatMap {
                snapshot.table.entry(identity.function, on: $0)
            }
            handle(.read(.stage(entry?.stage ?? .legacy, epoch: entry?.epoch ?? 0)))
        case .read(.failure(let error)):
            handle(.read(.unreadable("\(error)")))
        case .recorded(let change, .success):
            noted?(.reversed(reason: change.reason))
        case .recorded(_, .failure(let error)):
            handle(.notReversed(reason: "\(error)"))
        }
    }

    private func handle(_ event: Participation.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        var index = 0
        while index < pending.count {
            for effect in machine.handle(pending[index], at: EventLoop.clock()) {
                perform(effect)
            }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func perform(_ effect: Participation.Effect) {
        switch effect {
        case .enter(let stage): enter?(stage)
        case .reverse(let epoch, let reason): reverse(epoch, reason)
        case .finished: finished?()
        case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
        case .note(let note):
            if case .inEffect(let stage) = note {
                since = ProcessEnvironment.wallClockMilliseconds()
                watch.reset()
                if stage == .shadow, ledger.since == 0 { ledger.begin(at: since) }
            }
            noted?(.participation(note))
        }
    }

    private func reverse(_ epoch: UInt64, _ reason: String) {
        guard let node else { return handle(.notReversed(reason: "the node is not known")) }
        worker?.record(
            StageChange(
                .reverse, identity.function, on: [node], basis: .entry(epoch: epoch),
                who: identity.software, origin: node, reason: reason,
                time: ProcessEnvironment.wallClockMilliseconds(), isAutomatic: true))
    }
}

extension Duration {
    /// The duration in whole milliseconds; never negative.
    var wholeMilliseconds: UInt64 {
        Instant(nanoseconds: 0).advanced(by: self).nanoseconds / 1_000_000
    }
}
