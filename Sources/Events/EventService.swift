// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import DaemonKit
import EventCore
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Stages
import Vocabulary

/// The event daemon as a service beside ctdbd: it takes part in the stages, and answers the new
/// protocol.
///
/// | stage | ctdbd's events | asked over the new protocol, of ctdbd's component |
/// |---|---|---|
/// | legacy | run by the daemon that ctdbd has started | asked of that one |
/// | shadow | the same, and compared | the same |
/// | native | run here, over borrowed sockets | answered here |
/// | finalised | the same, or run by this program as ctdbd's child | here, or asked of that one |
///
/// Components of other daemons are run here in every stage, and in every stage ctdb-clusterd is
/// told what the event monitor says of services.
public final class EventService {
    private let paths: EventPaths
    private let loop: EventLoop
    private let log: LegacyLog
    private let signals: SignalSource
    private let notifier: ServiceNotifier
    private let lock: InstanceLock
    private let endpoint: PeerEndpoint
    private let participant: StageParticipant
    private let services: ServiceReporter
    private let reload: () -> EventConfiguration?
    private var function: EventFunction?
    private var conversation: EventConversation?
    private var entering = Stage.legacy
    private var stopTimer: EventLoop.TimerToken?
    private var aliveTimer: EventLoop.TimerToken?
    private var isHeld = false

    /// How long what runs may take when the daemon is to end.
    private static let stopLimit: UInt64 = 10_000
    /// A loop that does nothing for so long is ended, so that the frozen daemon goes on.
    private static let hangLimitSeconds: UInt32 = 30
    private static let alivePeriod: UInt64 = 1000

