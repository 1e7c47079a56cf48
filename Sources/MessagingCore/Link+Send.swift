// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

extension Link {
    /// Takes a packet to be sent; it stays here until its outcome.
    ///
    /// - Parameters:
    ///   - packet: the whole packet.
    ///   - id: the packet's id.
    ///   - key: its flow.
    ///   - resent: whether an earlier life of a receiver may have been given it.
    ///   - deadline: when it is not worth sending any more.
    /// - Returns: why it was not taken; nil when it was.
    public mutating func hold(
        _ packet: ArraySlice<UInt8>, id: UInt64, of key: FlowKey, resent: Bool, deadline: Instant?
    ) -> OutcomeCode? {
        switch state {
        case .absent: return settings.absence
        case .tooOld: return .tooOld
        case .suspended, .greeting, .up: break
        }
        guard hasRoom(packet.count, key.lane) else { return .queueFull }
        outbox.hold(
            Outbox.Held(id: id, bytes: packet, deadline: deadline, resent: resent), of: key)
        if let deadline { expireAt = expireAt.map { min($0, deadline) } ?? deadline }
        return nil
    }

    /// Whether a packet can be held; a stalled normal lane leaves some room to the urgent one.
    public func hasRoom(_ byteCount: Int, _ lane: Lane) -> Bool {
        let extra = lane == .urgent ? settings.heldLimit / 4 : 0
        return outbox.isEmpty || outbox.heldByteCount + byteCount <= settings.heldLimit + extra
    }

    /// Lets go of what an outcome from the other end settles.
    ///
    /// - Parameters:
    ///   - outcome: what was told.
    ///   - isPart: whether the outcome is one of several that the packet will have, as that of
    ///     a broadcast has one for each node; the packet is held until it is consumed.
    /// - Returns: the outcome as far as packets held here go; nil when it speaks of none.
    public mutating func settle(_ outcome: Outcome, isPart: Bool = false) -> Outcome? {
        guard isPart, outcome.code != .consumed else {
            return outbox.settle(outcome, acknowledged: acknowledged)
        }
        return outbox.holds(outcome.packetID, of: FlowKey(outcome)) ? outcome : nil
    }

    /// Takes an outcome to be told to the other end.
    ///
    /// - Parameters:
    ///   - outcome: what was told.
    ///   - promptly: whether somebody waits for it.
    ///   - now: the time.
    public mutating func tell(_ outcome: Outcome, promptly: Bool, at now: Instant) {
        // Who is not there, and returns, sends again what lacks an outcome, and is told then.
        guard state != .absent, state != .tooOld else { return }
        if outcome.code != .consumed {
            // A failure goes in front of what was consumed, which would speak for its packet too.
            outcomes.insert(outcome, at: failureCount)
            failureCount += 1
        } else if let last = outcomes.last, last.code == .consumed,
            FlowKey(last) == FlowKey(outcome)
        {
            // Of a run of packets that were consumed only the last is told.
            outcomes[outcomes.count - 1].packetID = max(last.packetID, outcome.packetID)
        } else {
            outcomes.append(outcome)
        }
        let isUrgent = promptly || outcome.code != .consumed
        let due = isUrgent ? now : now.advanced(byMilliseconds: settings.restMilliseconds)
        outcomesDue = outcomesDue.map { min($0, due) } ?? due
    }

    /// Does what is due, and gives the frames that may go now.
    ///
    /// - Parameters:
    ///   - now: the time.
    ///   - failures: gets the outcomes of packets that this end gives up.
    /// - Returns: the frames, in their order.
    public mutating func flush(at now: Instant, failures: inout [Outcome]) -> [Outgoing] {
        var frames: [Outgoing] = []
        if let due = expireAt, due <= now { failures += expire(at: now) }
        if state == .up, let due = probeAt, due <= now { probe(at: now, &frames) }
        if case .greeting(let since) = state { failures += checkPatience(since, at: now) }
        if let due = greetAt, due <= now { greetAgain(at: now) }
        if mustGreet {
            mustGreet = false
            frames.append(hello())
        }
        guard state == .up else { return frames }
        while let frame = nextFrame(at: now) { frames.append(frame) }
        if let due = acknowledgeAt, due <= now { mustAnswer = true }
        if mustAnswer { frames.append(bare(flags: 0)) }
        if probeAt == nil, !outbox.isEmpty { probeAt = now.advanced(byMilliseconds: probeBase) }
        return frames
    }

