// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import LegacyClient
import Logging
import MessagingCore
import PeerClient
import PeerWire
import ProxyCore
import Sockets
import Vocabulary

/// Runs a proxy core: sockets, timer, signals, logs, service manager.
public final class ProxyDaemon {
    /// Why a proxy ended.
    public enum End: Equatable, Sendable {
        /// It was asked to.
        case stopped
        /// It could not go on.
        case failed(String)
    }

    private var core: ProxyCore
    private var configuration: ProxyConfiguration
    private let loop: EventLoop
    private let log: Logger
    private let notifier: ServiceNotifier
    private let lock: InstanceLock
    private let signals: SignalSource
    private let reload: () -> ProxyConfiguration?
    private var socket: FrameSocket?
    private var legacy: LegacyConnection?
    private var timer: EventLoop.TimerToken?
    private var hasEvents = false
    private var isWaitingForLegacy = false
    private var noteLog: NoteLog
    private var end: End = .stopped

    /// Makes the socket directory, takes the lock and binds the socket.
    ///
    /// - Parameters:
    ///   - configuration: the settings.
    ///   - log: where notes go.
    ///   - reload: runs on SIGHUP; gives the new settings, or nil when they are in error.
    /// - Throws: what stands in the way, and what to do about it.
    public init(
        _ configuration: ProxyConfiguration, log: Logger,
        reload: @escaping () -> ProxyConfiguration?
    ) throws(SystemError) {
        self.configuration = configuration
        self.log = log
        self.reload = reload
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt, .hangup, .user1])
        notifier = try ServiceNotifier()
        noteLog = NoteLog(log)
        try SocketDirectory.prepare(configuration.runDirectory)
        lock = try InstanceLock(path: configuration.runDirectory + "/proxy.lock")
        core = ProxyCore(
            instance: try PeerEndpoint.newInstance(), settings: configuration.proxy,
            seed: try ProcessEnvironment.randomSeed())
        socket = try FrameSocket(
            directory: configuration.runDirectory, service: .proxy,
            instance: Instance(rawValue: 0), userIDs: configuration.userIDs, loop: loop
        ) { [unowned self] arrival in take(arrival) }
    }

    /// Serves until it is told to stop.
    ///
    /// - Throws: what makes the loop impossible.
    public func run() throws(SystemError) -> End {
        timer = loop.makeTimer { [unowned self] in handle(.wake) }
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while let signal = signals.next() { act(on: signal) }
        }
        if let milliseconds = ServiceNotifier.watchdogMilliseconds() {
            _ = notifier.feedWatchdog(from: loop, every: milliseconds) { [log] error in
                log.warning("the service manager does not hear the watchdog: \(error)")
            }
        }
        handle(.started)
        try loop.run()
        socket?.close()
        legacy?.close()
        return end
    }

    private func act(on signal: Signal) {
        switch signal {
        case .terminate, .interrupt:
            notify { try notifier.stopping() }
            handle(.drain)
        case .hangup:
            notify { try notifier.reloading(at: loop.now) }
            if let changed = reload() { apply(changed) }
            notify { try notifier.ready() }
        case .user1:
            for counter in core.statistics.list {
                log.notice("counter", metadata: ["\(counter.name)": "\(counter.value)"])
            }
        case .child: break
        }
    }

    /// Takes over what can change while the proxy runs, and says what can't.
    private func apply(_ changed: ProxyConfiguration) {
        socket?.userIDs = changed.userIDs
        handle(.configured(changed.proxy))
        let fixed = [
            ("run directory", configuration.runDirectory != changed.runDirectory),
            (
                "realtime scheduling",
                configuration.realtimeScheduling != changed.realtimeScheduling
            ),
            ("log format", configuration.logFormat != changed.logFormat),
        ]
        for (name, isChanged) in fixed where isChanged {
            log.warning("a change of \(name) takes effect at the next start")
        }
        configuration.legacySocket = changed.legacySocket
        log.notice("the configuration was read again; hops that are up keep their windows")
    }

    private func notify(_ send: () throws -> Void) {
        do { try send() } catch { log.warning("the service manager was not told: \(error)") }
    }

    // MARK: Events

    private func take(_ arrival: FrameSocket.Arrival) {
        switch arrival {
        case .datagram(let bytes, let pid): handle(.datagram(bytes, pid: pid))
        case .unauthorised(let credentials), .tooLarge(let credentials):
            handle(.unauthorised(pid: credentials.pid, uid: credentials.uid))
        case .failed(let error): log.error("the socket failed: \(error)")
        case .refused(let service, let instance):
            handle(.refused(ProxyCore.LocalName(service: service, instance: instance)))
        }
    }

    private func handle(_ event: ProxyCore.Event) {
        if !hasEvents {
            hasEvents = true
            loop.atEndOfIteration { [unowned self] in
                hasEvents = false
                perform(core.handle(.turnEnded, at: loop.now))
            }
        }
        perform(core.handle(event, at: loop.now))
    }

    // MARK: Effects

    private func perform(_ effects: [ProxyCore.Effect]) {
        for effect in effects {
            switch effect {
            case .connectLegacy: connect()
            case .disconnectLegacy:
                legacy?.close()
                legacy = nil
            case .sendLegacy(let pieces):
                socket?.tap?.record(.legacyOut, nil, pieces)
                legacy?.send(pieces: pieces)
            case .sendLocal(let name, let frame):
                socket?.send(frame, to: name.service, name.instance)
            case .record(let request): record(request)
            case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
            case .ready(let pnn):
                notify {
                    try notifier.ready()
                    try notifier.status("serving node \(pnn)")
                }
                // Most of what ran until here does not run again.
                ProcessEnvironment.trimMemory()
            case .drained: loop.stop()
            case .fatal(let reason):
                end = .failed(reason)
                loop.stop()
            case .note(let note): noteLog.write(note, at: loop.now)
            }
        }
    }

    private func record(_ request: RecordRequest) {
        do throws(SystemError) {
            try socket?.record(request, as: core.own)
            log.notice("what comes and goes is shown to the recorder at \(request.name)")
        } catch {
            log.warning("a recorder cannot be shown anything: \(error)")
        }
    }

    private func connect() {
        do throws(SystemError) {
            legacy = try LegacyConnection(
                path: configuration.legacySocket, loop: loop
            ) { [unowned self] packet in
                socket?.tap?.record(.legacyIn, nil, [packet])
                handle(.legacyPacket(packet))
            } closed: { [unowned self] reason in
                legacy = nil
                handle(.legacyLost(reason: reason))
            }
            handle(.legacyConnected)
            let release = legacy?.peerProcess.flatMap { DaemonRelease.ofProcess($0) }
            handle(.legacyRelease(release ?? ""))
        } catch {
            handle(.legacyLost(reason: "\(error)"))
        }
    }
}
