// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Serves the legacy event daemon's protocol on a Unix socket.
final class EventServer {
    typealias Asker = EventCore.Asker

    /// What one client may have under way before it is read no further.
    struct Limits {
        var requests = 4096
        var requestBytes = 16 << 20
        var packetBytes = 4 << 20
        /// The clients that are served at a time; others wait to be accepted.
        var clients: Int
    }

    /// Something to log.
    enum Note {
        case invalidPacket(byteCount: Int)
        case invalidStream
        case unauthorised(Credentials)
        case acceptFailed(SystemError)
    }

    private final class Client {
        let socket: StreamSocket
        var token: EventLoop.Token?
        var framer: EventFramer
        var outgoing: [[UInt8]] = []
        var writtenCount = 0
        /// The sizes of the requests that are not answered.
        var waiting: [Reqid: [Int]] = [:]
        var waitingCount = 0
        var waitingBytes = 0

        init(_ socket: StreamSocket, packetLimit: Int) {
            self.socket = socket
            framer = EventFramer(layout: .native, maximumLength: packetLimit)
        }
    }

    private let listener: StreamListener
    private let loop: EventLoop
    private let limits: Limits
    private let take: (Asker, EventRequest) -> Void
    private let note: (Note) -> Void
    private var listenerToken: EventLoop.Token?
    private var retry: EventLoop.TimerToken?
    private var clients: [UInt64: Client] = [:]
    private var clientCount: UInt64 = 0
    private var scratch = [UInt8](repeating: 0, count: 65_536)

    /// Binds the socket and begins to serve.
    ///
    /// - Parameters:
    ///   - path: the socket.
    ///   - limits: what clients may do.
    ///   - loop: what waits for them.
    ///   - take: takes a request.
    ///   - note: takes what is worth a line in the log.
    /// - Throws: what stands in the way.
    init(
        path: String, limits: Limits, loop: EventLoop,
        take: @escaping (Asker, EventRequest) -> Void, note: @escaping (Note) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.limits = limits
        self.take = take
        self.note = note
        listener = try StreamListener(boundTo: path)
        listenerToken = try loop.register(listener.descriptor, for: .read) {
            [unowned self] _ in accept()
        }
        retry = loop.makeTimer { [unowned self] in listen(true) }
    }

    /// Answers a request; nobody hears it when its client has gone.
    func reply(_ asker: Asker, _ reply: EventReply) {
        guard let client = clients[asker.client] else { return }
        if var sizes = client.waiting[asker.reqid], let size = sizes.popLast() {
            client.waiting[asker.reqid] = sizes.isEmpty ? nil : sizes
            client.waitingCount -= 1
            client.waitingBytes -= size
        }
        guard let bytes = try? EventPacket(reqid: asker.reqid, body: reply).encode(layout: .native)
        else { return drop(asker.client) }
        client.outgoing.append(bytes)
        guard flush(asker.client, client) else { return }
        settle(asker.client, client)
    }

    /// Ends all connections and removes the socket.
    func close() {
        if let token = listenerToken { loop.remove(token) }
        listenerToken = nil
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
            case .connection(let socket): welcome(socket)
            }
        }
        listen(false)
    }

    private func listen(_ isWanted: Bool) {
        guard let listenerToken else { return }
        try? loop.setInterest(isWanted ? .read : [], of: listenerToken)
    }

    private func welcome(_ socket: StreamSocket) {
        let who = (try? socket.peerCredentials()) ?? .unknown
        guard who.uid == 0 || who.uid == Credentials.own.uid else {
            return note(.unauthorised(who))
        }
        clientCount &+= 1
        let number = clientCount
        let client = Client(socket, packetLimit: limits.packetBytes)
        client.token = try? loop.register(socket.descriptor, for: .read) {
            [unowned self] readiness in ready(number, readiness)
        }
        guard client.token != nil else { return }
        clients[number] = client
    }

    private func drop(_ number: UInt64) {
        guard let client = clients.removeValue(forKey: number) else { return }
        if let token = client.token { loop.remove(token) }
        if clients.count == limits.clients - 1 { listen(true) }
    }

    private func ready(_ number: UInt64, _ readiness: Readiness) {
        guard let client = clients[number] else { return }
        if readiness.contains(.writable), !flush(number, client) { return }
        if readiness.contains(.readable) {
            switch client.socket.read(into: &scratch) {
            case .bytes(let bytes): client.framer.append(bytes)
            case .wouldBlock: break
            case .closed, .failed: return drop(number)
            }
        } else if readiness.contains(.closed) {
            return drop(number)
        }
        settle(number, client)
    }

    /// Takes the packets that are complete, and decides what to wait for.
    private func settle(_ number: UInt64, _ client: Client) {
        do throws(WireError) {
            while mayAsk(client), let packet = try client.framer.next() {
                guard request(packet, number, client) else { return drop(number) }
                // Whoever is asked may have answered already, and the client may have gone.
                guard clients[number] === client else { return }
            }
        } catch {
            note(.invalidStream)
            return drop(number)
        }
        guard let token = client.token else { return }
        var interest: Interest = mayAsk(client) ? .read : []
        if !client.outgoing.isEmpty { interest.insert(.write) }
        try? loop.setInterest(interest, of: token)
    }

    private func mayAsk(_ client: Client) -> Bool {
        client.outgoing.isEmpty && client.waitingCount < limits.requests
            && client.waitingBytes < limits.requestBytes
    }

    /// Hands a request over; whether it was one.
    private func request(_ packet: ArraySlice<UInt8>, _ number: UInt64, _ client: Client) -> Bool {
        guard let read = try? EventPacket<EventRequest>.decode(packet, layout: .native) else {
            note(.invalidPacket(byteCount: packet.count))
            return false
        }
        client.waiting[read.reqid, default: []].append(packet.count)
        client.waitingCount += 1
        client.waitingBytes += packet.count
        take(Asker(client: number, reqid: read.reqid), read.body)
        return true
    }

    /// Writes what the client takes; whether it is still there.
    private func flush(_ number: UInt64, _ client: Client) -> Bool {
        while let first = client.outgoing.first {
            switch client.socket.write(first, from: client.writtenCount) {
            case .wouldBlock: return true
            case .closed, .failed:
                drop(number)
                return false
            case .wrote(let count):
                client.writtenCount += count
                guard client.writtenCount >= first.count else { return true }
                client.outgoing.removeFirst()
                client.writtenCount = 0
            }
        }
        return true
    }
}
