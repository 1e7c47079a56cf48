// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

extension Link {
    /// Takes a frame from the other end.
    public mutating func receive(_ frame: Frame, at now: Instant) -> Received {
        switch frame.body {
        case .hello(let hello):
            return receive(hello, frame.header, at: now)
        case .outcomes(let outcomes):
            return receive(frame, outcomes, at: now)
        }
    }

    // MARK: Hello

    private mutating func receive(
        _ hello: Hello, _ header: FrameHeader, at now: Instant
    ) -> Received {
        var received = Received()
        guard state != .suspended else {
            received.refusal = .strangeSender
            return received
        }
        // Only who has heard this nonce can repeat it: an old hello or a forged one can't.
        let isProven = hello.echo == nonce
        let isAnswered =
            isProven && hello.nonce == echoedNonce
            && header.flags & PeerProtocol.frameProbe == 0
        if isProven {
            peerHello = hello
            if isUnderstood(hello) {
                adopt(header, hello.nonce, at: now)
            } else {
                received.failures = refuse(at: now)
            }
        } else if state == .absent {
            // The other end is alive again.
            greet(at: now)
        }
        if !isAnswered {
            echoedNonce = hello.nonce
            mustGreet = true
        }
        return received
    }

    /// The other end speaks no version that this end knows.
    private mutating func refuse(at now: Instant) -> [Outcome] {
        state = .tooOld
        greetAt = now.advanced(byMilliseconds: settings.absentMilliseconds)
        clearFlight()
        return failAll(.tooOld)
    }

    /// Takes the other end's life as proven, and sends again everything that has no outcome yet.
    ///
    /// A hello that comes again, because the other end did not hear the answer, changes nothing.
    private mutating func adopt(_ header: FrameHeader, _ theirNonce: UInt64, at now: Instant) {
        let instance = header.sender.instance
        guard state != .up || instance != peer.instance || theirNonce != adoptedNonce else {
            return
        }
        adoptedNonce = theirNonce
        let isOther = peer.instance.rawValue != 0 && peer.instance != instance
        // Another life sends again what lacks an outcome. An outcome that came before that could
        // settle packets whose failures only its former life has heard of.
        if isOther { forgetOutcomes() }
        if isOther {
            // What came to the new life first, the former one has never had.
            let isKnown = header.acknowledgedEpoch == epoch && header.acknowledged > 0
            let stray = isKnown ? header.acknowledged : .max
            startEpoch(.toAnotherLife(firstStray: stray), at: now)
        } else {
            startEpoch(.everything, at: now)
        }
        peer = Address(node: peer.node, service: peer.service, instance: instance)
        // The other end starts its sequence again too, perhaps with no memory of an earlier one.
        peerEpoch = 0
        expected = 1
        sawGap = false
        acknowledgeAt = nil
        unacknowledgedByteCount = 0
        unacknowledgedFrameCount = 0
        // The former life has repeated the nonce too, and its hello may still be on its way.
        if isOther { nonce = random.nextNonce() }
        state = .up
        greetAt = nil
    }

    /// Starts the sequence again, with everything in it that the other end may lack.
    mutating func startEpoch(_ rewind: Outbox.Rewind, at now: Instant) {
        outbox.rewind(rewind)
        var again: [Outcome] = []
        for frame in inFlight { again += frame.outcomes }
        if !again.isEmpty {
            again += outcomes
            outcomes = again.filter { $0.code != .consumed }
            failureCount = outcomes.count
            outcomes += again.filter { $0.code == .consumed }
        }
        if !outcomes.isEmpty { outcomesDue = now }
        clearFlight()
        epoch &+= 1
        nextSequence = 1
        acknowledged = 0
        if outbox.deadlineCount > 0 { expireAt = now }
    }

    // MARK: Everything else

