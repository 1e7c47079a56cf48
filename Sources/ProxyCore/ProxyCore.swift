// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import MessagingCore
import PeerWire
import Vocabulary

/// The proxy of a node: carries packets between the processes of this node and the proxies of the
/// other nodes, inside legacy messages.
///
/// It performs no input or output.
///
/// Invariants: a packet taken from a process or a node is handed on once, in the order of its flow,
/// or its source is told an outcome other than consumed; nothing is taken before this node's number
/// is known; a process speaks only for itself, a node only for its own processes.
public struct ProxyCore: Equatable, Sendable {
    /// Something that happens to the proxy.
    public enum Event: Equatable, Sendable {
        /// Begin.
        case started
        /// The connection to ctdbd is there.
        case legacyConnected
        /// Which release the ctdbd is that was connected to; empty when nobody can tell.
        case legacyRelease(String)
        /// The connection could not be made, or has ended.
        case legacyLost(reason: String)
        /// ctdbd has sent a whole packet.
        case legacyPacket(ArraySlice<UInt8>)
        /// A process that may send datagrams has sent one.
        case datagram(ArraySlice<UInt8>, pid: Int32)
        /// A process that may not send datagrams has sent one.
        case unauthorised(pid: Int32, uid: UInt32)
        /// Nobody is listening at a local process's socket.
        case refused(LocalName)
        /// All that was waiting has been taken.
        case turnEnded
        /// The time that was asked for has come.
        case wake
        /// The settings have changed; hops that are there keep theirs.
        case configured(ProxySettings)
        /// Stop when everything under way has its outcome.
        case drain
    }

    /// Something that the shell does.
    public enum Effect: Equatable, Sendable {
        /// Connect to ctdbd's socket, and answer with `legacyConnected` or `legacyLost`.
        case connectLegacy
        /// Close the connection; no event follows.
        case disconnectLegacy
        /// Send a whole packet to ctdbd; its pieces follow each other without a gap.
        case sendLegacy([ArraySlice<UInt8>])
        /// Send a frame to a local process; a dispensable one may be dropped when it is full.
        case sendLocal(LocalName, Link.Outgoing)
        /// Send a `wake` event then.
        case wake(at: Instant)
        /// Show a recorder everything that comes and goes from now on, until it goes away.
        case record(RecordRequest)
        /// The proxy serves, as this node.
        case ready(PNN)
        /// Everything is handed over; end the process.
        case drained
        /// The proxy cannot go on; end the process and say why.
        case fatal(String)
        /// Something worth knowing.
        case note(Note)
    }

    /// What a log may want to know.
    public enum Note: Equatable, Sendable {
        case waitingForLegacy(reason: String)
        case attached(PNN)
        case refusedByLegacy(control: String, reason: String)
        case legacySilent
        case malformed(String)
        case forged(String)
        case unauthorised(pid: Int32, uid: UInt32)
        case nodeState(PNN, String)
        /// The proxy of a node has answered; without a version nothing can be exchanged with it.
        case met(PNN, Hello, speaking: UInt32?, newest: UInt32)
        case nodeFrameRefused(PNN, Link.Refusal)
        case generation(Generation)
        case recoveryMode(RecoveryMode)
        case otherProxy(Instance)
        case draining(held: Int)
    }

    /// A local process, by what its socket is called after.
    public struct LocalName: Hashable, Sendable {
        /// What it provides.
        public var service: Service
        /// The instance of a client; 0 for a daemon.
        public var instance: Instance

        /// Names a process.
        public init(service: Service, instance: Instance) {
            self.service = service
            self.instance = instance
        }

        init(_ address: Address) {
            service = address.service
            instance = address.service == .client ? address.instance : Instance(rawValue: 0)
        }
    }

    /// A hop of this proxy.
    enum Route: Hashable, Sendable {
        case node(PNN)
        case local(LocalName)
    }

    struct Hop: Equatable, Sendable {
        var route: Route
        var link: Link
        var isTouched = false
        var flags: NodeFlags = []
        var lastUse: Instant
        var isKnown = true
    }

