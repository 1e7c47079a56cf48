// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Vocabulary

/// Where an endpoint's frames go to and come from.
public enum Hop: Hashable, Sendable {
    /// The proxy of this node.
    case proxy
    /// Another process of this node; the instance names a client and is 0 for a daemon.
    case local(Service, Instance)
}

/// One daemon's or client's end of the new protocol: messages, requests, broadcasts, streams.
///
/// It cuts messages into packets, keeps within a window for each destination, puts received packets
/// together, and tells whoever sent something what became of it. Performs no input or output.
///
/// Invariants: every `send` is answered by exactly one `finish`; a message is received at most
/// once; messages of one source arrive in their order, within a lane.
public struct EndpointCore: Equatable, Sendable {
    /// Something that happens to the endpoint.
    public enum Event: Equatable, Sendable {
        /// The socket is there.
        case started
        /// A datagram came, from a process that may send one.
        case frame(ArraySlice<UInt8>)
        /// Nobody is listening at the other end of a hop.
        case refused(Hop)
        /// The program wants something sent.
        case send(Outbound)
        /// The program answers a request.
        case answer(RequestHandle, Answer)
        /// The program does something with a stream.
        case stream(StreamCommand)
        /// All that was waiting at the socket has been taken.
        case turnEnded
        /// The time that was asked for has come.
        case wake
        /// The program goes away.
        case closing
    }

    /// Something that the shell does.
    public enum Effect: Equatable, Sendable {
        /// Send a frame over a hop; a dispensable one may be dropped when the hop is full.
        case transmit(Hop, Link.Outgoing)
        /// The program receives a message or a request.
        case receive(Inbound)
        /// A broadcast request was answered by one node.
        case reply(token: UInt64, Reply)
        /// What became of something that was sent.
        case finish(token: UInt64, Completion)
        /// Something happened to a stream.
        case stream(StreamEvent)
        /// Send a `wake` event then.
        case wake(at: Instant)
        /// Something worth knowing.
        case note(Note)
    }

    /// What a log or a counter may want to know.
    public enum Note: Equatable, Sendable {
        /// The bytes were no frame, or no packet.
        case malformed(WireError)
        /// A frame was not used.
        case refused(Hop, Link.Refusal)
        /// A packet for somebody else.
        case misdelivered(Address)
        /// A reply or stream packet that nobody waits for (any more).
        case unexpected(Address, replyTo: UInt64)
    }

    struct Peer: Equatable, Sendable {
        var hop: Hop
        var link: Link
    }

    /// Who this is; the node is not known before the proxy's hello.
    public internal(set) var own: Address
    let settings: EndpointSettings
    var random: RandomSource
    var nextID: UInt64 = 1
    var peers: [Peer] = []
    var peerIndex: [Hop: Int] = [:]
    /// The hop that was used last: most of the time it is the next one too.
    private var lastPeer = 0
    var intake = Intake(isFinal: true)
    var assemblies = FlowTable<Assembly>()
    var assembledByteCount = 0
    var conversations = FlowTable<Conversation>()
    /// Conversations with something to cut, in the order of their turns.
    var ready: [Int] = []
    var requests: [UInt64: PendingRequest] = [:]
    /// The earliest deadline of a request.
    var requestWake: Instant?
    /// The earliest deadline of something that is not cut into packets yet.
    var queueWake: Instant?
    var streams: [StreamKey: StreamState] = [:]
    /// Streams that ended here, while the other end could not be told.
    var partings: [StreamKey: Parting] = [:]
    /// Things sent to other nodes before this node's number was known.
    var early: [Conversation.Queued] = []
    var earlySince: Instant?
    var wakeAt: Instant?
    var sweepAt: Instant?
    /// Whether the program has gone away.
    var isClosed = false
    /// When the other ends of all streams are asked whether they live.
    var streamProbeAt: Instant?

    /// Makes an endpoint.
    ///
    /// - Parameters:
    ///   - service: what it provides.
    ///   - instance: its life; never 0.
    ///   - settings: its limits and times.
    ///   - seed: random, from outside.
    public init(service: Service, instance: Instance, settings: EndpointSettings, seed: UInt64) {
        own = Address(node: .current, service: service, instance: instance)
        self.settings = settings
        random = RandomSource(seed: seed)
    }

