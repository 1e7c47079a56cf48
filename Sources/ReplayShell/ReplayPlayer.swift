// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Replay
import Sockets
import Vocabulary

/// Plays scripts to a ctdbd, or to whoever speaks its protocol at a socket.
public final class ReplayPlayer {
    private static let retryMilliseconds: UInt64 = 5

    private let path: String

    /// Makes a player.
    ///
    /// - Parameter path: the client socket of the daemon.
    public init(socketPath path: String) { self.path = path }

    /// Asks the daemon what has to be known before a play.
    ///
    /// - Parameter limit: how long it may take.
    /// - Returns: what it says.
    /// - Throws: `.daemon`.
    public func target(within limit: Duration) throws(ReplayError) -> ReplayTarget {
        do throws(LegacyFailure) {
            let session = try LegacySession(socketPath: path, within: limit)
            defer { session.close() }
            let nodes = try session.ask(.nodeMap, within: limit).nodes
            let map = try session.ask(.vnnMap, within: limit)
            var databases: [String: ReplayTarget.Database] = [:]
            var numbers: [DatabaseID: UInt64] = [:]
            for database in try session.ask(.databaseMap, within: limit).databases {
                let name = try session.ask(.databaseName(database.id), within: limit)
                let kind = Self.kind(database.flags)
                databases[name] = ReplayTarget.Database(id: database.id, kind: kind)
                if kind != .volatile {
                    numbers[database.id] = try session.ask(
                        .sequenceNumber(database.id), within: limit)
                }
            }
            let addresses = try session.ask(.publicIPs(), within: limit).addresses
            var target = ReplayTarget(
                ownNode: session.pnn,
                nodes: nodes.filter { !$0.flags.contains(.deleted) }.map(\.pnn),
                generation: map.generation, databases: databases, sequenceNumbers: numbers,
                rsnFloor: ProcessEnvironment.wallClockNanoseconds() / 1_000,
                pid: Credentials.own.pid)
            target.publicAddresses = addresses.map(\.address)
            return target
        } catch {
            throw .daemon(error)
        }
    }

    private static func kind(_ flags: DatabaseFlags) -> ControlRequest.DatabaseKind {
        flags.contains(.persistent)
            ? .persistent : flags.contains(.replicated) ? .replicated : .volatile
    }

    /// Attaches the databases that a play needs, and binds their numbers.
    ///
    /// - Throws: `.daemon`.
    public func attach(
        _ bindings: inout ReplayBindings, within limit: Duration
    ) throws(ReplayError) {
        guard !bindings.attachments.isEmpty else { return }
        do throws(LegacyFailure) {
            let session = try LegacySession(socketPath: path, within: limit)
            defer { session.close() }
            for attachment in bindings.attachments {
                bindings.databases[attachment.id] = try session.ask(
                    .attachDatabase(attachment.name, attachment.kind), within: limit)
            }
            bindings.attachments = []
        } catch {
            throw .daemon(error)
        }
    }

    /// Plays.
    ///
    /// - Parameter machine: what is played, and how.
    /// - Returns: what came of it.
    /// - Throws: `.system` when it is not possible to wait for anything.
    public func play(_ machine: ReplayMachine) throws(ReplayError) -> ReplayResult {
        do throws(SystemError) {
            let stage = try Stage(machine, path)
            return try stage.run()
        } catch {
            throw .system(error)
        }
    }

    /// One play: the machine, its connections and its timer.
    private final class Stage {
        private var machine: ReplayMachine
        private let path: String
        private let loop: EventLoop
        private var connections: [Int: LegacyConnection] = [:]
        private var timer: EventLoop.TimerToken?
        private var isOver = false
        private var pending: [ReplayMachine.Event] = []
        private var isHandling = false

        init(_ machine: ReplayMachine, _ path: String) throws(SystemError) {
            self.machine = machine
            self.path = path
            loop = try EventLoop()
        }

        func run() throws(SystemError) -> ReplayResult {
            timer = loop.makeTimer { [unowned self] in handle(.wake) }
            handle(.started)
            while !isOver { try loop.iterate() }
            for connection in connections.values { connection.close() }
            return machine.result
        }

        /// Events of effects come behind the effects.
        private func handle(_ event: ReplayMachine.Event) {
            pending.append(event)
            guard !isHandling else { return }
            isHandling = true
            while !pending.isEmpty {
                let next = pending.removeFirst()
                perform(machine.handle(next, at: EventLoop.clock()))
            }
            isHandling = false
        }

        private func perform(_ effects: [ReplayMachine.Effect]) {
            for effect in effects {
                switch effect {
                case .connect(let client): connect(client)
                case .send(let client, let bytes): connections[client]?.send(bytes)
                case .close(let client): leave(client)
                case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
                case .finished: isOver = true
                }
            }
        }

        private func connect(_ client: Int) {
            do throws(SystemError) {
                connections[client] = try LegacyConnection(path: path, loop: loop) {
                    [weak self] packet in
                    self?.handle(.received(client, packet))
                } closed: { [weak self] reason in
                    self?.connections[client] = nil
                    self?.handle(.closed(client, reason: reason))
                }
                handle(.connected(client))
            } catch {
                guard error.isFullQueue else { return handle(.closed(client, reason: "\(error)")) }
                let again = loop.makeTimer { [weak self] in self?.connect(client) }
                loop.arm(
                    again, at: loop.now.advanced(byMilliseconds: ReplayPlayer.retryMilliseconds))
            }
        }

        /// Ends a connection when everything that was sent over it is on its way.
        private func leave(_ client: Int) {
            guard let connection = connections[client] else { return }
            guard connection.waitingByteCount > 0 else {
                connections[client] = nil
                connection.close()
                return
            }
            loop.atEndOfIteration { [weak self] in
                guard let self else { return }
                if connection.waitingByteCount > 0 {
                    let again = loop.makeTimer { [weak self] in self?.leave(client) }
                    loop.arm(again, at: loop.now.advanced(byMilliseconds: 1))
                } else {
                    leave(client)
                }
            }
        }
    }
}
