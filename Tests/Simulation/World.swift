// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// A cluster in which everything, time too, follows from one number.
///
/// Invariant: the same options, seed and calls give the same world, step by step.
package final class World {
    enum Entry {
        case turn(process: Int, life: UInt64)
        case wake(process: Int, life: UInt64, at: Instant)
        case toDaemon(node: Int, process: Int, connection: UInt64, bytes: [UInt8])
        case toClient(process: Int, connection: UInt64, bytes: [UInt8])
        case connect(process: Int, life: UInt64)
        case message(
            from: Int, to: Int, connection: UInt64, srvid: SrvID, data: ArraySlice<UInt8>,
            isLate: Bool)
        case sees(node: Int, other: Int, connection: UInt64)
        case answer(process: Int, life: UInt64, RequestHandle, Answer)
        case read(process: Int, life: UInt64, StreamKey, Int)
        case act(Act)
    }

    package internal(set) var now = Instant(nanoseconds: 1_000_000_000)
    package let options: WorldOptions
    var random: RandomSource
    var agenda = Agenda<Entry>()
    var processes: [Process] = []
    var daemons: [Daemon] = []
    var paths: [Path] = []
    var ledger = Ledger()
    /// Frames handed to paths and sockets so far.
    package internal(set) var frameCount = 0
    /// Steps done so far.
    package internal(set) var stepCount = 0
    var nextConnection: UInt64 = 0
    var nextLife: UInt64 = 0
    var violation: Violation?
    var hasSabotaged = false
    var streamSizes: [Int] = []
    /// What happened, when the options ask for it.
    package internal(set) var trace: [String] = []

    /// Makes a world in which every process has just been started.
    package init(_ options: WorldOptions, seed: UInt64) {
        self.options = options
        random = RandomSource(seed: seed)
        let count = options.nodeCount
        daemons = (0..<count).map { _ in
            Daemon(isConnected: [Bool](repeating: true, count: count))
        }
        paths = [Path](repeating: Path(), count: count * count)
        for node in 0..<count {
            if !options.bareNodes.contains(node) {
                processes.append(Process(node: node, service: .proxy))
                if options.rivalNodes.contains(node) {
                    processes.append(Process(node: node, service: .proxy))
                }
            }
            for service in options.services {
                processes.append(Process(node: node, service: service))
            }
        }
        for at in processes.indices { start(at) }
    }

    /// Does what comes next; throws when the world is not as it has to be any more.
    ///
    /// - Returns: false when nothing is left to do, or when it comes after `limit`.
    package func step(until limit: Instant) throws -> Bool {
        guard let next = agenda.next, next <= limit, let (at, entry) = agenda.takeFirst() else {
            now = max(now, limit)
            return false
        }
        now = at
        stepCount += 1
        perform(entry)
        if let violation { throw violation }
        return true
    }

    /// Runs for so long.
    package func run(milliseconds: UInt64) throws {
        let limit = now.advanced(byMilliseconds: milliseconds)
        while try step(until: limit) {}
    }

    // MARK: Chance

    func below(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : random.next() % bound }

    func later(_ entry: Entry, microseconds: UInt64) {
        agenda.add(entry, at: Instant(nanoseconds: now.nanoseconds + microseconds * 1_000))
    }

    func violate(_ text: String) {
        if violation == nil { violation = Violation(description: text) }
        note("VIOLATION \(text)")
    }

    func note(_ text: @autoclosure () -> String) {
        guard options.isTraced else { return }
        let microseconds = now.nanoseconds / 1_000
        trace.append("\(microseconds / 1_000_000).\(microseconds % 1_000_000) \(text())")
    }

    func name(_ process: Int) -> String {
        let it = processes[process]
        return "n\(it.node)/s\(it.service.rawValue)#\(it.life)"
    }

    // MARK: Steps

    private func perform(_ entry: Entry) {
        switch entry {
        case .turn(let process, let life):
            guard processes[process].life == life else { return }
            takeTurn(process)
        case .wake(let process, let life, let at):
            guard processes[process].life == life, processes[process].wakeAt == at else { return }
            processes[process].wakeAt = nil
            processes[process].wakeCount += 1
            post(.wake, to: process)
        case .toDaemon(let node, let process, let connection, let bytes):
            receiveAtDaemon(node, .packet(bytes, process: process, connection: connection))
        case .toClient(let process, let connection, let bytes):
            guard processes[process].connection == connection else { return }
            post(.proxy(.legacyPacket(bytes[...])), to: process)
        case .connect(let process, let life):
            guard processes[process].life == life else { return }
            connect(process)
        case .message(let from, let to, let connection, let srvid, let data, let isLate):
            arrive(from, to, connection, srvid, data, isLate)
        case .sees(let node, let other, let connection):
            see(node, other, connection)
        case .answer(let process, let life, let handle, let answer):
            guard processes[process].life == life else { return }
            post(.endpoint(.answer(handle, answer)), to: process)
        case .read(let process, let life, let key, let count):
            guard processes[process].life == life else { return }
            read(process, key, count)
        case .act(let act):
            perform(act)
        }
    }

    // MARK: Processes

    func start(_ at: Int) {
        nextLife += 1
        let node = processes[at].node
        processes[at].life = nextLife
        processes[at].isPaused = false
        let life = Instance(rawValue: processes[at].isClient ? nextLife << 32 | 1 : nextLife)
        if processes[at].service == .proxy {
            let settings = proxySettings(node)
            processes[at].proxySettings = settings
            processes[at].proxy = ProxyCore(
                instance: life, settings: settings, seed: random.next())
            post(.proxy(.started), to: at)
        } else {
            processes[at].endpoint = EndpointCore(
                service: processes[at].service, instance: life, settings: endpointSettings,
                seed: random.next())
            post(.endpoint(.started), to: at)
        }
        note("start \(name(at))")
    }

    /// Ends a process; what waits at its socket is lost.
    func kill(_ at: Int) {
        guard processes[at].isAlive else { return }
        note("kill \(name(at))")
        ledger.sourceEnded(processes[at].life)
        disconnect(at)
        processes[at].proxy = nil
        processes[at].endpoint = nil
        processes[at].life = 0
        processes[at].inbox = []
        processes[at].datagramCount = 0
        processes[at].pending = []
        processes[at].hasTurn = false
        processes[at].wakeAt = nil
        for sender in processes.indices
        where processes[sender].pending.contains(where: { $0.to == at }) {
            processes[sender].pending.removeAll { $0.to == at }
            refuse(sender, at)
        }
    }

    func resume(_ at: Int) {
        guard processes[at].isPaused else { return }
        note("resume \(name(at))")
        processes[at].isPaused = false
        scheduleTurn(at)
    }

    func post(_ input: Process.Input, to at: Int) {
        guard processes[at].isAlive else { return }
        processes[at].inbox.append(input)
        scheduleTurn(at)
    }

    private func scheduleTurn(_ at: Int) {
        guard !processes[at].hasTurn, !processes[at].isPaused, !processes[at].inbox.isEmpty else {
            return
        }
        processes[at].hasTurn = true
        later(.turn(process: at, life: processes[at].life), microseconds: 5 + below(100))
    }

    private func takeTurn(_ at: Int) {
        processes[at].hasTurn = false
        guard !processes[at].isPaused else { return }
        let inputs = processes[at].inbox
        processes[at].inbox = []
        processes[at].datagramCount = 0
        takePending(at)
        let life = processes[at].life
        for input in inputs where processes[at].life == life {
            if processes[at].service == .proxy {
                handleProxy(at, input)
            } else {
                handleEndpoint(at, input)
            }
        }
        guard processes[at].life == life else { return }
        if processes[at].service == .proxy {
            feed(at, ProxyCore.Event.turnEnded)
        } else {
            feed(at, EndpointCore.Event.turnEnded)
        }
        checkMemory(at)
    }

    func wish(_ at: Int, _ instant: Instant) {
        let due = max(instant, Instant(nanoseconds: now.nanoseconds + 1_000))
        if let wakeAt = processes[at].wakeAt, wakeAt <= due, wakeAt > now { return }
        processes[at].wakeAt = due
        agenda.add(.wake(process: at, life: processes[at].life, at: due), at: due)
    }

    private func checkMemory(_ at: Int) {
        if let proxy = processes[at].proxy {
            let hops = options.nodeCount + 16
            let limit = processes[at].proxySettings.nodeLinks.heldLimit
            if proxy.heldByteCount > hops * (limit + limit / 4 + 70_000) {
                violate("\(name(at)) holds \(proxy.heldByteCount) bytes")
            }
        } else if let endpoint = processes[at].endpoint {
            let limit = 24 * 1_048_576 * 3 + endpointSettings.assemblyBudget
            if endpoint.heldByteCount > limit {
                violate("\(name(at)) holds \(endpoint.heldByteCount) bytes")
            }
        }
        let seconds = now.nanoseconds / 1_000_000_000
        if processes[at].wakeCount > 100 * Int(seconds) + 400 {
            violate("\(name(at)) is woken \(processes[at].wakeCount) times in \(seconds) s")
        }
    }

    // MARK: Settings

    private func proxySettings(_ node: Int) -> ProxySettings {
        var settings = ProxySettings()
        if options.strangeNodes.contains(node) {
            settings.nodeLinks.versionMinimum = 0x0002_0000
            settings.nodeLinks.versionMaximum = 0x0002_0000
        }
        guard !options.hasUsualTimes else { return settings }
        settings.pollMilliseconds = 2_000
        settings.answerMilliseconds = 3_000
        settings.detachedMilliseconds = 3_000
        for path in [\ProxySettings.nodeLinks, \ProxySettings.localLinks] {
            settings[keyPath: path].strangerMilliseconds = 800
            settings[keyPath: path].patienceMilliseconds = 1_500
            settings[keyPath: path].absentMilliseconds = 2_000
            settings[keyPath: path].probeMilliseconds = 100
            settings[keyPath: path].normalWindow = 100_000
            settings[keyPath: path].heldLimit = 400_000
        }
        return settings
    }

    var endpointSettings: EndpointSettings {
        var settings = EndpointSettings()
        guard !options.hasUsualTimes else { return settings }
        settings.normalWindow = 150_000
        settings.urgentWindow = 150_000
        settings.assemblyBudget = 600_000
        settings.streamCredit = 4_000
        settings.earlyMilliseconds = 3_000
        return settings
    }
}
