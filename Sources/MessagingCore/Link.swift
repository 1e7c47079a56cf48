// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DequeModule
import PeerWire
import Vocabulary

/// One hop: two processes that hand frames to each other, over a path that keeps order but may
/// lose.
///
/// A packet stays with the sender of a hop until its outcome comes back; frames are numbered, and
/// what was not acknowledged is sent again when the path, or the process at the other end, comes
/// back.
///
/// | state | what happens |
/// |---|---|
/// | suspended | the path is down: packets wait, nothing is sent |
/// | greeting | hellos go out until the other end has repeated our nonce; packets wait |
/// | up | frames flow |
/// | absent | nobody answered: new packets are refused, hellos go out now and then |
/// | tooOld | no common protocol version: new packets are refused |
///
/// Invariants: frames of an epoch are numbered from 1 without a hole; a frame is taken once, in
/// order; a packet leaves the outbox only through an outcome.
public struct Link: Equatable, Sendable {
    /// How the other end is known.
    public enum State: Equatable, Sendable {
        case suspended
        case greeting(since: Instant)
        case up
        case absent
        case tooOld
    }

    /// What a received frame brought.
    public struct Received: Equatable, Sendable {
        /// Packets to look at; empty when the frame was a duplicate or out of order.
        public var packets: ArraySlice<UInt8> = []
        /// Outcomes to settle.
        public var outcomes: [Outcome] = []
        /// Whether the packets may have come to an earlier life of this end.
        public var resent = false
        /// Outcomes of packets that this end held and gives up.
        public var failures: [Outcome] = []
        /// Why the frame was not used.
        public var refusal: Refusal?
    }

    /// Why a frame was not used.
    public enum Refusal: Equatable, Sendable {
        /// It names another receiver, or an earlier life of this one.
        case notForUs
        /// Its sender's life is not the one that was greeted.
        case strangeSender
        /// It came before.
        case duplicate
        /// Frames in front of it are missing.
        case gap
    }

    /// A frame to be sent.
    public struct Outgoing: Equatable, Sendable {
        /// The frame, in pieces to be sent one behind the other.
        public var pieces: [ArraySlice<UInt8>]
        /// Whether nothing is lost without it; a path that is full may drop it.
        public var isDispensable = false
    }

    struct InFlight: Equatable, Sendable {
        var sequence: UInt64
        var normalByteCount: Int
        var urgentByteCount: Int
        var outcomes: [Outcome]
    }

    /// This end.
    public private(set) var own: Address
    /// The other end; the instance is the greeted one, or 0.
    public internal(set) var peer: Address
    /// The settings.
    public let settings: LinkSettings
    /// The state.
    public internal(set) var state: State = .suspended
    /// The other end's last hello.
    public internal(set) var peerHello: Hello?

    // Handshake.
    var random: RandomSource
    var nonce: UInt64
    var echoedNonce: UInt64 = 0
    /// The other end's nonce in the hello that this end came up by.
    var adoptedNonce: UInt64 = 0
    /// The first frame that came to this end and was meant for its former life, and whose it was.
    var strayOwner = Instance(rawValue: 0)
    var strayEpoch: UInt32 = 0
    var straySequence: UInt64 = 0
    var greetAt: Instant?
    var greetDelay: UInt64 = 0
    var lastReply = Instant(nanoseconds: 0)
    var mustGreet = false

    // What goes out.
    var outbox = Outbox()
    /// What is to be told: failures first, then what was consumed.
    var outcomes: [Outcome] = []
    var failureCount = 0
    var epoch: UInt32 = 1
    var nextSequence: UInt64 = 1
    var inFlight: Deque<InFlight> = []
    var acknowledged: UInt64 = 0
    var normalInFlight = 0
    /// Until then urgent packets are expected, and little may lie in front of them.
    var narrowUntil: Instant?
    var urgentInFlight = 0
    var probeAt: Instant?
    var probeCount = 0
    var outcomesDue: Instant?

    // What comes in.
    var peerEpoch: UInt32 = 0
    var expected: UInt64 = 1
    var unacknowledgedByteCount = 0
    var unacknowledgedFrameCount = 0
    var acknowledgeAt: Instant?
    var mustAnswer = false
    var sawGap = false
    var missedEpoch: UInt32 = 0

    /// Makes a hop whose path is not up yet.
    ///
    /// - Parameters:
    ///   - own: this end.
    ///   - peer: the other end; an instance of 0 where it is not known.
    ///   - settings: its limits and times.
    ///   - seed: for nonces; different for each hop and life.
    public init(own: Address, peer: Address, settings: LinkSettings, seed: UInt64) {
        self.own = own
        self.peer = Address(node: peer.node, service: peer.service, instance: Instance(rawValue: 0))
        self.settings = settings
        random = RandomSource(seed: seed)
        nonce = random.nextNonce()
    }

