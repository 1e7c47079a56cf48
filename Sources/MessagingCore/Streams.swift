// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Vocabulary
import XDR

/// Names a stream at one of its ends.
public struct StreamKey: Hashable, Sendable {
    /// The process at the other end.
    public var peer: Address
    /// The id that the opener gave it.
    public var id: UInt64
    /// Whether this end opened it.
    public var isOpener: Bool

    package init(peer: Address, id: UInt64, isOpener: Bool) {
        self.peer = peer
        self.id = id
        self.isOpener = isOpener
    }
}

/// What a program does with streams.
public enum StreamCommand: Equatable, Sendable {
    /// Opens one; `StreamEvent.opening` tells the key.
    case open(token: UInt64, to: Address, name: String, lane: Lane)
    /// Takes a stream that another end has opened.
    case accept(StreamKey)
    /// Sends bytes; what credit does not allow yet waits here.
    case write(StreamKey, ArraySlice<UInt8>)
    /// The program has used bytes up: the writer may send as many more.
    case consumed(StreamKey, Int)
    /// No more bytes from this end; `.aborted` and `.refused` also end the other direction.
    case end(StreamKey, StreamResult, reason: String)
}

/// What a program hears of streams.
public enum StreamEvent: Equatable, Sendable {
    /// The stream that was asked for has got its key; it is not accepted yet.
    case opening(token: UInt64, StreamKey)
    /// Another end has opened a stream: accept it or end it.
    case opened(StreamKey, name: String)
    /// Bytes have come.
    case bytes(StreamKey, ArraySlice<UInt8>)
    /// Everything written so far has been sent: a good time to write more.
    case drained(StreamKey)
    /// The other end sends no more; unless the result is `.complete`, the stream is over.
    ///
    /// After `.complete` the other direction may still end otherwise, and is told so once.
    case ended(StreamKey, StreamResult, reason: String)
}

/// One end of a stream.
struct StreamState: Equatable, Sendable {
    var lane: Lane
    /// Where to send to: for an opener, as it was addressed.
    var destination: Address
    var isAccepted: Bool
    /// What may be sent altogether, and what was.
    var sendLimit: UInt64 = 0
    var sent: UInt64 = 0
    var waiting: [ArraySlice<UInt8>] = []
    var ending: (StreamEndMark)?
    var hasEnded = false
    /// What may come altogether, what came, and what the program has used up.
    var receiveLimit: UInt64
    var received: UInt64 = 0
    var used: UInt64 = 0
    var peerHasEnded = false
}

struct StreamEndMark: Equatable, Sendable {
    var result: StreamResult
    var reason: String
}

/// What is said again to the other end of a stream that was given up here.
struct Parting: Equatable, Sendable {
    var destination: Address
    var lane: Lane
    /// When nobody tries any more.
    var until: Instant
    /// Whether it is to be said at the next occasion; otherwise it is on its way.
    var isDue = true
}

extension EndpointCore {
    /// Which direction a stream packet goes, in its header's `procedure`.
    private static let fromOpener: UInt32 = 0
    private static let fromAcceptor: UInt32 = 1
    /// The bytes of a stream that fit into a packet.
    private static let streamDataLimit =
        UInt64(PeerProtocol.packetPayloadLimit) - UInt64(StreamPlace.byteCount)

    mutating func handle(
        _ command: StreamCommand, at now: Instant, _ effects: inout [Effect]
    ) {
        switch command {
        case .open(let token, let destination, let name, let lane):
            let id = nextID
            nextID += 1
            let key = StreamKey(peer: destination, id: id, isOpener: true)
            streams[key] = StreamState(
                lane: lane, destination: destination, isAccepted: false,
                receiveLimit: UInt64(settings.streamCredit))
            effects.append(.stream(.opening(token: token, key)))
            let open = StreamOpen(
                name: String(name.unicodeScalars.prefix(60)), credit: settings.streamCredit)
            send(key, .streamOpen, encoded(open), at: now)
        case .accept(let key):
            guard streams[key]?.isAccepted == false else { return }
            streams[key]?.isAccepted = true
            sendCredit(key, at: now)
        case .write(let key, let bytes):
            guard let state = streams[key], state.ending == nil, !state.hasEnded else { return }
            streams[key]?.waiting.append(bytes)
            pump(key, at: now, &effects)
        case .consumed(let key, let count):
            guard count > 0, streams[key] != nil else { return }
            streams[key]?.used += UInt64(count)
            extendCredit(key, at: now)
        case .end(let key, let result, let reason):
            guard let state = streams[key], state.ending == nil, !state.hasEnded else { return }
            streams[key]?.ending = StreamEndMark(result: result, reason: reason)
            if result != .complete { streams[key]?.waiting = [] }
            pump(key, at: now, &effects)
        }
    }

