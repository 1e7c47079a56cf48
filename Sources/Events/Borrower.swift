// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Answers ctdbd in place of the event daemon that it has started, over the same sockets.
///
/// Everything that it holds of the other daemon is the kernel's: when this process dies, the other
/// one goes on at once, and finds the requests that were not answered in its sockets.
final class Borrower {
    /// What it needs of the daemon around it.
    struct Callbacks {
        /// Takes a request from a client.
        var take: (EventCore.Asker, EventRequest) -> Void
        /// Who answers ctdbd has changed.
        var changed: (Borrowing.Status) -> Void
        /// The log is to be opened again.
        var reopenLog: () -> Void
        /// The configuration is to be read again.
        var reload: () -> Void
    }

    private let engine: EventEngine
    private let paths: EventPaths
    private let loop: EventLoop
    private let log: LegacyLog
    private let callbacks: Callbacks
    private var machine = Borrowing()
    private var pending: [Borrowing.Event] = []
    private var isHandling = false
    private var timer: EventLoop.TimerToken?
    /// Looks at the frozen process again: whether it has stopped, later which signals wait for it.
    private var lookTimer: EventLoop.TimerToken?
    private var lookCount = 0
    private var client: LegacyEventClient?
    private var process: ProcessWatch?
    private var frozen: FrozenProcess?
    private var watches: [(ProcessWatch, EventLoop.Token)] = []
    private var server: EventServer?
    private var lastClient: UInt64 = 0
    /// Since when what runs is waited for; nil when it is not.
    private var finishingSince: Instant?

    private static let legacy: EventText = "legacy"
    private static let spinCount = 2_000
    private static let lookLimit = 1_000
    private static let signalPeriod: UInt64 = 100
    private static let finishPeriod: UInt64 = 5
    /// Clients that have connected and ask nothing are waited for so long.
    private static let silenceLimit: UInt64 = 500

    init(
        _ engine: EventEngine, paths: EventPaths, loop: EventLoop, log: LegacyLog,
        callbacks: Callbacks
    ) {
        self.engine = engine
        self.paths = paths
        self.loop = loop
        self.log = log
        self.callbacks = callbacks
        timer = loop.makeTimer { [unowned self] in handle(.wake) }
        lookTimer = loop.makeTimer { [unowned self] in look() }
    }

    deinit {
        for timer in [timer, lookTimer].compactMap({ $0 }) { loop.removeTimer(timer) }
        letGo()
    }

    /// Whether ctdbd is answered, with borrowed sockets.
    var isServing: Bool { server != nil }

    /// Whether the legacy event daemon is frozen.
    var isHolding: Bool { frozen != nil }

    /// Says whether the sockets are to be borrowed.
    func want(_ isWanted: Bool) { handle(.wanted(isWanted)) }

    /// Lets the legacy event daemon do what cannot be done here.
    func giveUp(_ reason: String) { handle(.unable(reason)) }

    /// Lets the legacy event daemon go on, whatever runs here.
    func close() {
        handle(.wanted(false))
        letGo()
    }

    /// Answers a client.
    func reply(_ asker: EventCore.Asker, _ reply: EventReply) { server?.reply(asker, reply) }

    // MARK: Events and effects

