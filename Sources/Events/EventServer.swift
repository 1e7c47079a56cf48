// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Serves the legacy event daemon's protocol on a Unix socket, its own or a borrowed one.
final class EventServer {
    typealias Asker = EventCore.Asker

    /// What one client may have under way before it is read no further.
    struct Limits {
        var requests = 4096
        var requestBytes = 16 << 20
        var packetBytes = 4 << 20
        /// The clients that are served at a time; others wait to be accepted.
        var clients: Int

        /// The longest packet of a borrowed connection: it has to fit into the socket.
        static let borrowedPacketBytes = 128 << 10
    }

    /// Something to log.
    enum Note {
        case invalidPacket(byteCount: Int)
        case invalidStream
        case unauthorised(Credentials)
        case acceptFailed(SystemError)
    }

    /// Descriptors that are for scripts, the log and the like, and not for clients.
    private static let reservedDescriptorCount = 48

    /// So many clients a daemon can serve with the descriptors that it may have.
    static var clientLimit: Int {
        max(16, ProcessEnvironment.descriptorLimit - reservedDescriptorCount)
    }

    private let listener: StreamListener
    private let loop: EventLoop
    private let limits: Limits
    private let take: (Asker, EventRequest) -> Void
    private let note: (Note) -> Void
    private var listenerToken: EventLoop.Token?
    private var retry: EventLoop.TimerToken?
    private var clients: [UInt64: EventClient] = [:]
    private var clientCount: UInt64
    private var scratch = [UInt8](repeating: 0, count: 65_536)
    private var isAccepting = true
    /// Called when the other end of a borrowed connection has gone.
    var lostPeer: ((Credentials) -> Void)?

    /// Binds the socket and begins to serve.
    ///
    /// - Parameters:
    ///   - path: the socket.
    ///   - limits: what clients may do.
    ///   - loop: what waits for them.
    ///   - take: takes a request.
    ///   - note: takes what is worth a line in the log.
    /// - Throws: what stands in the way.
    convenience init(
        path: String, limits: Limits, loop: EventLoop,
        take: @escaping (Asker, EventRequest) -> Void, note: @escaping (Note) -> Void
    ) throws(SystemError) {
        try self.init(
            try StreamListener(boundTo: path), limits: limits, loop: loop, firstNumber: 0,
            take: take, note: note)
    }

    /// Begins to serve with copies of somebody else's sockets.
    ///
    /// - Parameters:
    ///   - listener: a copy of the listener.
    ///   - connections: copies of the connections.
    ///   - limits: what clients may do.
    ///   - loop: what waits for them.
    ///   - firstNumber: above the numbers of all clients of earlier servers.
    ///   - take: takes a request.
    ///   - note: takes what is worth a line in the log.
    /// - Throws: what stands in the way.
    convenience init(
        borrowing listener: StreamListener, _ connections: [StreamSocket], limits: Limits,
        loop: EventLoop, firstNumber: UInt64, take: @escaping (Asker, EventRequest) -> Void,
        note: @escaping (Note) -> Void
    ) throws(SystemError) {
        try self.init(
            listener, limits: limits, loop: loop, firstNumber: firstNumber, take: take,
            note: note)
        for connection in connections { try welcome(connection, isBorrowed: true) }
    }

    private init(
        _ listener: StreamListener, limits: Limits, loop: EventLoop, firstNumber: UInt64,
        take: @escaping (Asker, EventRequest) -> Void, note: @escaping (Note) -> Void
    ) throws(SystemError) {
        self.listener = listener
        self.loop = loop
        self.limits = limits
        self.take = take
        self.note = note
        clientCount = firstNumber
        listenerToken = try loop.register(listener.descriptor, for: .read) {
            [unowned self] _ in accept()
        }
        retry = loop.makeTimer { [unowned self] in listen(true) }
    }

    /// Whether every request is answered, and every answer written.
    var isIdle: Bool { clients.values.allSatisfy(\.isIdle) }
    /// Whether there is a connection that nobody else has too.
    var hasOwnClients: Bool { clients.values.contains { !$0.isBorrowed } }
    /// Whether a process is at the other end of a connection.
    func isConnected(to pid: Int32) -> Bool {
        clients.values.contains { $0.peer.pid == pid && !$0.hasGone }
    }

