// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Vocabulary

/// Made-up numbers that are the same in every run and in `Interop/driver.c`.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: next()) }

    mutating func word(below bound: UInt32) -> Int32 { Int32(truncatingIfNeeded: word() % bound) }

    mutating func text(_ limit: UInt32) -> String {
        let count = word() % (limit + 1)
        var text = ""
        for _ in 0..<count {
            text.append(Character(UnicodeScalar(UInt8(ascii: "a") + UInt8(word() % 26))))
        }
        return text
    }
}

/// Makes up values exactly as `Interop/driver.c` does, field by field.
extension SplitMix {
    mutating func address() -> Address {
        Address(
            node: PNN(rawValue: word()), service: Service(rawValue: word()),
            instance: Instance(rawValue: next()))
    }

    mutating func packetHeader() -> PacketHeader {
        PacketHeader(
            magic: word(), checksum: word(), protocolVersion: word(),
            kind: PacketKind(rawValue: 1 + word(below: 8)), flags: word(), procedure: word(),
            source: address(), destination: address(), packetID: next(), replyTo: next(),
            deadlineMilliseconds: word(), payloadLength: word(), fragmentOffset: word(),
            messageLength: word())
    }

    mutating func streamOpen() -> StreamOpen {
        StreamOpen(name: text(PeerProtocol.streamNameLimit), credit: word())
    }

    mutating func streamCredit() -> StreamCredit { StreamCredit(limit: next()) }

    mutating func streamPlace() -> StreamPlace { StreamPlace(offset: next()) }

    mutating func streamEnd() -> StreamEnd {
        StreamEnd(
            offset: next(), result: StreamResult(rawValue: word(below: 3)),
            reason: text(PeerProtocol.streamNameLimit))
    }

    mutating func refusal() -> Refusal {
        Refusal(
            code: RefusalCode(rawValue: 1 + word(below: 4)),
            text: text(PeerProtocol.refusalTextLimit))
    }

    mutating func frameHeader() -> FrameHeader {
        FrameHeader(
            magic: word(), checksum: word(), protocolVersion: word(), flags: word(),
            sender: address(), receiver: address(), epoch: word(), acknowledgedEpoch: word(),
            sequence: next(), acknowledged: next(), packetBytes: word(), outcomeCount: word())
    }

    mutating func outcome() -> Outcome {
        Outcome(
            source: address(), destination: address(), lane: word(),
            code: OutcomeCode(rawValue: word(below: 15)), packetID: next(),
            reporter: PNN(rawValue: word()), flags: word())
    }

    mutating func hello() -> Hello {
        Hello(
            versionMinimum: word(), versionMaximum: word(), features: next(), nonce: next(),
            echo: next(), frameLimit: word(), software: text(PeerProtocol.softwareNameLimit))
    }

    mutating func counter() -> Counter {
        Counter(name: text(PeerProtocol.counterNameLimit), value: next())
    }

    mutating func countersReply() -> CountersReply {
        let count = word() % (PeerProtocol.countersLimit + 1)
        return CountersReply(counters: (0..<count).map { _ in counter() })
    }

    mutating func peerStatus() -> PeerStatus {
        PeerStatus(
            node: PNN(rawValue: word()), nodeFlags: word(),
            state: PeerState(rawValue: word(below: 6)), protocolVersion: word(),
            features: next(), software: text(64), queuedBytes: next(), unfinishedPackets: next())
    }

    mutating func peersReply() -> PeersReply {
        let ownNode = PNN(rawValue: word())
        let generation = word()
        let recoveryMode = word()
        let count = word() % 100
        return PeersReply(
            ownNode: ownNode, generation: generation, recoveryMode: recoveryMode,
            peers: (0..<count).map { _ in peerStatus() })
    }

    mutating func versionsReply() -> VersionsReply {
        VersionsReply(proxy: text(64), ctdbd: text(64))
    }
}