    /// What has come, but lacks its outcome, is asked after too: the other end may be replaced.
    private var probeBase: UInt64 {
        inFlight.isEmpty ? settings.probeMilliseconds * 5 : settings.probeMilliseconds
    }

    /// Lets outcomes go with the next flush, without waiting for company.
    public mutating func hurry(at now: Instant) {
        if !outcomes.isEmpty { outcomesDue = now }
    }

    /// A frame that says that this end goes away.
    public mutating func farewell() -> Outgoing? {
        guard state == .up else { return nil }
        return bare(flags: PeerProtocol.frameBye)
    }

    // MARK: Time

    private mutating func expire(at now: Instant) -> [Outcome] {
        let outcomes = outbox.expire(at: now, reporter: own.node)
        expireAt = outbox.deadlineCount > 0 ? now.advanced(byMilliseconds: 20) : nil
        return outcomes
    }

    private mutating func checkPatience(_ since: Instant, at now: Instant) -> [Outcome] {
        guard since.advanced(byMilliseconds: patienceMilliseconds) <= now else { return [] }
        greetAt = now.advanced(byMilliseconds: settings.absentMilliseconds)
        return giveUp(sent: settings.absence)
    }

    private mutating func greetAgain(at now: Instant) {
        mustGreet = true
        switch state {
        case .greeting:
            greetAt = now.advanced(byMilliseconds: greetDelay)
            greetDelay = min(greetDelay * 2, 1_000)
        case .absent, .tooOld:
            greetAt = now.advanced(byMilliseconds: settings.absentMilliseconds)
        case .suspended, .up:
            greetAt = nil
        }
    }

    private mutating func probe(at now: Instant, _ frames: inout [Outgoing]) {
        guard !inFlight.isEmpty || !outbox.isEmpty else {
            probeAt = nil
            return
        }
        if probeCount >= settings.probeLimit, settings.silenceMeansGone {
            greet(at: now)
            return
        }
        let delay = probeBase << UInt64(min(probeCount, 4))
        probeCount += 1
        probeAt = now.advanced(byMilliseconds: delay)
        var header = header(flags: PeerProtocol.frameProbe)
        header.sequence = nextSequence - 1
        let front = Frame.encodeFront(
            header: header, body: .outcomes([]), packetByteCount: 0, room: 0)
        frames.append(Outgoing(pieces: [front[...]], isDispensable: true))
    }

    // MARK: Frames

    /// The bytes of packets that a frame takes: what we like, if the other end takes as much.
    private var packetRoom: Int {
        let front = Int(PeerProtocol.frameHeaderBytes + PeerProtocol.frameOutcomesLimit * 56)
        let taken = Int(peerHello?.frameLimit ?? PeerProtocol.frameLimit) - front
        return max(min(settings.frameByteCount, taken), 0)
    }

    /// The next frame with packets or outcomes in it; nil when nothing may or must go.
    private mutating func nextFrame(at now: Instant) -> Outgoing? {
        var packets: [ArraySlice<UInt8>] = []
        var urgent = 0
        var normal = 0
        var resent: Bool?
        if urgentInFlight < settings.urgentWindow, outbox.hasWaiting(.urgent) {
            urgent = outbox.send(
                .urgent, inFrame: nextSequence, limit: packetRoom, resent: &resent,
                into: &packets)
            narrowUntil = now.advanced(byMilliseconds: settings.narrowMilliseconds)
        }
        let isNarrow = narrowUntil.map { now < $0 } ?? false
        let window =
            isNarrow ? min(settings.narrowWindow, settings.normalWindow) : settings.normalWindow
        if normalInFlight < window, outbox.hasWaiting(.normal) {
            let room = isNarrow ? min(packetRoom, window) : packetRoom
            normal = outbox.send(
                .normal, inFrame: nextSequence, limit: max(0, room - urgent),
                resent: &resent, into: &packets)
        }
        let mustTell = outcomesDue.map { $0 <= now } ?? false
        guard !packets.isEmpty || (mustTell && !outcomes.isEmpty) else { return nil }
        let told = takeOutcomes()
        var header = header(flags: resent == true ? PeerProtocol.frameResent : 0)
        header.sequence = nextSequence
        inFlight.append(
            InFlight(
                sequence: nextSequence, normalByteCount: normal, urgentByteCount: urgent,
                outcomes: told))
        normalInFlight += normal
        urgentInFlight += urgent
        nextSequence += 1
        if probeAt == nil {
            probeAt = now.advanced(byMilliseconds: settings.probeMilliseconds)
        }
        return Outgoing(
            pieces: assemble(header, told, packets, packetByteCount: urgent + normal))
    }

