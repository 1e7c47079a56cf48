// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets

/// Stands between ctdbd and its clients, and shows what they say to each other.
///
/// Clients that connect while it is there go through it; those that were connected before do not.
/// No byte is lost or changes its place, and an end that does not read makes the other one wait.
/// For ctdbd every client behind it has this process's number. When ctdbd ends, the relay steps
/// aside, and takes its place again in front of the next ctdbd.
public final class Relay {
    /// A client, as long as it is connected.
    public struct Client: Equatable, Sendable {
        /// Counts the clients of a relay, from 1.
        public var number: Int
        /// Its process.
        public var pid: Int32
        /// What its program is called; empty when it was gone too soon.
        public var name: String
    }

    /// What the relay has to tell.
    public enum Event {
        /// A client has connected.
        case opened(Client)
        /// A client has sent a packet.
        case request(Client, ArraySlice<UInt8>)
        /// ctdbd has sent a client a packet.
        case reply(Client, ArraySlice<UInt8>)
        /// What one of the two sends is no packet; it goes through, but is not shown any more.
        case unreadable(Client, isRequest: Bool, WireError)
        /// A client's connection has ended.
        case closed(Client)
        /// The relay stands in front of this ctdbd.
        case inPlace(pid: Int32)
        /// ctdbd has ended; the relay waits for the next one.
        case aside
        /// The relay cannot take its place, or a client cannot be connected.
        case trouble(SystemError)
    }

    /// So often it is looked whether ctdbd is there again.
    private static let retryMilliseconds: UInt64 = 100
    private static let connectMilliseconds: UInt64 = 5

    private let path: String
    private let loop: EventLoop
    private let told: (Event) -> Void
    private var standIn: SocketStandIn?
    private var listening: EventLoop.Token?
    private var watched: EventLoop.Token?
    private var connections: [Int: RelayConnection] = [:]
    /// Clients that ctdbd had no room for yet.
    private var waiting: [(client: Client, stream: StreamSocket)] = []
    private var timer: EventLoop.TimerToken?
    private let scratch = ReadRoom()
    private var lastNumber = 0
    private var lastTrouble: SystemError?

    /// Takes its place.
    ///
    /// - Parameters:
    ///   - path: ctdbd's client socket.
    ///   - loop: where everything is watched.
    ///   - told: what there is to tell.
    /// - Throws: why it cannot stand there; nothing has changed then.
    public init(
        at path: String, loop: EventLoop, told: @escaping (Event) -> Void
    ) throws(SystemError) {
        self.path = path
        self.loop = loop
        self.told = told
        try takePlace()
        timer = loop.makeTimer { [weak self] in self?.retry() }
    }

    /// The clients that are connected.
    public var clientCount: Int { connections.count + waiting.count }

    /// Puts ctdbd's own socket back; clients that are connected stay so.
    public func leave() {
        stepAside()
        if let timer { loop.removeTimer(timer) }
        timer = nil
    }

    /// Puts ctdbd's own socket back and ends all connections.
    public func close() {
        leave()
        for connection in connections.values { connection.close() }
    }

    private func takePlace() throws(SystemError) {
        let made = try SocketStandIn(at: path)
        let watch = try ProcessWatch(pid: made.originalPID)
        listening = try loop.register(made.descriptor, for: .read) { [weak self] _ in
            self?.accept()
        }
        watched = try loop.register(watch.descriptor, for: .read) { [weak self] _ in
            self?.lostDaemon()
        }
        standIn = made
        told(.inPlace(pid: made.originalPID))
    }

    private func stepAside() {
        if let listening { loop.remove(listening) }
        if let watched { loop.remove(watched) }
        listening = nil
        watched = nil
        standIn?.goAway()
        standIn = nil
        for (client, _) in waiting { told(.closed(client)) }
        waiting = []
    }

    private func lostDaemon() {
        stepAside()
        told(.aside)
        wait(Self.retryMilliseconds)
    }

    private func wait(_ milliseconds: UInt64) {
        if let timer { loop.arm(timer, at: loop.now.advanced(byMilliseconds: milliseconds)) }
    }

    private func retry() {
        if standIn == nil {
            do throws(SystemError) {
                try takePlace()
            } catch {
                listening = nil
                watched = nil
                if !error.isRefusedConnection, !error.isMissingFile, error != lastTrouble {
                    lastTrouble = error
                    told(.trouble(error))
                }
                wait(Self.retryMilliseconds)
                return
            }
        }
        let again = waiting
        waiting = []
        for (client, stream) in again { connect(client, stream) }
    }

    private func accept() {
        while let standIn {
            switch standIn.accept() {
            case .connection(let stream):
                lastNumber += 1
                let pid = (try? stream.peerCredentials().pid) ?? 0
                let client = Client(
                    number: lastNumber, pid: pid, name: ProcessEnvironment.programName(of: pid))
                told(.opened(client))
                connect(client, stream)
            case .empty: return
            case .failed(let error):
                told(.trouble(error))
                return
            }
        }
    }

    private func connect(_ client: Client, _ stream: StreamSocket) {
        guard let standIn else {
            told(.closed(client))
            return
        }
        do throws(SystemError) {
            let daemon = try StreamSocket(connectedTo: standIn.besidePath)
            relay(client, stream, daemon)
        } catch {
            guard error.isFullQueue else {
                told(.trouble(error))
                told(.closed(client))
                return
            }
            waiting.append((client, stream))
            wait(Self.connectMilliseconds)
        }
    }

    private func relay(_ client: Client, _ stream: StreamSocket, _ daemon: StreamSocket) {
        let connection = RelayConnection(
            client: stream, daemon: daemon, loop: loop, scratch: scratch
        ) { [unowned self] direction, packet in
            told(direction == .toDaemon ? .request(client, packet) : .reply(client, packet))
        } unreadable: { [unowned self] direction, error in
            told(.unreadable(client, isRequest: direction == .toDaemon, error))
        } ended: { [unowned self] in
            connections[client.number] = nil
            told(.closed(client))
        }
        if !connection.isOver { connections[client.number] = connection }
    }
}