    /// Takes a packet of a stream.
    ///
    /// - Returns: why the packet is refused; nil when it was taken.
    mutating func receiveStream(
        _ header: PacketHeader, _ id: UInt64, _ payload: ArraySlice<UInt8>, _ lane: Lane,
        at now: Instant, _ effects: inout [Effect]
    ) -> OutcomeCode? {
        if header.kind == .streamOpen {
            guard let open = try? StreamOpen.decode(payload) else { return .corrupt }
            let key = StreamKey(peer: header.source, id: header.replyTo, isOpener: false)
            guard streams[key] == nil else { return .corrupt }
            var state = StreamState(
                lane: lane, destination: header.source, isAccepted: false,
                receiveLimit: UInt64(settings.streamCredit))
            state.sendLimit = UInt64(open.credit)
            streams[key] = state
            effects.append(.stream(.opened(key, name: open.name)))
            return nil
        }
        guard let key = streamKey(of: header), let state = streams[key] else {
            effects.append(.note(.unexpected(header.source, replyTo: header.replyTo)))
            // Credit and ends may cross the end of a stream; data for nobody is told to the writer.
            return header.kind == .streamData ? .serviceGone : nil
        }
        switch header.kind {
        case .streamData:
            guard !state.peerHasEnded, let offset = Self.offset(of: payload) else {
                return .corrupt
            }
            guard offset == state.received else { return missed(key, &effects) }
            let payload = payload.dropFirst(StreamPlace.byteCount)
            guard state.received + UInt64(payload.count) <= state.receiveLimit else {
                return .queueFull
            }
            streams[key]?.received += UInt64(payload.count)
            // No bytes at all: the writer only asks whether the stream is still known here.
            if !payload.isEmpty { effects.append(.stream(.bytes(key, payload))) }
        case .streamCredit:
            guard let credit = try? StreamCredit.decode(payload) else { return .corrupt }
            streams[key]?.sendLimit = max(state.sendLimit, credit.limit)
            pump(key, at: now, &effects)
        case .streamEnd:
            guard let end = try? StreamEnd.decode(payload) else { return .corrupt }
            guard !state.peerHasEnded || end.result != .complete else { return .corrupt }
            guard end.result != .complete || end.offset == state.received else {
                return missed(key, &effects)
            }
            streams[key]?.peerHasEnded = true
            effects.append(.stream(.ended(key, end.result, reason: end.reason)))
            if end.result != .complete || state.hasEnded { streams[key] = nil }
        default: return .corrupt
        }
        return nil
    }

    /// Bytes of a stream are missing: a packet in front of this one was lost.
    private mutating func missed(_ key: StreamKey, _ effects: inout [Effect]) -> OutcomeCode {
        streams[key] = nil
        effects.append(.stream(.ended(key, .aborted, reason: "bytes were lost on the way")))
        return .serviceGone
    }

    /// A packet of a stream was not delivered: the stream is over.
    mutating func streamFailed(
        _ key: StreamKey, _ code: OutcomeCode, at now: Instant, _ effects: inout [Effect]
    ) {
        guard let state = streams[key] else { return }
        // The other end may be there all the same.
        if !state.hasEnded || state.ending?.result == .complete {
            let end = StreamEnd(offset: state.sent, result: .aborted, reason: "\(code)")
            send(key, .streamEnd, encoded(end), at: now)
        }
        streams[key] = nil
        effects.append(.stream(.ended(key, .aborted, reason: "\(code)")))
    }

    /// A packet of a stream that has ended here was not delivered: perhaps the end itself.
    ///
    /// The other end would wait for ever, if all it does is to wait for the end. It is told again
    /// until it has heard it, or is known to be gone: what it has ended itself, it ignores. It does
    /// so in the flow of the stream, and so never before what was sent earlier.
    mutating func part(_ key: StreamKey, _ outcome: Outcome, at now: Instant) {
        switch outcome.code {
        case .noSuchNode, .noSuchService, .tooOld, .notPermitted:
            partings[key] = nil
            return
        case .serviceGone where !outcome.possiblyDelivered:
            partings[key] = nil
            return
        default: break
        }
        var parting =
            partings[key]
            ?? Parting(
                destination: outcome.destination,
                lane: outcome.lane == Lane.urgent.rawValue ? .urgent : .normal,
                until: now.advanced(byMilliseconds: settings.partingMilliseconds))
        parting.isDue = true
        partings[key] = parting.until > now ? parting : nil
    }

    private mutating func sendPartings(at now: Instant) {
        let due = partings.filter { $0.value.isDue }.sorted { $0.key.id < $1.key.id }
        for (key, parting) in due {
            partings[key]?.isDue = false
            let end = StreamEnd(offset: 0, result: .aborted, reason: "given up")
            enqueue(
                Conversation.Queued(
                    outbound: outbound(
                        key, parting.lane, to: parting.destination, encoded(end)),
                    kind: .streamEnd, replyTo: key.id, stream: key, isParting: true),
                at: now)
        }
    }

    /// The process at the other end of a hop is another one now.
    mutating func abandonStreams(
        _ hop: Hop, at now: Instant, _ effects: inout [Effect]
    ) {
        guard hop != .proxy else { return }
        for key in streams.keys.filter({ self.hop(to: $0.peer) == hop }) {
            streamFailed(key, .serviceGone, at: now, &effects)
        }
    }

    // MARK: Silence

