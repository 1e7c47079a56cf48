// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// One direction of a TCP connection: segments in, bytes in their order out.
///
/// What was not captured is a gap. It is waited for while it may still come: until the other end
/// has acknowledged it and a while has passed, or what came behind it is too much or too old.
struct TCPFlow: Sendable {
    /// What comes next in the direction.
    enum Piece: Equatable {
        /// A connection begins: what follows is its first byte.
        case beginning
        /// The capture begins, or goes on at another place: nobody knows where in a packet.
        case middle
        /// Bytes.
        case bytes(ArraySlice<UInt8>)
        /// So many bytes were not captured.
        case gap(byteCount: Int)
    }

    /// When to give up waiting.
    struct Limits: Sendable {
        /// The bytes that wait for others, in one direction.
        var waitingByteCount = 16 << 20
        /// The segments that wait for others, in one direction.
        var waitingCount = 8_192
        /// How long what the other end has is waited for, in nanoseconds.
        var acknowledgedNanoseconds: Int64 = 100_000_000
        /// The same in segments of the direction.
        var acknowledgedCount = 64
        /// How long anything is waited for, in nanoseconds.
        var nanoseconds: Int64 = 3_000_000_000
        /// How far a sequence number may be from the expected one.
        var distance: Int32 = 64 << 20
    }

    private struct Waiting: Sendable {
        var sequence: UInt32
        var bytes: [UInt8]
        var missingByteCount: Int
        var isLast: Bool
        var since: CaptureTime?
    }

    private let limits: Limits
    /// The sequence number of the first byte, where its beginning was seen.
    private var first: UInt32?
    /// The sequence number of the next byte; nil before the first segment.
    private var next: UInt32?
    /// What came too early, in order of sequence numbers.
    private var waiting: [Waiting] = []
    /// What the other end has beyond `next`.
    private var acknowledged: (number: UInt32, since: CaptureTime?, count: Int)?
    /// How many bytes wait.
    private(set) var waitingByteCount = 0

    init(limits: Limits) { self.limits = limits }

    /// Takes a segment of this direction.
    ///
    /// - Parameters:
    ///   - segment: the segment.
    ///   - time: when it was seen.
    ///   - pieces: what is now known to come next is appended.
    mutating func take(_ segment: TCPSegment, at time: CaptureTime?, into pieces: inout [Piece]) {
        var sequence = segment.sequence
        if segment.has(TCPSegment.synchronize) {
            sequence &+= 1
            // The same one may come again, late too.
            if first != sequence { begin(at: sequence, into: &pieces) }
        }
        guard let expected = next else {
            // A reset or an acknowledgement alone tells nothing of where packets begin.
            guard !segment.payload.isEmpty else { return }
            next = sequence
            pieces.append(.middle)
            deliver(segment, into: &pieces)
            return
        }
        guard !segment.payload.isEmpty || segment.has(TCPSegment.finish) else {
            giveUpWhatIsOverdue(at: time, into: &pieces)
            return
        }
        let distance = Int32(bitPattern: sequence &- expected)
        if distance > limits.distance || distance < 0 &- limits.distance {
            jump(to: sequence, into: &pieces)
            deliver(segment, into: &pieces)
        } else if distance == 0, waiting.isEmpty {
            deliver(segment, into: &pieces)
        } else if distance <= 0 {
            deliverRest(
                segment.payload, Int(distance), segment.missingByteCount,
                segment.has(TCPSegment.finish), &pieces)
            drain(into: &pieces)
        } else {
            keep(segment, sequence, since: time)
        }
        if acknowledged != nil || !waiting.isEmpty {
            giveUpWhatIsOverdue(at: time, into: &pieces)
        }
    }

    /// Takes a segment that is nothing but the bytes that come next, while nothing is waited for.
    ///
    /// - Returns: whether it is so; nothing has happened if it is not.
    mutating func takesAsNext(_ segment: TCPSegment) -> Bool {
        guard segment.sequence == next, waiting.isEmpty, acknowledged == nil,
            segment.missingByteCount == 0, !segment.payload.isEmpty,
            segment.flags & (TCPSegment.synchronize | TCPSegment.finish) == 0
        else { return false }
        next = segment.sequence &+ UInt32(truncatingIfNeeded: segment.payload.count)
        return true
    }

    /// Notes that the other end has everything in front of a sequence number.
    mutating func acknowledge(_ number: UInt32, at time: CaptureTime?) {
        guard let next, number != next else { return }
        let distance = Int32(bitPattern: number &- next)
        guard distance > 0, distance <= limits.distance else { return }
        if let known = acknowledged {
            if Int32(bitPattern: number &- known.number) > 0 { acknowledged?.number = number }
        } else {
            acknowledged = (number, time, 0)
        }
    }

    /// Gives up whatever is waited for: nothing more comes.
    mutating func finish(into pieces: inout [Piece]) {
        while let first = waiting.first {
            skip(to: first.sequence, into: &pieces)
            drain(into: &pieces)
        }
    }