    /// This proxy; the node is not known before ctdbd has told it.
    public internal(set) var own: Address
    var settings: ProxySettings
    var random: RandomSource
    var attachment = Attachment()
    var hops: [Hop] = []
    var hopIndex: [Route: Int] = [:]
    var touched: [Int] = []
    var intake = Intake(isFinal: false)
    var fanout = Fanout()
    var counters = ProxyCounters()
    var nodes: [PNN: NodeFlags] = [:]
    var generation: Generation = .invalid
    var recoveryMode: RecoveryMode = .normal
    /// The release of the ctdbd that is attached to; empty when nobody can tell.
    var legacyRelease = ""
    var nextID: UInt64 = 1
    /// The nonce of the greeting to whoever else is attached to this node's ctdbd; 0 before it.
    var greeting: UInt64 = 0
    /// Whether the greeting has come back: who greets after it is a newcomer.
    var isSeated = false
    var detachedSince: Instant?
    var hasGivenUpLegacy = false
    /// A recorder that has asked to be shown what comes and goes, until the end of the turn.
    var wantedRecord: RecordRequest?
    var drainUntil: Instant?
    var hasDrained = false
    var wakeAt: Instant?
    var sweepAt: Instant?

    /// Makes a proxy.
    ///
    /// - Parameters:
    ///   - instance: its life; never 0.
    ///   - settings: its limits and times.
    ///   - seed: random, from outside.
    public init(instance: Instance, settings: ProxySettings, seed: UInt64) {
        own = Address(node: .unknown, service: .proxy, instance: instance)
        self.settings = settings
        random = RandomSource(seed: seed)
    }

    /// Whether ctdbd is attached to.
    public var isAttached: Bool { attachment.state == .attached }
    /// The bytes of packets held.
    public var heldByteCount: Int { hops.reduce(0) { $0 + $1.link.heldByteCount } }
    /// What was done so far.
    public var statistics: ProxyCounters { counters }

