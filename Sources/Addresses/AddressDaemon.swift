// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressDaemonCore
import AddressShell
import DaemonKit
import Events
import LegacyClient
import LegacyWire
import Logging
import MessagingCore
import NetworkInterfaces
import PeerClient
import PeerWire
import Sockets
import StageCore
import Stages
import Vocabulary

/// Runs the address daemon of a node: the machines that decide, and what carries out what they do.
///
/// | stage | who decides | who moves addresses on this node |
/// |---|---|---|
/// | legacy, shadow | ctdbd's leader | ctdbd |
/// | native | the coordinator among these daemons | ctdbd, told by the coordinator |
/// | finalised | the same | this daemon |
public final class AddressDaemon {
    var settings: AddressSettings
    let loop: EventLoop
    let log: Logger
    let endpoint: PeerEndpoint
    let participant: StageParticipant
    var coordinator: CoordinatorCore
    var host = HostCore()
    var keeper: HoldOffKeeper
    lazy var link = LegacyLink(path: settings.stages.legacySocket, loop: loop) {
        [unowned self] in take($0)
    }
    var peers: PeerLink
    var hands: AddressHands?
    var scripts: AddressScripts?
    let history: HistoryFile
    let reporter: ChangeReporter

    private let reload: () -> AddressSettings?
    private let notifier: ServiceNotifier
    private let lock: InstanceLock
    private let signals: SignalSource
    private var coordinatorTimer: EventLoop.TimerToken?
    private var hostTimer: EventLoop.TimerToken?
    private var keeperTimer: EventLoop.TimerToken?
    private var lookTimer: EventLoop.TimerToken?
    private var stopTimer: EventLoop.TimerToken?
    private var stepTimer: EventLoop.TimerToken?
    private var trimTimer: EventLoop.TimerToken?

    var pending: [Work] = []
    var isWorking = false
    var askers: [UInt64: Asker] = [:]
    var lastAsker: UInt64 = 0
    var entering: Stage?
    var own = PNN.unknown
    var nodes: NodeMap?
    var leader: PNN?
    var isAway = false
    var stages: [PNN: Stage] = [:]
    var eventSeconds: Int64 = 30

    /// Something for one of the machines.
    enum Work {
        case coordinator(CoordinatorCore.Event)
        case host(HostCore.Event)
    }

    /// Who waits for an answer of the machines.
    enum Asker {
        case peer(UInt64)
        case own((CoordinatorCore.Answer) -> Void, ControlOpcode)
    }

    /// How long giving back may take when the daemon is to end.
    private static let stopLimit: UInt64 = 15_000
    /// How long ctdbd's recovery daemons may take to hold off.
    private static let holdOffLimit: UInt64 = 15_000
    private static let software = "ctdb-ipd 0.1"