    /// Asks the other end of each stream whether it lives.
    ///
    /// Nobody tells a writer that waits for credit, or a reader that waits for bytes, that the
    /// other end is gone: only a packet on its way to it is refused. So one is sent now and then.
    mutating func probeStreams(at now: Instant) {
        guard let due = streamProbeAt, due <= now else { return }
        streamProbeAt = nil
        sendPartings(at: now)
        for key in streams.keys.sorted(by: { $0.id < $1.id }) {
            if streams[key]?.hasEnded == true {
                sendCredit(key, at: now)
            } else {
                send(key, .streamData, data([], at: streams[key]?.sent ?? 0), at: now)
            }
        }
    }

    /// When `probeStreams` is due; nil without streams.
    mutating func nextStreamProbe(at now: Instant) -> Instant? {
        if streams.isEmpty, partings.isEmpty {
            streamProbeAt = nil
        } else if streamProbeAt == nil {
            streamProbeAt = now.advanced(byMilliseconds: settings.streamProbeMilliseconds)
        }
        return streamProbeAt
    }

    // MARK: Helpers

    /// A payload whose strings were cut to their limits before.
    private func encoded(_ value: some XDRCodable) -> ArraySlice<UInt8> {
        ((try? value.encoded()) ?? [])[...]
    }

    /// Where the bytes of a stream belong; nil when that is not said.
    private static func offset(of data: ArraySlice<UInt8>) -> UInt64? {
        var reader = ByteReader(data, order: .big)
        return (try? StreamPlace.decode(from: &reader))?.offset
    }

    /// Bytes of a stream behind their place in it.
    private func data(_ bytes: ArraySlice<UInt8>, at offset: UInt64) -> ArraySlice<UInt8> {
        var writer = ByteWriter(order: .big, capacity: StreamPlace.byteCount + bytes.count)
        StreamPlace(offset: offset).encode(into: &writer)
        writer.write(contentsOf: bytes)
        return writer.finish()[...]
    }

    /// The stream of a packet; an opener knows the other end as it addressed it.
    private func streamKey(of header: PacketHeader) -> StreamKey? {
        let isOpener = header.procedure == Self.fromAcceptor
        let exact = StreamKey(peer: header.source, id: header.replyTo, isOpener: isOpener)
        guard isOpener else { return exact }
        return streams.keys.first { key in
            key.isOpener && key.id == header.replyTo && key.peer.service == header.source.service
                && (key.peer.node == header.source.node || header.source.node == .current)
        }
    }

    /// Sends what credit allows, and the end when everything else has gone.
    private mutating func pump(_ key: StreamKey, at now: Instant, _ effects: inout [Effect]) {
        guard var state = streams[key] else { return }
        let hadWaiting = !state.waiting.isEmpty
        while let next = state.waiting.first, state.sent < state.sendLimit {
            let room = Int(
                min(state.sendLimit - state.sent, Self.streamDataLimit))
            let part = next.prefix(room)
            let place = state.sent
            state.sent += UInt64(part.count)
            if part.count == next.count {
                state.waiting.removeFirst()
            } else {
                state.waiting[0] = next.dropFirst(part.count)
            }
            streams[key] = state
            send(key, .streamData, data(part, at: place), at: now)
        }
        if let ending = state.ending, state.waiting.isEmpty, !state.hasEnded {
            state.hasEnded = true
            streams[key] = state
            let end = StreamEnd(
                offset: state.sent, result: ending.result,
                reason: String(ending.reason.unicodeScalars.prefix(60)))
            send(key, .streamEnd, encoded(end), at: now)
            if ending.result != .complete || state.peerHasEnded { streams[key] = nil }
        } else if hadWaiting, state.waiting.isEmpty {
            effects.append(.stream(.drained(key)))
        }
    }

    private mutating func extendCredit(_ key: StreamKey, at now: Instant) {
        guard let state = streams[key] else { return }
        let wanted = state.used + UInt64(settings.streamCredit)
        // Half of the credit at a time, so that it does not cost a packet for every packet.
        guard wanted >= state.receiveLimit + UInt64(settings.streamCredit / 2) else { return }
        streams[key]?.receiveLimit = wanted
        sendCredit(key, at: now)
    }

    private mutating func sendCredit(_ key: StreamKey, at now: Instant) {
        guard let state = streams[key] else { return }
        send(key, .streamCredit, encoded(StreamCredit(limit: state.receiveLimit)), at: now)
    }

    private mutating func send(
        _ key: StreamKey, _ kind: PacketKind, _ payload: ArraySlice<UInt8>, at now: Instant
    ) {
        guard let state = streams[key] else { return }
        enqueue(
            Conversation.Queued(
                outbound: outbound(key, state.lane, to: state.destination, payload), kind: kind,
                replyTo: key.id, stream: key),
            at: now)
    }

    private func outbound(
        _ key: StreamKey, _ lane: Lane, to destination: Address, _ payload: ArraySlice<UInt8>
    ) -> Outbound {
        Outbound(
            token: 0, to: destination, kind: .message, lane: lane,
            procedure: key.isOpener ? Self.fromOpener : Self.fromAcceptor, payload: payload)
    }
}