    /// Takes an event; the effects are to be carried out in order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        handle(event, at: now, into: &effects)
        return effects
    }

    /// Takes an event; the effects are appended, and are to be carried out in order.
    public mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        guard !isClosed else {
            // Who said goodbye says nothing more.
            if case .send(let outbound) = event {
                finish(
                    outbound.token, .failed(.shuttingDown, possiblyDelivered: false), &effects)
            }
            return
        }
        switch event {
        case .started:
            _ = peer(.proxy, at: now)
            flush(at: now, &effects)
        case .frame(let bytes):
            receive(bytes, at: now, &effects)
        case .refused(let hop):
            refused(hop, at: now, &effects)
        case .send(let outbound):
            send(outbound, at: now, &effects)
        case .answer(let handle, let answer):
            send(handle.outbound(answer), at: now, &effects)
        case .stream(let command):
            handle(command, at: now, &effects)
        case .turnEnded:
            flush(at: now, &effects)
        case .wake:
            wakeAt = nil
            expire(at: now, &effects)
            flush(at: now, &effects)
        case .closing:
            // What was taken is told before this end goes.
            for at in peers.indices { peers[at].link.hurry(at: now) }
            flush(at: now, &effects)
            for at in peers.indices {
                guard let frame = peers[at].link.farewell() else { continue }
                effects.append(.transmit(peers[at].hop, frame))
            }
            isClosed = true
        }
    }

    /// Whether nothing that was sent still lacks its outcome.
    public var isIdle: Bool {
        early.isEmpty && requests.isEmpty && partings.isEmpty
            && peers.allSatisfy { $0.link.heldCount == 0 }
            && conversations.slots.allSatisfy { conversations[$0].isIdle }
    }

    /// The bytes of packets and parts of messages held here.
    public var heldByteCount: Int {
        peers.reduce(assembledByteCount) { $0 + $1.link.heldByteCount }
    }

    /// The state of the hop to the proxy.
    public var proxyState: Link.State? { peerIndex[.proxy].map { peers[$0].link.state } }

    // MARK: Hops

    /// The hop's place, made if need be.
    mutating func peer(_ hop: Hop, at now: Instant) -> Int {
        if lastPeer < peers.count, peers[lastPeer].hop == hop { return lastPeer }
        if let at = peerIndex[hop] {
            lastPeer = at
            return at
        }
        let address: Address
        var settings: LinkSettings
        switch hop {
        case .proxy:
            address = Address(
                node: .current, service: .proxy, instance: Instance(rawValue: 0))
            settings = .toProxy
        case .local(let service, let instance):
            address = Address(node: .current, service: service, instance: instance)
            settings = .toLocalProcess
        }
        settings.features = self.settings.features
        settings.software = self.settings.software
        var link = Link(own: own, peer: address, settings: settings, seed: random.next())
        link.resume(at: now)
        peers.append(Peer(hop: hop, link: link))
        peerIndex[hop] = peers.count - 1
        return peers.count - 1
    }

    /// The hop over which an address is reached.
    func hop(to address: Address) -> Hop {
        guard address.node == .current || address.node == own.node else { return .proxy }
        return localHop(address.service, address.instance)
    }

    func localHop(_ service: Service, _ instance: Instance) -> Hop {
        // A process has no hop to itself.
        let isOwn =
            service == own.service && (instance.rawValue == 0 || instance == own.instance)
        if service == .proxy || isOwn { return .proxy }
        return .local(service, service == .client ? instance : Instance(rawValue: 0))
    }

    private mutating func refused(_ hop: Hop, at now: Instant, _ effects: inout [Effect]) {
        guard let at = peerIndex[hop] else { return }
        let failures = peers[at].link.pathRefused(canReturn: hop == .proxy, at: now)
        settle(failures, at: now, &effects)
    }

    // MARK: Time

    private mutating func expire(at now: Instant, _ effects: inout [Effect]) {
        expireRequests(at: now, &effects)
        expireQueues(at: now, &effects)
        if let since = earlySince, since.advanced(byMilliseconds: settings.earlyMilliseconds) <= now
        {
            let given = early
            early = []
            earlySince = nil
            for queued in given {
                finish(
                    queued.outbound.token, .failed(.noProxy, possiblyDelivered: false), &effects)
                if let key = queued.stream { streamFailed(key, .noProxy, at: now, &effects) }
            }
            // The ends of streams that failed just now have nowhere to go either.
            early = []
            earlySince = nil
        }
        probeStreams(at: now)
        if let due = sweepAt, due <= now { sweepAt = nil }
        if sweepAt == nil {
            intake.sweep(at: now)
            sweepAssemblies(at: now)
            sweepPeers()
            sweepAt = now.advanced(byMilliseconds: 60_000)
        }
    }

    /// Forgets local processes that have gone.
    private mutating func sweepPeers() {
        let isGone = { (peer: Peer) in
            peer.hop != .proxy && peer.link.state == .absent && peer.link.isIdle
        }
        guard peers.contains(where: isGone) else { return }
        peers.removeAll(where: isGone)
        peerIndex = [:]
        for at in peers.indices { peerIndex[peers[at].hop] = at }
    }

    /// Sends what may go, and asks to be woken for the rest.
    private mutating func flush(at now: Instant, _ effects: inout [Effect]) {
        // Failures make room for more.
        var hasFailures = true
        while hasFailures {
            hasFailures = false
            feed(at: now, &effects)
            for at in peers.indices {
                var failures: [Outcome] = []
                for frame in peers[at].link.flush(at: now, failures: &failures) {
                    effects.append(.transmit(peers[at].hop, frame))
                }
                guard !failures.isEmpty else { continue }
                hasFailures = true
                settle(failures, at: now, &effects)
            }
        }
        var next: Instant? = sweepAt
        func earlier(_ instant: Instant?) {
            guard let instant else { return }
            next = next.map { min($0, instant) } ?? instant
        }
        for at in peers.indices { earlier(peers[at].link.nextWake) }
        earlier(requestWake)
        earlier(queueWake)
        earlier(earlySince?.advanced(byMilliseconds: settings.earlyMilliseconds))
        earlier(nextStreamProbe(at: now))
        guard let next, wakeAt.map({ next < $0 || $0 <= now }) ?? true else { return }
        wakeAt = next
        effects.append(.wake(at: next))
    }
}