    /// Takes the lock, binds the socket of the new protocol, and reads what the kernel has.
    ///
    /// - Parameters:
    ///   - settings: the settings.
    ///   - log: where notes go.
    ///   - reload: runs on SIGHUP; gives the new settings, or nil when they are in error.
    /// - Throws: what stands in the way, and what to do about it.
    public init(
        _ settings: AddressSettings, log: Logger, reload: @escaping () -> AddressSettings?
    ) throws(SystemError) {
        self.settings = settings
        self.log = log
        self.reload = reload
        ProcessEnvironment.blockBrokenPipeSignal()
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt, .hangup, .user1])
        notifier = try ServiceNotifier()
        try SocketDirectory.prepare(settings.runDirectory)
        lock = try InstanceLock(path: settings.runDirectory + "/address.lock")
        endpoint = try PeerEndpoint(
            directory: settings.runDirectory, service: .address,
            instance: try PeerEndpoint.newInstance(), loop: loop, userIDs: settings.userIDs)
        peers = PeerLink(endpoint)
        participant = StageParticipant(
            StageParticipant.Identity(
                function: .ip, software: Self.software, holdOff: settings.holdOff),
            settings: settings.stages, loop: loop)
        var coordination = CoordinatorCore.Settings()
        coordination.algorithm = settings.algorithm
        coordinator = CoordinatorCore(settings: coordination)
        keeper = HoldOffKeeper(period: settings.holdOff)
        history = HistoryFile(path: settings.historyFile, limit: settings.historyLines)
        reporter = ChangeReporter(endpoint: endpoint, loop: loop)
    }

    /// Serves until it is told to stop; what was taken over is given back then.
    ///
    /// - Throws: what makes the loop impossible.
    public func run() throws(SystemError) {
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while let signal = signals.next() { act(on: signal) }
        }
        if let milliseconds = ServiceNotifier.watchdogMilliseconds() {
            _ = notifier.feedWatchdog(from: loop, every: milliseconds) { [log] error in
                log.warning("the service manager does not hear the watchdog: \(error)")
            }
        }
        history.failed = { [log] error in log.warning("the history is not kept: \(error)") }
        try prepareHands()
        prepareTimers()
        prepareParticipant()
        endpoint.received = { [unowned self] in take($0) }
        for complaint in settings.addresses.complaints { log.warning("\(complaint)") }
        give(.host(configuration))
        hands?.tellAll()
        link.start(
            listeningTo: [
                .takeoverRun, .disableTakeoverRuns, .disableIPCheck, .rebalanceNode, .leader,
                replySrvID,
            ])
        try participant.start()
        notify { try notifier.ready() }
        ProcessEnvironment.trimMemory()
        try loop.run()
        scripts?.close()
        hands?.close()
        link.close()
        participant.close()
        endpoint.close()
        log.notice("stopped")
    }

    private func prepareHands() throws(SystemError) {
        let hands = try AddressHands(
            loop: loop, announcements: settings.announcements,
            connectionInterval: settings.connectionInterval
        ) { [unowned self] in take($0) }
        self.hands = hands
        for lack in hands.lacks { log.error("\(lack)") }
        let paths = EventPaths(
            configuration: settings.folder, run: "/run/ctdb",
            hostName: ProcessEnvironment.hostName)
        let level: LegacyLog.Level = settings.logLevel <= .info ? .info : .notice
        scripts = AddressScripts(
            paths,
            log: try LegacyLog(
                .standardError, level: level, name: "ctdb-ipd", hostName: paths.hostName),
            loop: loop, leftOut: settings.leftOutScripts)
    }

    private func prepareTimers() {
        coordinatorTimer = loop.makeTimer { [unowned self] in give(.coordinator(.wake)) }
        hostTimer = loop.makeTimer { [unowned self] in give(.host(.wake)) }
        keeperTimer = loop.makeTimer { [unowned self] in
            perform(keeper.tick(at: EventLoop.clock()))
        }
        lookTimer = loop.makeTimer { [unowned self] in look() }
        stopTimer = loop.makeTimer { [unowned self] in
            log.warning("not finished in time: ctdb-ipd --give-back does the rest")
            loop.stop()
        }
        trimTimer = loop.makeTimer { ProcessEnvironment.trimMemory() }
        stepTimer = loop.makeTimer { [unowned self] in
            guard entering == .native else { return }
            failed(.native, "the recovery daemons of ctdbd do not hold off")
        }
        look()
    }

    private func prepareParticipant() {
        participant.enter = { [unowned self] in enter($0) }
        participant.isLegacyReady = { [unowned self] in link.isConnected }
        participant.finished = { [unowned self] in loop.stop() }
        participant.noted = { [unowned self] in write($0) }
        participant.tableRead = { [unowned self] table in
            stages = [:]
            for entry in table.entries where entry.function == .ip {
                stages[entry.node] = entry.stage
            }
            give(.coordinator(.stages(stages)))
        }
    }

    // MARK: Signals

    private func act(on signal: Signal) {
        switch signal {
        case .terminate, .interrupt:
            notify { try notifier.stopping() }
            if let stopTimer {
                loop.arm(stopTimer, at: loop.now.advanced(byMilliseconds: Self.stopLimit))
            }
            participant.stop()
        case .hangup:
            notify { try notifier.reloading(at: loop.now) }
            readConfiguration()
            notify { try notifier.ready() }
        case .user1:
            for line in AddressStatus.lines(status) { log.notice("\(line)") }
        default: break
        }
    }

    func readConfiguration() {
        guard var changed = reload() else { return }
        let fixed = [
            ("run directory", settings.runDirectory != changed.runDirectory),
            ("user ids", settings.userIDs != changed.userIDs),
            ("hold off", settings.holdOff != changed.holdOff),
            ("connection interval", settings.connectionInterval != changed.connectionInterval),
            ("history file", settings.historyFile != changed.historyFile),
            ("ctdbd socket", settings.stages.legacySocket != changed.stages.legacySocket),
        ]
        for (name, isChanged) in fixed where isChanged {
            log.warning("a change of \(name) takes effect at the next start")
        }
        changed.runDirectory = settings.runDirectory
        changed.stages = settings.stages
        changed.holdOff = settings.holdOff
        settings = changed
        for complaint in settings.addresses.complaints { log.warning("\(complaint)") }
        history.limit = settings.historyLines
        hands?.setAnnouncements(settings.announcements)
        scripts?.setLeftOut(settings.leftOutScripts)
        coordinator.settings.algorithm = settings.algorithm
        give(.host(configuration))
        compareWithCtdbd()
        log.notice("the configuration was read again")
    }

    private var configuration: HostCore.Event {
        .configured(
            settings.addresses.entries.enumerated().map { number, entry in
                HostCore.Configured(
                    entry.address, prefixLength: entry.prefixLength, on: entry.interfaces,
                    isInFile: number < settings.addresses.fileCount)
            }, isPartiallyOnline: settings.isPartiallyOnline)
    }

    private func notify(_ send: () throws -> Void) {
        do { try send() } catch { log.warning("the service manager was not told: \(error)") }
    }

    // MARK: Stages

    private func enter(_ stage: Stage) {
        let isDown = participant.inEffect > stage
        entering = stage
        switch stage {
        case .legacy, .shadow:
            tellStage(.shadow, mayAct: false)
            let others = stages.contains { $0.key != own && $0.value.isTakenOver }
            perform(keeper.stop(lettingGo: isDown && !others))
            give(.host(.host(false)))
        case .native:
            if isDown { return give(.host(.host(false))) }
            if let stepTimer {
                loop.arm(
                    stepTimer, at: EventLoop.clock().advanced(byMilliseconds: Self.holdOffLimit))
            }
            learnNodes()
            perform(keeper.want(at: EventLoop.clock()))
            if let end = keeper.end { heldOff(until: end) }
        case .finalised: give(.host(.host(true)))
        case .unknown: failed(stage, "it is not known here", isForNow: false)
        }
    }

    func failed(_ stage: Stage, _ reason: String, isForNow: Bool = true) {
        guard entering == stage else { return }
        entering = nil
        participant.failed(stage, reason, isForNow: isForNow)
        tellStage()
    }

    func entered(_ stage: Stage) {
        guard entering == stage else { return }
        entering = nil
        trimLater()
        participant.entered(stage)
        tellStage()
    }

    /// Gives back what a run or a step has needed, once it is quiet again.
    func trimLater() {
        if let trimTimer { loop.arm(trimTimer, at: EventLoop.clock().advanced(by: .seconds(5))) }
    }

    /// Tells the coordinating machine what this daemon does.
    func tellStage(_ stage: Stage? = nil, mayAct: Bool? = nil) {
        give(
            .coordinator(
                .stage(stage ?? participant.inEffect, mayAct: mayAct ?? participant.mayAct)))
    }

    /// How the daemon works is as it was asked to be.
    func hosts(_ isOwn: Bool) {
        switch entering {
        case .finalised? where isOwn: entered(.finalised)
        case .native? where !isOwn && participant.inEffect == .finalised: entered(.native)
        case .shadow? where !isOwn: entered(.shadow)
        case .legacy? where !isOwn: entered(.legacy)
        default: break
        }
    }

    func heldOff(until end: Instant) {
        participant.heldOff(until: end)
        if entering == .native, participant.inEffect < .native { entered(.native) }
        tellStage()
    }

    // MARK: Regular looks

    /// What this node's ctdbd knows of the nodes.
    func look() {
        if let lookTimer { loop.arm(lookTimer, at: EventLoop.clock().advanced(by: .seconds(1))) }
        guard link.isConnected else { return }
        link.control(.getNodeMap, of: own, within: .seconds(3)) { [unowned self] answer in
            guard case .reply(.nodeMap(let map)) = answer else { return }
            nodes = map
            give(.coordinator(.nodes(map)))
            if let node = map.nodes.first(where: { $0.pnn == own }) {
                give(.host(.flags(node.flags)))
            }
            learnNodes()
            tellStage()
        }
    }

    func learnNodes() {
        let connected = nodes?.nodes.filter { $0.flags.isConnected }.map(\.pnn) ?? []
        let isActive =
            nodes?.nodes.contains { $0.pnn == own && !$0.flags.isInactive } ?? false
        // On a node that is banned or stopped, and nobody else coordinates: ctdbd is to go on.
        let isOfUse = isActive || coordinator.coordination.coordinator != nil
        let meant =
            coordinator.coordination.isOwn || entering == .native
            ? connected : connected.filter { $0 == own || $0 == leader }
        let asked = isOfUse ? meant : []
        perform(keeper.learn(own: own, leader: leader, nodes: asked, at: EventLoop.clock()))
    }

    func arm(coordinator instant: Instant) {
        if let coordinatorTimer { loop.arm(coordinatorTimer, at: instant) }
    }

    func arm(host instant: Instant) {
        if let hostTimer { loop.arm(hostTimer, at: instant) }
    }

    /// Where recovery daemons answer this process.
    var replySrvID: SrvID {
        SrvID(
            rawValue: 0xA100_0000_0000_0000
                | UInt64(UInt32(bitPattern: ProcessEnvironment.processID)))
    }

    func perform(_ effects: [HoldOffKeeper.Effect]) {
        for effect in effects {
            switch effect {
            case .ask(let node, let seconds):
                let message = DisableMessage(
                    pnn: own, replyTo: seconds == 0 ? SrvID(rawValue: 0) : replySrvID,
                    timeoutSeconds: seconds)
                guard let bytes = try? message.encoded(layout: .native) else { continue }
                link.send(bytes, to: .disableTakeoverRuns, at: node)
            case .heldOff(let end): heldOff(until: end)
            }
        }
        if let keeperTimer, let wake = keeper.wake { loop.arm(keeperTimer, at: wake) }
    }

    private func write(_ note: StageParticipant.Note) {
        switch note {
        case .participation(.inEffect(let stage)): log.notice("stage in effect: \(stage)")
        case .participation(.recorded(let stage, let epoch)):
            log.notice("stage recorded: \(stage) (epoch \(epoch))")
        case .participation(.notEntered(let stage, let reason)):
            log.warning("stage \(stage) is not in effect: \(reason)")
        case .participation(.unreadable(let problem)):
            log.warning("the stages cannot be read: \(problem)")
        case .participation(.unfit(let reason)): log.error("not fit: \(reason)")
        case .participation(.notReversed(let reason)):
            log.warning("the reversal is not recorded yet: \(reason)")
        case .participation(let other): log.info("\(other)")
        case .reversed(let reason): log.error("reversed: \(reason)")
        case .unreadableRequest(let error): log.warning("\(error)")
        }
    }
}