    /// This end has learned its node's number; nothing was held for other nodes before.
    public mutating func rename(_ own: Address) { self.own = own }

    /// The bytes of the packets that this end holds.
    public var heldByteCount: Int { outbox.heldByteCount }
    /// The number of packets that this end holds.
    public var heldCount: Int { outbox.heldCount }
    /// Whether there is nothing that an outcome or an acknowledgement is still missing for.
    public var isIdle: Bool { outbox.isEmpty && outcomes.isEmpty && inFlight.isEmpty }
    /// The same, but for packets that this end refused because it goes away.
    public var isDone: Bool {
        outbox.isEmpty && outcomes.isEmpty
            && inFlight.allSatisfy { frame in
                frame.outcomes.allSatisfy { $0.code == .shuttingDown }
            }
    }
    /// The version that both ends speak; nil before the hello, or when there is none.
    public var commonVersion: UInt32? {
        guard let hello = peerHello else { return nil }
        let version = min(hello.versionMaximum, settings.versionMaximum)
        let floor = max(hello.versionMinimum, settings.versionMinimum)
        return version >= floor ? version : nil
    }
    /// What both ends can do.
    public var commonFeatures: UInt64 { (peerHello?.features ?? 0) & settings.features }

    /// When `wake` wants to be called next; nil for never.
    public var nextWake: Instant? {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = next.map { min($0, instant) } ?? instant
        }
        consider(greetAt)
        if case .greeting(let since) = state {
            consider(since.advanced(byMilliseconds: patienceMilliseconds))
        }
        if state == .up {
            consider(probeAt)
            consider(acknowledgeAt)
            consider(outcomesDue)
        }
        consider(expireAt)
        return next
    }

    /// When the deadlines of waiting packets are looked at next.
    var expireAt: Instant?

    // MARK: The path

    /// The path is there: greet the other end.
    public mutating func resume(at now: Instant) {
        greet(at: now)
    }

    /// Greets an end that was given up.
    mutating func resumeIfAbsent(at now: Instant) {
        if case .absent = state { greet(at: now) }
    }

    /// The path is down; packets wait for it.
    public mutating func suspend() {
        state = .suspended
        mustGreet = false
        greetAt = nil
        probeAt = nil
        probeCount = 0
    }

    /// The path refused a frame: the process at the other end is not there.
    ///
    /// - Parameters:
    ///   - canReturn: whether to wait for it to come back.
    ///   - now: the time.
    /// - Returns: outcomes of packets that this end gives up.
    public mutating func pathRefused(canReturn: Bool, at now: Instant) -> [Outcome] {
        if case .greeting = state, canReturn { return [] }
        guard !canReturn else {
            greet(at: now)
            return []
        }
        greetAt = nil
        return giveUp(sent: .serviceGone)
    }

    /// Gives up everything that is held, for instance because the node is gone.
    public mutating func failAll(_ code: OutcomeCode) -> [Outcome] {
        forgetOutcomes()
        return outbox.failAll(code, reporter: own.node)
    }

    /// Gives the other end up; what waits is lost for another reason than what was sent.
    mutating func giveUp(sent code: OutcomeCode) -> [Outcome] {
        state = .absent
        forgetOutcomes()
        clearFlight()
        // Should this life of the other end come back, it has to send again what lacks an outcome.
        nonce = random.nextNonce()
        let sent = outbox.failSent(code, reporter: own.node)
        return sent + outbox.failAll(settings.absence, reporter: own.node)
    }

    /// Nothing is on its way any more.
    mutating func clearFlight() {
        inFlight.removeAll(keepingCapacity: true)
        normalInFlight = 0
        urgentInFlight = 0
        probeAt = nil
        probeCount = 0
    }

    /// Outcomes for an end that is gone: if it returns, it sends again what lacks one, and is told.
    mutating func forgetOutcomes() {
        outcomes.removeAll()
        failureCount = 0
        outcomesDue = nil
        for at in inFlight.indices { inFlight[at].outcomes = [] }
    }

    /// How long the other end is greeted before it is given up.
    var patienceMilliseconds: UInt64 {
        peerHello == nil ? settings.strangerMilliseconds : settings.patienceMilliseconds
    }

    func isUnderstood(_ hello: Hello) -> Bool {
        min(hello.versionMaximum, settings.versionMaximum)
            >= max(hello.versionMinimum, settings.versionMinimum)
    }

    mutating func greet(at now: Instant) {
        state = .greeting(since: now)
        nonce = random.nextNonce()
        greetAt = now
        greetDelay = settings.greetMilliseconds
        probeAt = nil
        probeCount = 0
    }
}
