// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The connections of a capture, and the packets in them.
///
/// Its memory is bounded: by the number of connections, by what one direction may hold, and by what
/// all of them may hold together.
struct StreamTable: Sendable {
    /// What may be held.
    struct Limits: Sendable {
        /// How many directions of connections are known at a time.
        var directionCount = 8_192
        /// The largest packet, in bytes.
        var packetByteCount = 256 << 20
        /// What is held of all connections together, in bytes.
        var byteCount = 512 << 20
        /// What is waited for in one direction.
        var flow = TCPFlow.Limits()
    }

    private struct Stream: Sendable {
        var direction: TCPSegment.Direction
        var flow: TCPFlow
        var packets: PacketStream
        /// Counts with every segment, so that the least recent is found.
        var lastUse: UInt64 = 0

        var heldByteCount: Int { flow.waitingByteCount &+ packets.heldByteCount }
    }

    /// Where a direction and the other one of its connection are among the streams.
    private struct Recent: Sendable {
        static let count = 64

        var direction: TCPSegment.Direction
        var place: Int?
        var reversed: Int?

        static func place(of direction: TCPSegment.Direction) -> Int {
            let ports = UInt64(direction.source.port) ^ UInt64(direction.destination.port) &* 31
            let addresses = direction.source.address.low ^ direction.destination.address.low &* 31
            return Int(truncatingIfNeeded: ports ^ addresses) & (count &- 1)
        }
    }

    private let limits: Limits
    private var streams: [Stream] = []
    private var places: [TCPSegment.Direction: Int] = [:]
    private var use: UInt64 = 0
    /// What all of them hold.
    private(set) var heldByteCount = 0
    /// Directions that were looked up last, each at a place made of its ports and addresses.
    private var recent = [Recent?](repeating: nil, count: Recent.count)
    private var pieces: [TCPFlow.Piece] = []

    init(limits: Limits) { self.limits = limits }

    /// Takes a segment.
    ///
    /// - Parameters:
    ///   - segment: the segment.
    ///   - time: when it was seen.
    ///   - events: what it completes is appended.
    mutating func take(
        _ segment: TCPSegment, at time: CaptureTime?, into events: inout [PacketStream.Event]
    ) {
        let known = known(segment.direction)
        if segment.has(TCPSegment.acknowledge), let place = known.reversed {
            streams[place].flow.acknowledge(segment.acknowledgement, at: time)
        }
        if segment.payload.isEmpty, !segment.has(TCPSegment.synchronize), known.place == nil {
            return
        }
        let place = known.place ?? begin(segment.direction)
        use &+= 1
        streams[place].lastUse = use
        let before = streams[place].heldByteCount
        if streams[place].flow.takesAsNext(segment) {
            streams[place].packets.take(segment.payload, into: &events)
        } else {
            streams[place].flow.take(segment, at: time, into: &pieces)
            passOn(place, into: &events)
        }
        heldByteCount &+= streams[place].heldByteCount &- before
        if heldByteCount > limits.byteCount { release(place, into: &events) }
    }

    /// Gives up whatever is waited for: nothing more comes.
    mutating func finish(
        _ each: (TCPSegment.Direction, [PacketStream.Event]) -> Void
    ) {
        for place in streams.indices {
            var events: [PacketStream.Event] = []
            streams[place].flow.finish(into: &pieces)
            passOn(place, into: &events)
            streams[place].packets.finish(into: &events)
            if !events.isEmpty { each(streams[place].direction, events) }
        }
        streams = []
        places = [:]
        forgetRecent()
        heldByteCount = 0
    }

    private mutating func passOn(_ place: Int, into events: inout [PacketStream.Event]) {
        for piece in pieces { streams[place].packets.take(piece, into: &events) }
        pieces.removeAll(keepingCapacity: true)
    }

    /// Makes room: what this direction holds is lost.
    private mutating func release(_ place: Int, into events: inout [PacketStream.Event]) {
        let before = streams[place].heldByteCount
        streams[place].flow.finish(into: &pieces)
        passOn(place, into: &events)
        streams[place].packets.lose(0, into: &events)
        heldByteCount &+= streams[place].heldByteCount &- before
    }

    /// Where a direction and its other one are; looking up in `places` costs more than all of the
    /// rest that is done with a segment.
    private mutating func known(
        _ direction: TCPSegment.Direction
    ) -> (place: Int?, reversed: Int?) {
        let slot = Recent.place(of: direction)
        if let recent = recent[slot], recent.direction == direction {
            return (recent.place, recent.reversed)
        }
        let found = (places[direction], places[direction.reversed])
        recent[slot] = Recent(direction: direction, place: found.0, reversed: found.1)
        return found
    }

    private mutating func forgetRecent() {
        for slot in recent.indices { recent[slot] = nil }
    }

    private mutating func begin(_ direction: TCPSegment.Direction) -> Int {
        if streams.count >= limits.directionCount { forgetSome() }
        streams.append(
            Stream(
                direction: direction, flow: TCPFlow(limits: limits.flow),
                packets: PacketStream(packetLimit: limits.packetByteCount)))
        places[direction] = streams.count &- 1
        forgetRecent()
        return streams.count &- 1
    }

    /// Forgets the quarter that was least recently used, so that this happens seldom.
    private mutating func forgetSome() {
        let uses = streams.map(\.lastUse).sorted()
        let limit = uses[uses.count / 4]
        streams.removeAll { $0.lastUse <= limit }
        places = [:]
        for (place, stream) in streams.enumerated() { places[stream.direction] = place }
        heldByteCount = streams.reduce(0) { $0 &+ $1.heldByteCount }
        forgetRecent()
    }
}