    private mutating func begin(at sequence: UInt32, into pieces: inout [Piece]) {
        finish(into: &pieces)
        acknowledged = nil
        first = sequence
        next = sequence
        pieces.append(.beginning)
    }

    private mutating func jump(to sequence: UInt32, into pieces: inout [Piece]) {
        finish(into: &pieces)
        acknowledged = nil
        first = nil
        next = sequence
        pieces.append(.middle)
    }

    /// Passes on a segment that begins where the last piece ended.
    private mutating func deliver(_ segment: TCPSegment, into pieces: inout [Piece]) {
        deliver(
            segment.payload, segment.missingByteCount, segment.has(TCPSegment.finish), &pieces)
    }

    private mutating func deliver(
        _ bytes: ArraySlice<UInt8>, _ missingByteCount: Int, _ isLast: Bool,
        _ pieces: inout [Piece]
    ) {
        if !bytes.isEmpty { pieces.append(.bytes(bytes)) }
        if missingByteCount > 0 { pieces.append(.gap(byteCount: missingByteCount)) }
        let count = bytes.count &+ missingByteCount &+ (isLast ? 1 : 0)
        next = (next ?? 0) &+ UInt32(truncatingIfNeeded: count)
    }

    /// Passes on what of a segment is behind the place where the last piece ended.
    private mutating func deliverRest(
        _ bytes: ArraySlice<UInt8>, _ distance: Int, _ missingByteCount: Int, _ isLast: Bool,
        _ pieces: inout [Piece]
    ) {
        let known = 0 &- distance
        // The last number is that of the end itself, which counts as a byte.
        guard bytes.count &+ missingByteCount &+ (isLast ? 1 : 0) > known else { return }
        let missing = missingByteCount &- max(0, known &- bytes.count)
        deliver(bytes.dropFirst(known), max(0, missing), isLast, &pieces)
    }

    private mutating func keep(_ segment: TCPSegment, _ sequence: UInt32, since: CaptureTime?) {
        let place =
            waiting.lastIndex { Int32(bitPattern: $0.sequence &- sequence) <= 0 }.map { $0 &+ 1 }
            ?? 0
        if place > 0 {
            let before = waiting[place &- 1]
            let distance = Int64(Int32(bitPattern: sequence &- before.sequence))
            let end = distance &+ Int64(segment.payload.count)
            // What is there already, as whole as this one, is not kept twice.
            if end <= Int64(before.bytes.count), !segment.has(TCPSegment.finish) { return }
        }
        waiting.insert(
            Waiting(
                sequence: sequence, bytes: Array(segment.payload),
                missingByteCount: segment.missingByteCount,
                isLast: segment.has(TCPSegment.finish), since: since), at: place)
        waitingByteCount &+= segment.payload.count
    }

    /// Passes on what waited for what has come.
    private mutating func drain(into pieces: inout [Piece]) {
        var count = 0
        while count < waiting.count, let expected = next {
            let first = waiting[count]
            let distance = Int32(bitPattern: first.sequence &- expected)
            guard distance <= 0 else { break }
            deliverRest(
                first.bytes[...], Int(distance), first.missingByteCount, first.isLast, &pieces)
            waitingByteCount &-= first.bytes.count
            count &+= 1
        }
        waiting.removeFirst(count)
    }

    private mutating func skip(to sequence: UInt32, into pieces: inout [Piece]) {
        guard let expected = next else { return }
        let distance = Int(Int32(bitPattern: sequence &- expected))
        guard distance > 0 else { return }
        pieces.append(.gap(byteCount: distance))
        next = sequence
    }

    private mutating func giveUpWhatIsOverdue(
        at time: CaptureTime?, into pieces: inout [Piece]
    ) {
        while waitingByteCount > limits.waitingByteCount || waiting.count > limits.waitingCount
            || isOverdue(waiting.first?.since, limits.nanoseconds, at: time),
            let first = waiting.first
        {
            skip(to: first.sequence, into: &pieces)
            drain(into: &pieces)
        }
        guard var known = acknowledged, let expected = next else { return }
        guard Int32(bitPattern: known.number &- expected) > 0 else {
            acknowledged = nil
            return
        }
        known.count &+= 1
        acknowledged = known
        guard
            known.count > limits.acknowledgedCount
                || isOverdue(known.since, limits.acknowledgedNanoseconds, at: time)
        else { return }
        acknowledged = nil
        var target = known.number
        if let first = waiting.first, Int32(bitPattern: first.sequence &- target) < 0 {
            target = first.sequence
        }
        skip(to: target, into: &pieces)
        drain(into: &pieces)
    }

    private func isOverdue(_ since: CaptureTime?, _ limit: Int64, at time: CaptureTime?) -> Bool {
        guard let since, let time else { return false }
        return since.distance(to: time) > limit
    }
}