    /// The number of the last client.
    var lastNumber: UInt64 { clientCount }

    /// Answers a request; nobody hears it when its client has gone.
    func reply(_ asker: Asker, _ reply: EventReply) {
        guard let client = clients[asker.client] else { return }
        follow(client.reply(asker.reqid, reply), asker.client, client)
        settle(asker.client)
    }

    /// Lets new clients wait for whoever accepts them next, or accepts them again.
    func setAccepting(_ isWanted: Bool) {
        isAccepting = isWanted
        listen(isWanted)
    }

    /// Ends all connections of its own, and removes the socket when it is its own.
    func close() {
        if let token = listenerToken { loop.remove(token) }
        listenerToken = nil
        if let retry { loop.removeTimer(retry) }
        retry = nil
        for number in Array(clients.keys) { drop(number) }
    }

    // MARK: Connections

    private func accept() {
        while clients.count < limits.clients {
            switch listener.accept() {
            case .empty: return
            case .failed(let error):
                note(.acceptFailed(error))
                // Descriptors come back when somebody leaves, or later.
                listen(false)
                if let retry { loop.arm(retry, at: loop.now.advanced(byMilliseconds: 200)) }
                return
            case .connection(let socket): try? welcome(socket, isBorrowed: false)
            }
        }
        listen(false)
    }

    private func listen(_ isWanted: Bool) {
        guard let listenerToken else { return }
        try? loop.setInterest(isWanted && isAccepting ? .read : [], of: listenerToken)
    }

    private func welcome(_ socket: StreamSocket, isBorrowed: Bool) throws(SystemError) {
        let who = (try? socket.peerCredentials()) ?? .unknown
        guard who.uid == 0 || who.uid == Credentials.own.uid else {
            return note(.unauthorised(who))
        }
        clientCount &+= 1
        let number = clientCount
        let client = EventClient(
            socket, of: who, isBorrowed: isBorrowed, limits: limits)
        client.token = try loop.register(socket.descriptor, for: client.interest) {
            [unowned self] readiness in ready(number, readiness)
        }
        clients[number] = client
    }

    private func drop(_ number: UInt64) {
        guard let client = clients.removeValue(forKey: number) else { return }
        if let token = client.token {
            loop.remove(token)
            if client.hasGone { lostPeer?(client.peer) }
        }
        if clients.count == limits.clients - 1 { listen(true) }
    }

    private func ready(_ number: UInt64, _ readiness: Readiness) {
        guard let client = clients[number] else { return }
        if readiness.contains(.writable) {
            follow(client.flush(), number, client)
            guard clients[number] != nil else { return }
        }
        if readiness.contains(.readable) {
            follow(
                client.read(into: &scratch) { hand($0, $1, number, client) }, number, client)
        }
        if readiness.contains(.closed), client.isBorrowed || !readiness.contains(.readable) {
            follow(client.leave(), number, client)
        }
        settle(number)
    }

    private func hand(
        _ reqid: Reqid, _ request: EventRequest, _ number: UInt64, _ client: EventClient
    ) -> Bool {
        take(Asker(client: number, reqid: reqid), request)
        // Whoever is asked may have answered already, and the client may have gone.
        return clients[number] === client
    }

    private func follow(_ step: EventClient.Step, _ number: UInt64, _ client: EventClient) {
        switch step {
        case .open: return
        case .ended: break
        case .invalid(let byteCount):
            note(byteCount.map { .invalidPacket(byteCount: $0) } ?? .invalidStream)
            // Requests in front of what cannot be read are answered all the same.
            if client.isBorrowed, !client.isIdle { return }
        }
        drop(number)
    }

    /// Takes the requests that were kept waiting, and decides what to wait for.
    private func settle(_ number: UInt64) {
        guard let client = clients[number] else { return }
        follow(
            client.proceed { hand($0, $1, number, client) }, number, client)
        guard clients[number] === client, let token = client.token else { return }
        if client.hasGone {
            // Nothing more comes from there.
            loop.remove(token)
            client.token = nil
            lostPeer?(client.peer)
        } else {
            try? loop.setInterest(client.interest, of: token)
        }
    }
}