    private func handle(_ event: Borrowing.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        var index = 0
        while index < pending.count {
            for effect in machine.handle(pending[index], at: EventLoop.clock()) { perform(effect) }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func perform(_ effect: Borrowing.Effect) {
        switch effect {
        case .find: handle(.found(find()))
        case .ask(let lender): ask(lender)
        case .freeze(let lender): freeze(lender)
        case .serve(let lender): handle(serve(lender))
        case .finish:
            finishingSince = loop.now
            server?.setAccepting(false)
            look()
        case .goOn:
            finishingSince = nil
            server?.setAccepting(true)
        case .abandon:
            engine.abandon(Self.legacy)
            stopServing()
        case .letGo: letGo()
        case .reopenLog: callbacks.reopenLog()
        case .reload: callbacks.reload()
        case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
        case .changed(let status): callbacks.changed(status)
        }
    }

    // MARK: The way there

    /// Finds out who serves the socket.
    func find() -> Borrowing.Finding {
        let credentials: Credentials
        do throws(SystemError) {
            credentials = try StreamSocket(connectedTo: paths.socket).peerCredentials()
        } catch {
            let isAway = error.isMissingFile || error.isRefusedConnection
            return isAway ? .nobody : .unknown("\(error)")
        }
        guard credentials.pid > 0 else {
            return .unknown("the event daemon of ctdbd runs in another pid namespace")
        }
        let facts = ProcessFacts(pid: credentials.pid)
        if facts.isSameProgram(as: ProcessFacts(pid: Credentials.own.pid)) {
            return .own(pid: credentials.pid)
        }
        guard let parent = facts.parent, parent > 1 else {
            return .unknown("process \(credentials.pid) was not started by a ctdbd that runs")
        }
        do throws(SystemError) {
            let lender = Borrowing.Lender(pid: credentials.pid, ctdbd: parent)
            return .legacy(lender, scripts: try facts.children())
        } catch {
            return .unknown("\(error)")
        }
    }

    private func ask(_ lender: Borrowing.Lender) {
        // What ends while the questions are under way makes the answers old.
        let ended = ProcessFacts(pid: lender.pid).faultsOfChildren
        let client = LegacyEventClient(path: paths.socket, loop: loop)
        self.client = client
        LegacyHistory(client).ask(paths.components()) { [weak self] answer in
            guard let self, self.client === client else { return }
            // Who is inside of the client's handler must not take it away.
            loop.atEndOfIteration { [weak self] in
                guard let self, self.client === client else { return }
                self.client = nil
                switch answer {
                case .failure(let failure): handle(.forgotten(failure.description))
                case .success(let memories):
                    for one in memories {
                        engine.remember(one.status, of: one.event, in: one.component)
                    }
                    handle(.remembered(endedScripts: ended))
                }
            }
        }
    }

    private func freeze(_ lender: Borrowing.Lender) {
        do throws(SystemError) {
            process = try ProcessWatch(pid: lender.pid)
            let frozen = try FrozenProcess(pid: lender.pid)
            self.frozen = frozen
            // It stops within microseconds, unless the machine is busy.
            for _ in 0..<Self.spinCount where frozen.look() == .running {
                ProcessEnvironment.yield()
            }
        } catch {
            letGo()
            return handle(.unfrozen(Self.obstacle(error)))
        }
        lookCount = 0
        look()
    }

    private static func obstacle(_ error: SystemError) -> Borrowing.Obstacle {
        if error.isMissingProcess { return .nobody }
        return error.isForbidden || error.isUnknownCall
            ? .refused("\(error)") : .failed("\(error)")
    }

    /// Looks at the frozen process.
    private func look() {
        guard let frozen else { return }
        guard server == nil else { return lookAgain(frozen) }
        switch frozen.look() {
        case .running:
            lookCount += 1
            guard lookCount < Self.lookLimit else {
                letGo()
                return handle(.unfrozen(.failed("process \(frozen.pid) does not stop")))
            }
            arm(milliseconds: 1)
        case .signalled:
            letGo()
            handle(.unfrozen(.atWork))
        case .ended:
            letGo()
            handle(.unfrozen(.nobody))
        case .frozen:
            do throws(SystemError) {
                handle(.frozen(try observation(of: frozen)))
            } catch {
                letGo()
                handle(.unfrozen(Self.obstacle(error)))
            }
        }
    }

    private func arm(milliseconds: UInt64) {
        if let lookTimer {
            loop.arm(lookTimer, at: EventLoop.clock().advanced(byMilliseconds: milliseconds))
        }
    }

    private func observation(
        of frozen: FrozenProcess
    ) throws(SystemError) -> Borrowing.Observation {
        let facts = ProcessFacts(pid: frozen.pid)
        return Borrowing.Observation(
            wasIdle: try frozen.wasIdle(), scripts: try facts.children(),
            waitsToWrite: try facts.waitsToWrite(), endedScripts: facts.faultsOfChildren,
            signals: try frozen.pendingSignals())
    }

    private func serve(_ lender: Borrowing.Lender) -> Borrowing.Event {
        guard let process else { return .unserved(.nobody) }
        do throws(SystemError) {
            let sockets = try CopiedSockets(of: process, servingAt: paths.socket)
            guard let listener = sockets.listener else {
                return .unserved(.failed("process \(lender.pid) does not listen any more"))
            }
            let peers = sockets.connections.compactMap { try? $0.peerCredentials().pid }
            guard peers.contains(lender.ctdbd) else {
                return .unserved(.failed("ctdbd is not connected to its event daemon"))
            }
            try watch(process) { [unowned self] in handle(.lenderEnded) }
            let ctdbd = try ProcessWatch(pid: lender.ctdbd)
            try watch(ctdbd) { [unowned self] in handle(.ctdbdEnded) }
            surround(with: ProcessFacts(pid: lender.pid))
            let server = try EventServer(
                borrowing: listener, sockets.connections,
                limits: EventServer.Limits(clients: EventServer.clientLimit), loop: loop,
                firstNumber: lastClient, take: callbacks.take,
                note: { [log] in log.write($0) })
            server.lostPeer = { [unowned self, unowned server] peer in
                guard peer.pid == lender.ctdbd, !server.isConnected(to: peer.pid) else { return }
                loop.atEndOfIteration { [weak self] in self?.handle(.ctdbdEnded) }
            }
            self.server = server
        } catch {
            return .unserved(Self.obstacle(error))
        }
        arm(milliseconds: Self.signalPeriod)
        return .serving
    }

    private func watch(
        _ process: ProcessWatch, ended: @escaping () -> Void
    ) throws(SystemError) {
        let token = try loop.register(process.descriptor, for: .read) { _ in ended() }
        watches.append((process, token))
    }

    /// Scripts find what they would find with the legacy daemon.
    private func surround(with facts: ProcessFacts) {
        engine.surroundings = ChildProcess.Surroundings(
            environment: facts.environment, directory: facts.directory,
            fileModeMask: facts.fileModeMask, limitsOf: facts.pid, endsWithParent: true)
    }

    // MARK: While it serves

    /// Looks whether signals wait for the frozen process, and whether all has finished.
    private func lookAgain(_ frozen: FrozenProcess) {
        if let signals = try? frozen.pendingSignals() { handle(.signals(signals)) }
        guard server != nil else { return }
        if let since = finishingSince, hasFinished(since) {
            finishingSince = nil
            // From here on nothing is taken from the sockets.
            stopServing()
            return handle(.finished)
        }
        arm(milliseconds: finishingSince == nil ? Self.signalPeriod : Self.finishPeriod)
    }

    private func hasFinished(_ since: Instant) -> Bool {
        guard let server, server.isIdle, engine.isIdle(Self.legacy) else { return false }
        return !server.hasOwnClients
            || loop.now >= since.advanced(byMilliseconds: Self.silenceLimit)
    }

    private func stopServing() {
        if let server { lastClient = server.lastNumber }
        server?.close()
        server = nil
    }

    private func letGo() {
        stopServing()
        finishingSince = nil
        if let lookTimer { loop.disarm(lookTimer) }
        for (_, token) in watches { loop.remove(token) }
        watches.removeAll()
        frozen?.letGo()
        frozen = nil
        process = nil
        engine.surroundings = ChildProcess.Surroundings(endsWithParent: true)
    }
}