    /// The outcomes that the next frame tells.
    private mutating func takeOutcomes() -> [Outcome] {
        guard !outcomes.isEmpty else { return [] }
        var told: [Outcome] = []
        if outcomes.count <= Int(PeerProtocol.frameOutcomesLimit) {
            swap(&told, &outcomes)
        } else {
            told = Array(outcomes.prefix(Int(PeerProtocol.frameOutcomesLimit)))
            outcomes.removeFirst(told.count)
        }
        failureCount = max(0, failureCount - told.count)
        if outcomes.isEmpty { outcomesDue = nil }
        return told
    }

    /// Small packets are copied behind the front; a large one is a piece of its own.
    private func assemble(
        _ header: FrameHeader, _ told: [Outcome], _ packets: [ArraySlice<UInt8>],
        packetByteCount: Int
    ) -> [ArraySlice<UInt8>] {
        let large = 8_192
        let room = packetByteCount < large ? packetByteCount : large
        var current = Frame.encodeFront(
            header: header, body: .outcomes(told), packetByteCount: packetByteCount,
            room: room + told.count * Outcome.byteCount)
        var pieces: [ArraySlice<UInt8>] = []
        for packet in packets {
            if packet.count < large {
                current.append(contentsOf: packet)
            } else {
                if !current.isEmpty { pieces.append(current[...]) }
                pieces.append(packet)
                current = []
            }
        }
        if !current.isEmpty { pieces.append(current[...]) }
        return pieces
    }

    /// A frame with nothing in it but its header.
    private mutating func bare(flags: UInt32) -> Outgoing {
        let front = Frame.encodeFront(
            header: header(flags: flags), body: .outcomes([]), packetByteCount: 0, room: 0)
        return Outgoing(pieces: [front[...]])
    }

    private func hello() -> Outgoing {
        // An end that is up has heard all it needs: two of them would go on greeting for ever.
        let wantsAnswer: Bool
        switch state {
        case .greeting, .absent: wantsAnswer = true
        case .suspended, .up, .tooOld: wantsAnswer = false
        }
        let hello = Hello(
            versionMinimum: settings.versionMinimum, versionMaximum: settings.versionMaximum,
            features: settings.features, nonce: nonce, echo: echoedNonce,
            frameLimit: PeerProtocol.frameLimit, software: settings.software)
        let header = FrameHeader(
            magic: PeerProtocol.frameMagic, checksum: 0,
            protocolVersion: settings.versionMinimum,
            flags: PeerProtocol.frameHello | (wantsAnswer ? PeerProtocol.frameProbe : 0),
            sender: own, receiver: peer, epoch: 0, acknowledgedEpoch: strayEpoch, sequence: 0,
            acknowledged: straySequence,
            packetBytes: 0, outcomeCount: 0)
        let front = Frame.encodeFront(
            header: header, body: .hello(hello), packetByteCount: 0, room: 128)
        return Outgoing(pieces: [front[...]], isDispensable: true)
    }

    /// A header with this end's acknowledgement in it, which is thereby given.
    private mutating func header(flags: UInt32) -> FrameHeader {
        mustAnswer = false
        acknowledgeAt = nil
        unacknowledgedByteCount = 0
        unacknowledgedFrameCount = 0
        let lacksEpoch = sawGap && missedEpoch != peerEpoch
        return FrameHeader(
            magic: PeerProtocol.frameMagic, checksum: 0,
            protocolVersion: commonVersion ?? settings.versionMinimum,
            flags: flags | (sawGap ? PeerProtocol.frameGap : 0), sender: own, receiver: peer,
            epoch: epoch, acknowledgedEpoch: lacksEpoch ? missedEpoch : peerEpoch, sequence: 0,
            acknowledged: lacksEpoch ? 0 : expected - 1, packetBytes: 0, outcomeCount: 0)
    }
}