    /// Takes the lock and binds the socket of the new protocol.
    ///
    /// - Parameters:
    ///   - configuration: the settings.
    ///   - stages: what all daemons are told about stages.
    ///   - paths: where files of CTDB are.
    ///   - runDirectory: the directory of the sockets of the new protocol.
    ///   - log: where lines go.
    ///   - reload: runs on SIGUSR1; gives the new settings, or nil when they are in error.
    /// - Throws: what stands in the way, and what to do about it.
    public init(
        _ configuration: EventConfiguration, stages: StageSettings, paths: EventPaths,
        runDirectory: String, log: LegacyLog, reload: @escaping () -> EventConfiguration?
    ) throws(SystemError) {
        self.paths = paths
        self.log = log
        self.reload = reload
        ProcessEnvironment.blockBrokenPipeSignal()
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt, .hangup, .user1])
        notifier = try ServiceNotifier()
        try SocketDirectory.prepare(runDirectory)
        lock = try InstanceLock(path: runDirectory + "/event.lock")
        endpoint = try PeerEndpoint(
            directory: runDirectory, service: .event, instance: try PeerEndpoint.newInstance(),
            loop: loop)
        services = ServiceReporter(endpoint: endpoint, loop: loop)
        // The kernel lets the legacy daemon go on: there is no time without an owner.
        participant = StageParticipant(
            StageParticipant.Identity(
                function: .event, software: Self.software, holdOff: .milliseconds(0)),
            settings: stages, loop: loop)
        let function = EventFunction(
            configuration, paths: paths, log: log, loop: loop, legacySocket: stages.legacySocket,
            reload: { [unowned self] in readConfiguration() },
            report: { [unowned self] news in take(news) })
        self.function = function
        conversation = EventConversation(function, paths: paths, endpoint: endpoint)
        endpoint.received = { [unowned self] inbound in
            if participant.take(inbound, from: endpoint) { return }
            conversation?.take(inbound)
        }
        participant.enter = { [unowned self] stage in enter(stage) }
        participant.isLegacyReady = { [unowned function] in function.isLegacyReady }
        participant.finished = { [unowned self] in loop.stop() }
        participant.noted = { [unowned self] note in write(note) }
    }

    private static let software = "ctdb-eventd 0.1"

    /// Serves until it is told to stop; what was taken over is given back then.
    ///
    /// - Throws: what makes the loop impossible.
    public func run() throws(SystemError) {
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while let signal = signals.next() { act(on: signal) }
        }
        if let milliseconds = ServiceNotifier.watchdogMilliseconds() {
            _ = notifier.feedWatchdog(from: loop, every: milliseconds) { [log] error in
                log.write(.warning, "the service manager does not hear the watchdog: \(error)")
            }
        }
        aliveTimer = loop.makeTimer { [unowned self] in stayAlive() }
        stopTimer = loop.makeTimer { [unowned self] in
            log.write(.warning, "not finished in time: the event daemon of ctdbd does the rest")
            loop.stop()
        }
        function?.start()
        try participant.start()
        stayAlive()
        log.write(.notice, "beside ctdbd as process \(ProcessEnvironment.processID)")
        notify { try notifier.ready() }
        ProcessEnvironment.trimMemory()
        try loop.run()
        function?.close()
        participant.close()
        endpoint.close()
        log.write(.notice, "stopped")
    }

    private func act(on signal: Signal) {
        log.write(.notice, "Received signal \(signal.rawValue)")
        switch signal {
        case .terminate, .interrupt:
            notify { try notifier.stopping() }
            if let stopTimer {
                loop.arm(stopTimer, at: loop.now.advanced(byMilliseconds: Self.stopLimit))
            }
            participant.stop()
        case .hangup:
            do throws(SystemError) {
                try log.reopen()
                log.write(.notice, "reopen logs completed successfully")
            } catch {
                log.write(.error, "reopen logs: \(error)")
            }
        case .user1:
            notify { try notifier.reloading(at: loop.now) }
            readConfiguration()
            notify { try notifier.ready() }
        case .child: break
        }
    }

    private func readConfiguration() {
        guard let changed = reload() else { return }
        for problem in changed.problems { log.write(.warning, "\(problem)") }
        log.level = changed.logLevel
        function?.apply(changed)
        log.write(.notice, "reconfigure completed successfully")
    }

    private func notify(_ send: () throws -> Void) {
        do { try send() } catch {
            log.write(.warning, "the service manager was not told: \(error)")
        }
    }

    /// Has the kernel end this process should the loop hang while somebody is frozen for it.
    private func stayAlive() {
        let isHolding = function?.isHolding == true
        if isHolding {
            ProcessEnvironment.endUnlessRenewed(withinSeconds: Self.hangLimitSeconds)
        } else if isHeld {
            ProcessEnvironment.endUnlessRenewed(withinSeconds: 0)
        }
        isHeld = isHolding
        if let aliveTimer {
            loop.arm(aliveTimer, at: loop.now.advanced(byMilliseconds: Self.alivePeriod))
        }
    }

    // MARK: Stages

    private func enter(_ stage: Stage) {
        entering = stage
        switch stage {
        case .legacy: function?.enter(.legacy)
        case .shadow: function?.enter(.shadow)
        case .native, .finalised: function?.enter(.native)
        case .unknown: participant.failed(stage, "it is not known here", isForNow: false)
        }
    }

    private func take(_ news: EventFunction.News) {
        switch news {
        case .entered: participant.entered(entering)
        // What stands in the way may go away by itself, or by somebody who reads the reason.
        case .failed(_, let reason): participant.failed(entering, reason, isForNow: true)
        case .dropped(let reason): participant.dropped(reason)
        case .monitored(let status): services.take(status)
        case .ran(let outcome, let overhead):
            participant.task(FitnessWatch.Outcome(outcome), latency: overhead)
        case .compared(let event, let differences, let record):
            participant.compared(
                differences.map {
                    ShadowLedger.Difference(field: $0.field, legacy: $0.legacy, own: $0.own)
                }, subject: event.description, replay: "ctdb event replay",
                input: { Array(record.json.utf8) })
        }
    }

    private func write(_ note: StageParticipant.Note) {
        switch note {
        case .participation(.inEffect(let stage)): log.write(.notice, "stage in effect: \(stage)")
        case .participation(.recorded(let stage, let epoch)):
            log.write(.notice, "stage recorded: \(stage) (epoch \(epoch))")
        case .participation(.notEntered(let stage, let reason)):
            log.write(.warning, "stage \(stage) is not in effect: \(reason)")
        case .participation(.unreadable(let problem)):
            log.write(.warning, "the stages cannot be read: \(problem)")
        case .participation(.unfit(let reason)): log.write(.error, "not fit: \(reason)")
        case .participation(.notReversed(let reason)):
            log.write(.warning, "the reversal is not recorded yet: \(reason)")
        case .participation(let other): log.write(.info, "\(other)")
        case .reversed(let reason): log.write(.error, "reversed: \(reason)")
        case .unreadableRequest(let error): log.write(.warning, "\(error)")
        }
    }
}

extension FitnessWatch.Outcome {
    /// How a task turned out.
    fileprivate init(_ outcome: EventFunction.Outcome) {
        switch outcome {
        case .good: self = .good
        case .mismatch: self = .mismatch
        case .error: self = .error
        }
    }
}
