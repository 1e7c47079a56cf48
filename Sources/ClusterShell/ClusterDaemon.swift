// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Callbacks
import ClusterCore
import DaemonKit
import LegacyClient
import Logging
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Stages
import Vocabulary

/// Runs the observer of a node: ctdbd, stages, daemons, callbacks.
public final class ClusterDaemon {
    private var core: ObserverCore
    private var settings: ClusterSettings
    private let loop: EventLoop
    private let notifier: ServiceNotifier
    private let lock: InstanceLock
    private let signals: SignalSource
    private let endpoint: PeerEndpoint
    private let callbacks: Callbacks
    private let reload: () -> ClusterSettings?
    private var log: ClusterLog
    private var legacy: LegacyConnection?
    private var worker: StageWorker?
    private var watcher: DaemonWatcher?
    private var timer: EventLoop.TimerToken?
    private var pending: [ObserverCore.Event] = []
    private var isHandling = false

    /// Makes the socket directory, takes the lock and binds the socket.
    ///
    /// - Parameters:
    ///   - settings: the settings.
    ///   - log: where notes go.
    ///   - reload: runs on SIGHUP; gives the new settings, or nil when they are in error.
    /// - Throws: what stands in the way, and what to do about it.
    public init(
        _ settings: ClusterSettings, log: Logger, reload: @escaping () -> ClusterSettings?
    ) throws(SystemError) {
        self.settings = settings
        self.log = ClusterLog(log)
        self.reload = reload
        ProcessEnvironment.blockBrokenPipeSignal()
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt, .hangup, .user1])
        notifier = try ServiceNotifier()
        try SocketDirectory.prepare(settings.runDirectory)
        lock = try InstanceLock(path: settings.runDirectory + "/cluster.lock")
        core = ObserverCore(deaths: settings.stages.deaths)
        endpoint = try PeerEndpoint(
            directory: settings.runDirectory, service: .cluster,
            instance: try PeerEndpoint.newInstance(), loop: loop, userIDs: settings.userIDs)
        callbacks = Callbacks(
            path: settings.runDirectory + "/callbacks.state", runLimit: settings.runLimit,
            loop: loop)
    }

    /// Serves until it is told to stop.
    ///
    /// - Throws: what makes the loop impossible.
    public func run() throws(SystemError) {
        worker = try StageWorker(settings.stages, on: loop) { [unowned self] in take($0) }
        watcher = DaemonWatcher(
            endpoint: endpoint, directory: settings.runDirectory, loop: loop
        ) { [unowned self] in handle($0) }
        timer = loop.makeTimer { [unowned self] in handle(.wake) }
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while let signal = signals.next() { act(on: signal) }
        }
        if let milliseconds = ServiceNotifier.watchdogMilliseconds() {
            let log = log.log
            _ = notifier.feedWatchdog(from: loop, every: milliseconds) { error in
                log.warning("the service manager does not hear the watchdog: \(error)")
            }
        }
        endpoint.received = { [unowned self] in take($0) }
        callbacks.noted = { [unowned self] in log.write($0) }
        callbacks.start(settings.callbacks)
        handle(.started)
        // It is of use at once, with ctdbd or without.
        notify { try notifier.ready() }
        try loop.run()
        callbacks.close()
        watcher?.close()
        worker?.close()
        endpoint.close()
        legacy?.close()
    }

    private func act(on signal: Signal) {
        switch signal {
        case .terminate, .interrupt:
            notify { try notifier.stopping() }
            loop.stop()
        case .hangup:
            notify { try notifier.reloading(at: loop.now) }
            if let changed = reload() { apply(changed) }
            notify { try notifier.ready() }
        case .user1:
            let reply = callbacks.reply
            log.log.notice(
                """
                callbacks \(reply.callbacks.count), states \(callbacks.states.states.count), \
                to be told \(reply.statuses.count { $0.state != .done })
                """)
        default: break
        }
    }

    private func apply(_ changed: ClusterSettings) {
        let fixed = [
            ("run directory", settings.runDirectory != changed.runDirectory),
            ("user ids", settings.userIDs != changed.userIDs),
            ("callbacks at once", settings.runLimit != changed.runLimit),
            ("log format", settings.logFormat != changed.logFormat),
            ("ctdbd socket", settings.stages.legacySocket != changed.stages.legacySocket),
            (
                "database directory",
                settings.stages.databaseFolder != changed.stages.databaseFolder
            ),
        ]
        for (name, isChanged) in fixed where isChanged {
            log.log.warning("a change of \(name) takes effect at the next start")
        }
        callbacks.configure(changed.callbacks)
        settings.callbacks = changed.callbacks
        settings.stages.deaths = changed.stages.deaths
        handle(.configured(changed.stages.deaths))
        log.log.notice("the configuration was read again")
    }

    private func notify(_ send: () throws -> Void) {
        do { try send() } catch {
            log.log.warning("the service manager was not told: \(error)")
        }
    }

    // MARK: Requests

    private func take(_ inbound: Inbound) {
        switch inbound.procedure {
        case PeerProtocol.stageChanged: worker?.read()
        case PeerProtocol.clusterChange:
            guard let change = try? StateChange.decode(inbound.payload), !change.subject.isEmpty
            else { return refuse(inbound, .badPayload, "this is no change") }
            guard callbacks.take(change) else {
                return refuse(inbound, .failed, "the change could not be noted safely")
            }
            answer(inbound, [])
        case PeerProtocol.clusterCallbacks: answer(inbound, try? callbacks.reply.encoded())
        case PeerProtocol.clusterStates: answer(inbound, try? callbacks.states.encoded())
        default: refuse(inbound, .unknownProcedure, "there is no such procedure")
        }
    }

    private func answer(_ inbound: Inbound, _ payload: [UInt8]?) {
        guard let payload else {
            return refuse(inbound, .failed, "the answer cannot be written")
        }
        if let handle = inbound.handle { endpoint.answer(handle, .reply(payload[...])) }
    }

    private func refuse(_ inbound: Inbound, _ code: RefusalCode, _ text: String) {
        guard let handle = inbound.handle else { return }
        let refusal = Refusal(code: code, text: text)
        endpoint.answer(handle, .refusal(((try? refusal.encoded()) ?? [])[...]))
    }

    // MARK: Events and effects

    private func take(_ answer: StageWorker.Answer) {
        switch answer {
        case .read(.success(let snapshot)):
            handle(.stages(.table(snapshot.table, node: snapshot.node)))
        case .read(.failure(let error)): handle(.stages(.unreadable("\(error)")))
        case .recorded(let change, .success):
            handle(.reversed(change.function, reason: change.reason))
        case .recorded(let change, .failure(let error)):
            handle(.notReversed(change.function, reason: "\(error)"))
        }
    }

    private func handle(_ event: ObserverCore.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        var index = 0
        while index < pending.count {
            let now = ObserverCore.Moment(
                instant: EventLoop.clock(), calendar: ProcessEnvironment.wallClockMilliseconds())
            for effect in core.handle(pending[index], at: now) { perform(effect) }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func perform(_ effect: ObserverCore.Effect) {
        switch effect {
        case .connectLegacy: connect()
        case .disconnectLegacy:
            legacy?.close()
            legacy = nil
        case .sendLegacy(let packet): legacy?.send(packet)
        case .changed(let change): callbacks.take(change)
        case .readStages: worker?.read()
        case .askDaemons(let functions): watcher?.ask(functions)
        case .tellDaemons(let functions): watcher?.tell(functions)
        case .reverse(let function, let node, let epoch, let reason):
            worker?.record(
                StageChange(
                    .reverse, function, on: [node], basis: .entry(epoch: epoch),
                    who: ClusterDaemon.software, origin: node, reason: reason,
                    time: ProcessEnvironment.wallClockMilliseconds(), isAutomatic: true))
        case .kill(let function, let pid): watcher?.kill(function, pid: pid)
        case .ready(let pnn):
            callbacks.node = pnn
            notify { try notifier.status("observing node \(pnn)") }
            // Most of what ran until here does not run again.
            ProcessEnvironment.trimMemory()
        case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
        case .note(let note): log.write(note)
        }
    }

    /// Name and version of the program.
    public static let software = "ctdb-clusterd 0.1"

    private func connect() {
        do throws(SystemError) {
            legacy = try LegacyConnection(path: settings.stages.legacySocket, loop: loop) {
                [unowned self] packet in
                handle(.legacyPacket(packet))
            } closed: { [unowned self] reason in
                legacy = nil
                handle(.legacyLost(reason: reason))
            }
            handle(.legacyConnected)
        } catch {
            handle(.legacyLost(reason: "\(error)"))
        }
    }
}
