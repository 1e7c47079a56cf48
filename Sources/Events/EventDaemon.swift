// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Runs events in place of the legacy event daemon, as a child of ctdbd.
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
    private var configuration: EventConfiguration
    private var server: EventServer?
    private var engine: EventEngine?
    private var parent: ProcessWatch?
    private var hasBegun = false
    /// Why the daemon ended.
    package private(set) var end = End.stopped
    /// Whether it was told to end, or had to.
    package private(set) var isEnding = false

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
        log.write(.notice, "daemon started, pid=\(ProcessEnvironment.processID)")
        if let parentID, parentID > 1 { parent = try ProcessWatch(pid: parentID) }
        server = try EventServer(
            path: paths.socket, limits: EventServer.Limits(clients: EventServer.clientLimit),
            loop: loop,
            take: { [unowned self] asker, request in engine?.ask(asker, request) },
            note: { log.write($0) })
        engine = EventEngine(configuration, paths: paths, log: log, loop: loop) {
            [unowned self] asker, reply in server?.reply(asker, reply)
        }
        // What a dead daemon was asked to run, another one is asked again.
        engine?.surroundings.endsWithParent = true
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
        engine?.close()
    }

    private func begin() throws(SystemError) {
        guard !hasBegun else { return }
        hasBegun = true
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
        configuration = changed
        engine?.apply(changed)
    }
}
