// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Runs an event core in place of the legacy event daemon.
///
/// Effects are carried out in their order, and what they lead to is handled after the last of them.
public final class EventDaemon {
    /// Why a daemon ended.
    public enum End: Equatable, Sendable {
        /// It was asked to.
        case stopped
        /// The process that it belongs to has ended.
        case abandoned

        /// The exit code of the program.
        public var exitCode: Int32 { self == .stopped ? 0 : 3 }
    }

    private let paths: EventPaths
    private let loop: EventLoop
    private let log: LegacyLog
    private let signals: SignalSource
    private let pidFile: PidFile
    private let reload: () -> EventConfiguration?
    private var core: EventCore
    private var configuration: EventConfiguration
    private var server: EventServer?
    private var runner: ScriptRunner?
    private var timer: EventLoop.TimerToken?
    private var parent: ProcessWatch?
    private var pending: [EventCore.Event] = []
    private var isHandling = false
    /// Why the daemon ended.
    package private(set) var end = End.stopped
    /// Whether it was told to end, or had to.
    package private(set) var isEnding = false

    /// Descriptors that are for scripts, the log and the like, and not for clients.
    private static let reservedDescriptorCount = 48

    /// Takes the pid file and binds the socket.
    ///
    /// - Parameters:
    ///   - configuration: the settings.
    ///   - paths: where files are.
    ///   - log: where lines go.
    ///   - parentID: a process without which the daemon ends; nil for none.
    ///   - reload: runs on SIGUSR1; gives the new settings, or nil when they are in error.
    /// - Throws: what stands in the way.
    public init(
        _ configuration: EventConfiguration, paths: EventPaths, log: LegacyLog, parentID: Int32?,
        reload: @escaping () -> EventConfiguration?
    ) throws(SystemError) {
        self.configuration = configuration
        self.paths = paths
        self.log = log
        self.reload = reload
        ProcessEnvironment.blockBrokenPipeSignal()
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt, .hangup, .user1])
        pidFile = try PidFile(path: paths.pidFile)
        core = EventCore(settings: configuration.core)
        log.write(.notice, "daemon started, pid=\(ProcessEnvironment.processID)")
        if let parentID, parentID > 1 { parent = try ProcessWatch(pid: parentID) }
        let clients = max(16, ProcessEnvironment.descriptorLimit - Self.reservedDescriptorCount)
        server = try EventServer(
            path: paths.socket, limits: EventServer.Limits(clients: clients), loop: loop,
            take: { [unowned self] asker, request in handle(.requested(asker, request)) },
            note: { [unowned self] note in write(note) })
        runner = ScriptRunner(loop: loop, outputLimit: configuration.outputLimit) {
            [unowned self] event in handle(event)
        }
        log.write(.notice, "listening on \(paths.socket)")
    }

    /// Serves until it is told to stop, or the process that it belongs to ends.
    ///
    /// - Throws: what makes the loop impossible.
    public func run() throws(SystemError) -> End {
        try begin()
        try loop.run()
        close()
        return end
    }

    /// Does what is due now, or comes until an instant; for tests, which have a loop of their own.
    package func turn(until limit: Instant) throws(SystemError) {
        try begin()
        try loop.iterate(until: limit)
    }

    /// Ends all connections and all scripts.
    package func close() {
        server?.close()
        server = nil
        runner?.killAll()
    }

    private func begin() throws(SystemError) {
        guard timer == nil else { return }
        timer = loop.makeTimer { [unowned self] in handle(.wake) }
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while let signal = signals.next() { act(on: signal) }
        }
        if let parent {
            _ = try loop.register(parent.descriptor, for: .read) { [unowned self] _ in
                log.write(.error, "PID \(parent.pid) gone away, exiting")
                stop(.abandoned)
            }
        }
        ProcessEnvironment.trimMemory()
    }

    private func stop(_ reason: End) {
        log.write(.notice, "Shutting down")
        end = reason
        isEnding = true
        loop.stop()
    }

    private func act(on signal: Signal) {
        log.write(.notice, "Received signal \(signal.rawValue)")
        switch signal {
        case .terminate, .interrupt: stop(.stopped)
        case .hangup:
            do throws(SystemError) {
                try log.reopen()
                log.write(.notice, "reopen logs completed successfully")
            } catch {
                log.write(.error, "reopen logs: \(error)")
            }
        case .user1:
            guard let changed = reload() else { return }
            apply(changed)
            log.write(.notice, "reconfigure completed successfully")
        case .child: break
        }
    }

    private func apply(_ changed: EventConfiguration) {
        if changed.logLocation != configuration.logLocation {
            log.write(.warning, "a change of the log's location takes effect at the next start")
        }
        for problem in changed.problems { log.write(.warning, "\(problem)") }
        log.level = changed.logLevel
        runner?.outputLimit = changed.outputLimit
        configuration = changed
        handle(.configured(changed.core))
    }

    // MARK: Events and effects

    private func handle(_ event: EventCore.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        var index = 0
        while index < pending.count {
            let time = LocalTime()
            let now = Moment(
                instant: EventLoop.clock(),
                calendar: Timeval(seconds: time.seconds, microseconds: time.fraction))
            for effect in core.handle(pending[index], at: now) { perform(effect) }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func perform(_ effect: EventCore.Effect) {
        switch effect {
        case .open(let component):
            handle(.opened(component, errno: folder(component).check()))
        case .list(let run, let component):
            handle(.listed(run, list(component)))
        case .start(let script, let launch):
            runner?.start(
                script, file: folder(launch.component).file(of: launch.script.bytes),
                arguments: [launch.script.bytes] + launch.arguments.map(\.bytes))
        case .giveUp(let script): runner?.giveUp(script)
        case .kill(let script): runner?.kill(script)
        case .terminate(let script): runner?.terminate(script)
        case .debug(let component, let script, let event):
            runner?.debug(
                script, of: component, program: configuration.debugScript ?? "", event: event)
        case .setEnabled(let asker, let component, let script, let isEnabled):
            let errno = folder(component).setEnabled(script.bytes, isEnabled)
            handle(.changed(asker, errno: errno))
        case .reply(let asker, let reply): server?.reply(asker, reply)
        case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
        case .note(let note):
            guard note.level <= log.level else { return }
            for line in note.lines { log.write(line.level, line.bytes) }
        }
    }

    private func folder(_ component: EventText) -> ScriptFolder { paths.component(component.bytes) }

    private func list(_ component: EventText) -> EventCore.Listing {
        do throws(SystemError) {
            return .scripts(try folder(component).scripts().map(EventText.init))
        } catch {
            return .failed(errno: error.errno)
        }
    }

    private func write(_ note: EventServer.Note) {
        switch note {
        case .invalidPacket(let count):
            log.write(.error, "Invalid packet received, buflen=\(count)")
        case .invalidStream: log.write(.error, "Invalid packet length received")
        case .unauthorised(let who):
            log.write(.warning, "refused process \(who.pid): uid \(who.uid) may not connect")
        case .acceptFailed(let error):
            log.write(.error, "failed to accept new connection: \(error)")
        }
    }
}
