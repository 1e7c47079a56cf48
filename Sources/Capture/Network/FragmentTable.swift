// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Puts packets together that came in fragments.
///
/// The memory for it is bounded: by the number of packets under way, and by the 64 KiB that a
/// packet may have. What is not complete when its place is needed, or after so long, is given up.
struct FragmentTable: Sendable {
    private static let packetLimit = 64
    private static let byteLimit = 65_535
    private static let secondsLimit: Int64 = 30

    private struct Key: Hashable {
        var source: NetworkAddress
        var destination: NetworkAddress
        var identification: UInt32
        var transport: UInt8
    }

    private struct Parts {
        var began: CaptureTime?
        /// In order of their offsets, without overlaps.
        var pieces: [(offset: Int, bytes: [UInt8])] = []
        /// The size of the payload, once the last fragment is there.
        var byteCount: Int?
    }

    private var underWay: [Key: Parts] = [:]
    /// The order in which they began.
    private var order: [Key] = []
    /// How many packets were given up.
    private(set) var givenUpCount: UInt64 = 0

    /// Takes a fragment.
    ///
    /// - Returns: the whole packet, when this was what lacked.
    mutating func take(_ packet: InternetPacket, at time: CaptureTime?) -> InternetPacket? {
        guard let fragment = packet.fragment else { return packet }
        let key = Key(
            source: packet.source, destination: packet.destination,
            identification: fragment.identification, transport: packet.transport)
        expire(at: time)
        var parts = underWay[key] ?? begin(key, at: time)
        let end = fragment.offset &+ packet.payload.count
        // A fragment that was not captured whole leaves a hole that nothing fills.
        guard packet.missingByteCount == 0, end <= Self.byteLimit,
            Self.insert(Array(packet.payload), at: fragment.offset, into: &parts)
        else {
            giveUp(key)
            return nil
        }
        if !fragment.hasMore { parts.byteCount = end }
        guard let whole = Self.whole(parts) else {
            underWay[key] = parts
            return nil
        }
        remove(key)
        var packet = packet
        packet.fragment = nil
        packet.payload = whole[...]
        // An extension header may have been in the first fragment.
        if packet.source.isIPv6, (try? packet.skipExtensions()) == nil { return nil }
        return packet
    }

    private mutating func begin(_ key: Key, at time: CaptureTime?) -> Parts {
        if order.count >= Self.packetLimit, let first = order.first { giveUp(first) }
        order.append(key)
        return Parts(began: time)
    }

    private mutating func expire(at time: CaptureTime?) {
        guard let time else { return }
        while let first = order.first, let began = underWay[first]?.began,
            began.distance(to: time) > Self.secondsLimit &* 1_000_000_000
        {
            giveUp(first)
        }
    }

    private mutating func giveUp(_ key: Key) {
        givenUpCount &+= 1
        remove(key)
    }

    private mutating func remove(_ key: Key) {
        underWay[key] = nil
        order.removeAll { $0 == key }
    }

    /// Puts a fragment among the others; one that is there already changes nothing.
    ///
    /// - Returns: false when it overlaps another: then nobody knows which bytes are meant.
    private static func insert(_ bytes: [UInt8], at offset: Int, into parts: inout Parts) -> Bool {
        let place = parts.pieces.firstIndex { $0.offset >= offset } ?? parts.pieces.count
        if place < parts.pieces.count {
            let next = parts.pieces[place]
            if next.offset == offset, next.bytes == bytes { return true }
            guard offset &+ bytes.count <= next.offset else { return false }
        }
        if place > 0 {
            let last = parts.pieces[place &- 1]
            guard last.offset &+ last.bytes.count <= offset else { return false }
        }
        // Something must be in it, or so many empty ones would fill the memory.
        guard !bytes.isEmpty else { return false }
        parts.pieces.insert((offset, bytes), at: place)
        return true
    }

    private static func whole(_ parts: Parts) -> [UInt8]? {
        guard let byteCount = parts.byteCount else { return nil }
        var end = 0
        for piece in parts.pieces {
            guard piece.offset == end else { return nil }
            end &+= piece.bytes.count
        }
        guard end == byteCount else { return nil }
        return parts.pieces.flatMap(\.bytes)
    }
}