    private mutating func receive(
        _ frame: Frame, _ outcomes: [Outcome], at now: Instant
    ) -> Received {
        var received = Received()
        let header = frame.header
        guard header.receiver.instance == own.instance else {
            received.refusal = .notForUs
            if !frame.has(PeerProtocol.frameProbe) { remember(header) }
            greetStranger(at: now)
            return received
        }
        guard header.sender.instance == peer.instance, state != .suspended else {
            received.refusal = .strangeSender
            greetStranger(at: now)
            return received
        }
        if state == .absent || state == .tooOld {
            // It does not know that it was given up: what it sends has to come again.
            received.refusal = .strangeSender
            if state == .absent { greet(at: now) }
            return received
        }
        probeCount = 0
        acknowledge(header, at: now)
        if frame.has(PeerProtocol.frameProbe) { answerProbe(header, at: now) }
        if header.sequence != 0, !frame.has(PeerProtocol.frameProbe) {
            received.refusal = take(header)
            if received.refusal == nil {
                received.packets = frame.packets
                received.outcomes = outcomes
                received.resent = frame.has(PeerProtocol.frameResent)
                unacknowledgedByteCount += frame.packets.count
                unacknowledgedFrameCount += 1
                scheduleAcknowledgement(at: now)
            }
        }
        if frame.has(PeerProtocol.frameBye) { greet(at: now) }
        return received
    }

    /// Frames keep their order: neither this frame nor a later one of its epoch can have come to a
    /// former life of this end, which the hello tells the sender.
    private mutating func remember(_ header: FrameHeader) {
        guard header.sequence > 0 else { return }
        if header.sender.instance != strayOwner || header.epoch > strayEpoch {
            strayOwner = header.sender.instance
            strayEpoch = header.epoch
            straySequence = header.sequence
        } else if header.epoch == strayEpoch {
            straySequence = min(straySequence, header.sequence)
        }
    }

    /// Greets someone whose frames cannot be used, but not at every frame.
    private mutating func greetStranger(at now: Instant) {
        guard state != .suspended, lastReply.advanced(byMilliseconds: 50) <= now else { return }
        lastReply = now
        mustGreet = true
    }

    /// Checks a frame's number and moves on.
    private mutating func take(_ header: FrameHeader) -> Refusal? {
        if header.epoch > peerEpoch, header.sequence == 1 {
            peerEpoch = header.epoch
            expected = 1
            sawGap = false
        }
        guard header.epoch == peerEpoch else {
            if header.epoch < peerEpoch { return .duplicate }
            // The start of a new epoch is missing.
            reportGap(of: header.epoch)
            return .gap
        }
        guard header.sequence == expected else {
            if header.sequence < expected {
                mustAnswer = true
                return .duplicate
            }
            reportGap(of: header.epoch)
            return .gap
        }
        expected += 1
        sawGap = false
        return nil
    }

    /// Asks for what is missing, once until something new comes.
    private mutating func reportGap(of epoch: UInt32) {
        guard !sawGap || missedEpoch != epoch else { return }
        sawGap = true
        missedEpoch = epoch
        mustAnswer = true
    }

    private mutating func answerProbe(_ header: FrameHeader, at now: Instant) {
        guard header.epoch >= peerEpoch else {
            // Late, or a wrong epoch was believed: starting again is right in both cases.
            greet(at: now)
            return
        }
        mustAnswer = true
        if header.epoch > peerEpoch || (header.epoch == peerEpoch && header.sequence >= expected) {
            sawGap = true
            missedEpoch = header.epoch
        }
    }

    private mutating func scheduleAcknowledgement(at now: Instant) {
        if unacknowledgedByteCount >= settings.normalWindow / 4 || unacknowledgedFrameCount >= 32 {
            mustAnswer = true
        } else if acknowledgeAt == nil {
            acknowledgeAt = now.advanced(byMilliseconds: settings.restMilliseconds)
        }
    }

    /// Takes the other end's word for what has come.
    private mutating func acknowledge(_ header: FrameHeader, at now: Instant) {
        guard header.acknowledgedEpoch == epoch, header.acknowledged < nextSequence else { return }
        var hasProgress = false
        while let first = inFlight.first, first.sequence <= header.acknowledged {
            normalInFlight -= first.normalByteCount
            urgentInFlight -= first.urgentByteCount
            inFlight.removeFirst()
            hasProgress = true
        }
        acknowledged = max(acknowledged, header.acknowledged)
        if hasProgress {
            probeAt =
                inFlight.isEmpty
                ? nil : now.advanced(byMilliseconds: settings.probeMilliseconds)
        }
        if header.flags & PeerProtocol.frameGap != 0, !inFlight.isEmpty {
            startEpoch(.unacknowledged(after: acknowledged), at: now)
        }
    }
}
