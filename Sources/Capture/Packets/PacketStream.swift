// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire

/// Cuts one direction of a connection into legacy packets.
///
/// Where a capture begins in the middle, or bytes are missing, it looks for what can be the header
/// of a packet: magic number, version, a length that is possible and an operation that is known,
/// and another header behind the packet where that can be seen.
///
/// A packet that lies in one segment shares the storage of the capture.
struct PacketStream: Sendable {
    /// What a direction of a connection has.
    enum Event: Equatable {
        /// A whole packet.
        case packet(ArraySlice<UInt8>, ByteOrder)
        /// Bytes were not captured, or belong to no whole packet.
        case gap(missingByteCount: Int, unusedByteCount: Int)
    }

    /// What must be there of a packet before anything is known: length, magic number, version.
    private static let frontByteCount = 12
    /// What must be there to tell a header from other bytes: everything up to the operation.
    private static let searchByteCount = 20

    private let packetLimit: Int
    /// The beginning of a packet; while searching, what may be the beginning of a header.
    private var partial: [UInt8] = []
    /// The length of the packet that `partial` begins; 0 as long as that is not known.
    private var expectedByteCount = 0
    private var isSearching = false
    /// The bytes that have been passed over since the last event.
    private var unusedByteCount = 0

    /// Starts at the beginning of a packet.
    init(packetLimit: Int) { self.packetLimit = packetLimit }

    /// How many bytes are kept.
    var heldByteCount: Int { partial.count }

    /// Takes what comes next.
    mutating func take(_ piece: TCPFlow.Piece, into events: inout [Event]) {
        switch piece {
        case .beginning:
            finish(into: &events)
            isSearching = false
        case .middle:
            finish(into: &events)
            isSearching = true
        case .gap(let count): lose(count, into: &events)
        case .bytes(let bytes): take(bytes, into: &events)
        }
    }

    /// Says what is left over: nothing more comes.
    mutating func finish(into events: inout [Event]) {
        unusedByteCount &+= partial.count
        partial = []
        expectedByteCount = 0
        sayUnused(into: &events)
    }

    /// Gives up the packet under way, of which so many bytes are missing.
    mutating func lose(_ count: Int, into events: inout [Event]) {
        events.append(
            .gap(
                missingByteCount: count, unusedByteCount: unusedByteCount &+ partial.count))
        unusedByteCount = 0
        partial = []
        expectedByteCount = 0
        isSearching = true
    }

    /// Takes bytes that come next.
    mutating func take(_ bytes: ArraySlice<UInt8>, into events: inout [Event]) {
        var rest = bytes
        while !rest.isEmpty {
            if isSearching {
                search(&rest, into: &events)
            } else if partial.isEmpty {
                takeWhole(&rest, into: &events)
            } else {
                takeMore(&rest, into: &events)
            }
        }
    }

    /// Takes a packet that begins here.
    private mutating func takeWhole(
        _ rest: inout ArraySlice<UInt8>, into events: inout [Event]
    ) {
        guard rest.count >= Self.frontByteCount else {
            partial = Array(rest)
            rest = []
            return
        }
        guard let (count, order) = front(rest) else {
            isSearching = true
            return
        }
        guard rest.count >= count else {
            partial = Array(rest)
            expectedByteCount = count
            rest = []
            return
        }
        events.append(.packet(rest.prefix(count), order))
        rest = rest.dropFirst(count)
    }

    /// Takes more of a packet that came in several pieces.
    private mutating func takeMore(
        _ rest: inout ArraySlice<UInt8>, into events: inout [Event]
    ) {
        if expectedByteCount == 0 {
            move(&rest, upTo: Self.frontByteCount)
            guard partial.count >= Self.frontByteCount else { return }
            guard let (count, _) = front(partial[...]) else {
                isSearching = true
                return
            }
            expectedByteCount = count
        }
        move(&rest, upTo: expectedByteCount)
        guard partial.count >= expectedByteCount else { return }
        if let (_, order) = front(partial[...]) { events.append(.packet(partial[...], order)) }
        partial = []
        expectedByteCount = 0
    }

    private mutating func move(_ rest: inout ArraySlice<UInt8>, upTo count: Int) {
        let missing = min(count &- partial.count, rest.count)
        guard missing > 0 else { return }
        partial.append(contentsOf: rest.prefix(missing))
        rest = rest.dropFirst(missing)
    }

    /// Looks for a header, and stops in front of it.
    private mutating func search(
        _ rest: inout ArraySlice<UInt8>, into events: inout [Event]
    ) {
        if !partial.isEmpty {
            rest = (partial + rest)[...]
            partial = []
        }
        var at = rest.startIndex
        while at &+ Self.searchByteCount <= rest.endIndex {
            if isPlausible(rest[at...]) {
                unusedByteCount &+= at &- rest.startIndex
                rest = rest[at...]
                isSearching = false
                sayUnused(into: &events)
                return
            }
            at &+= 1
        }
        // The next bytes may complete a header that begins in the last few.
        unusedByteCount &+= at &- rest.startIndex
        partial = Array(rest[at...])
        rest = []
    }

    private mutating func sayUnused(into events: inout [Event]) {
        guard unusedByteCount > 0 else { return }
        events.append(.gap(missingByteCount: 0, unusedByteCount: unusedByteCount))
        unusedByteCount = 0
    }

    /// Whether a packet can begin here, and another behind it.
    private func isPlausible(_ bytes: ArraySlice<UInt8>) -> Bool {
        // Most bytes are none of a magic number's.
        let fifth = bytes[bytes.startIndex &+ 4]
        guard fifth == 0x42 || fifth == 0x43, let (count, order) = front(bytes) else {
            return false
        }
        var reader = ByteReader(bytes.dropFirst(16), order: order)
        guard let number = try? reader.readUInt32("operation", of: "PacketStream") else {
            return false
        }
        if case .unknown = Operation(rawValue: number) { return false }
        let next = bytes.dropFirst(count)
        return next.count < Self.frontByteCount || front(next) != nil
    }

    /// The length and byte order of the packet that begins here; nil when none can begin so.
    private func front(_ bytes: ArraySlice<UInt8>) -> (byteCount: Int, ByteOrder)? {
        let span = bytes.span
        guard span.count >= Self.frontByteCount else { return nil }
        let (length, magic, version) = (
            span.bigUInt32(at: 0), span.bigUInt32(at: 4), span.bigUInt32(at: 8)
        )
        let count: UInt32
        let order: ByteOrder
        if magic == PacketHeader.magic, version == PacketHeader.version {
            (count, order) = (length, .big)
        } else if magic == PacketHeader.magic.byteSwapped,
            version == PacketHeader.version.byteSwapped
        {
            (count, order) = (length.byteSwapped, .little)
        } else {
            return nil
        }
        let number = Int(truncatingIfNeeded: count)
        guard number >= PacketHeader.byteCount, number <= packetLimit else { return nil }
        return (number, order)
    }
}