    /// Takes an event; the effects are to be carried out in order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        switch event {
        case .started:
            detachedSince = now
            follow(attachment.start(), at: now, &effects)
        case .legacyConnected:
            follow(attachment.connected(settings, at: now), at: now, &effects)
        case .legacyRelease(let release):
            legacyRelease = release
        case .legacyLost(let reason):
            legacyRelease = ""
            lostLegacy(reason, at: now, &effects)
        case .legacyPacket(let bytes):
            receiveLegacy(bytes, at: now, &effects)
        case .datagram(let bytes, let pid):
            receiveLocal(bytes, pid: pid, at: now, &effects)
        case .unauthorised(let pid, let uid):
            counters.unauthorised += 1
            effects.append(.note(.unauthorised(pid: pid, uid: uid)))
        case .refused(let name):
            refused(name, at: now, &effects)
        case .turnEnded:
            flush(at: now, &effects)
        case .wake:
            wakeAt = nil
            follow(attachment.wake(settings, at: now), at: now, &effects)
            checkDetached(at: now, &effects)
            if let due = sweepAt, due <= now { sweep(at: now) }
            for at in hops.indices { touch(at) }
            flush(at: now, &effects)
        case .configured(let settings):
            self.settings = settings
        case .drain:
            guard drainUntil == nil else { break }
            drainUntil = now.advanced(byMilliseconds: settings.drainMilliseconds)
            effects.append(.note(.draining(held: hops.reduce(0) { $0 + $1.link.heldCount })))
            flush(at: now, &effects)
        }
        return effects
    }

    // MARK: Hops

    mutating func touch(_ at: Int) {
        guard !hops[at].isTouched else { return }
        hops[at].isTouched = true
        touched.append(at)
    }

    /// The hop of a local process, made if need be.
    mutating func localHop(_ name: LocalName, at now: Instant) -> Int {
        let route = Route.local(name)
        if let at = hopIndex[route] { return at }
        let address = Address(node: own.node, service: name.service, instance: name.instance)
        let at = addHop(route, peer: address, settings.localLinks, at: now)
        hops[at].link.resume(at: now)
        return at
    }

    mutating func addHop(
        _ route: Route, peer: Address, _ settings: LinkSettings, at now: Instant
    ) -> Int {
        let link = Link(own: own, peer: peer, settings: settings, seed: random.next())
        hops.append(Hop(route: route, link: link, lastUse: now))
        hopIndex[route] = hops.count - 1
        return hops.count - 1
    }

    private mutating func refused(
        _ name: LocalName, at now: Instant, _ effects: inout [Effect]
    ) {
        guard let at = hopIndex[.local(name)] else { return }
        let failures = hops[at].link.pathRefused(canReturn: false, at: now)
        settle(failures, from: at, promptly: true, at: now)
    }

    /// Forgets local processes that have gone, and flows that rest.
    private mutating func sweep(at now: Instant) {
        sweepAt = now.advanced(byMilliseconds: 10_000)
        intake.sweep(at: now)
        let isQuiet = { (hop: Hop) in
            guard case .local = hop.route, hop.link.isIdle else { return false }
            return hop.link.state == .absent
                || hop.lastUse.advanced(byMilliseconds: settings.quietMilliseconds) <= now
        }
        guard hops.contains(where: isQuiet) else { return }
        hops.removeAll(where: isQuiet)
        hopIndex = [:]
        touched = []
        for at in hops.indices {
            hopIndex[hops[at].route] = at
            if hops[at].isTouched { touched.append(at) }
        }
    }

    // MARK: End of a turn

    /// Sends what may go, and asks to be woken for the rest.
    private mutating func flush(at now: Instant, _ effects: inout [Effect]) {
        if let request = wantedRecord {
            wantedRecord = nil
            effects.append(.record(request))
        }
        var next: Instant? = attachment.nextWake
        func earlier(_ instant: Instant?) {
            guard let instant else { return }
            next = next.map { min($0, instant) } ?? instant
        }
        // Failures found on the way touch further hops.
        while !touched.isEmpty {
            let turn = touched
            touched = []
            for at in turn {
                hops[at].isTouched = false
                var failures: [Outcome] = []
                let frames = hops[at].link.flush(at: now, failures: &failures)
                for frame in frames { send(frame, over: at, &effects) }
                earlier(hops[at].link.nextWake)
                if !failures.isEmpty { settle(failures, from: at, promptly: true, at: now) }
            }
        }
        if sweepAt == nil { sweepAt = now.advanced(byMilliseconds: 10_000) }
        earlier(sweepAt)
        if let detachedSince, !hasGivenUpLegacy {
            earlier(detachedSince.advanced(byMilliseconds: settings.detachedMilliseconds))
        }
        checkDrained(at: now, &effects)
        earlier(drainUntil)
        guard let next, wakeAt.map({ next < $0 || $0 <= now }) ?? true else { return }
        wakeAt = next
        effects.append(.wake(at: next))
    }

    private mutating func send(
        _ frame: Link.Outgoing, over at: Int, _ effects: inout [Effect]
    ) {
        switch hops[at].route {
        case .local(let name):
            counters.framesToLocal += 1
            effects.append(.sendLocal(name, frame))
        case .node(let pnn):
            counters.framesToNodes += 1
            sendLegacy(frame.pieces, to: pnn, &effects)
        }
    }

    func sendLegacy(
        _ pieces: [ArraySlice<UInt8>], to pnn: PNN, _ effects: inout [Effect]
    ) {
        // A frame is far below every limit, so there is always a packet for it.
        guard
            let packet = try? RequestMessage.encodePieces(
                srvid: .tunnelNewProtocol, data: pieces, destination: pnn, source: own.node,
                generation: generation)
        else { return }
        effects.append(.sendLegacy(packet))
    }

    private mutating func checkDrained(at now: Instant, _ effects: inout [Effect]) {
        guard let limit = drainUntil, !hasDrained else { return }
        // Who goes on sending does not keep it: what is refused is not under way.
        let isEmpty = hops.allSatisfy { $0.link.isDone }
        guard isEmpty || limit <= now else { return }
        hasDrained = true
        drainUntil = nil
        for at in hops.indices {
            guard let frame = hops[at].link.farewell() else { continue }
            send(frame, over: at, &effects)
        }
        effects.append(.drained)
    }
}
