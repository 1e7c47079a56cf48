// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Cuts a byte stream into packets.
///
/// Append what a read returned, then take packets until there is none. A packet that lies in one
/// piece shares the storage of what was appended; a packet in several pieces is put together
/// once. Memory grows with what has arrived, never with what a header announces. Who keeps a packet
/// for long copies it, because it keeps alive everything that was appended with it.
///
/// - Invariant: after an error nothing comes any more, and the connection has to end: the place
///   where the next packet would begin is not known.
/// - Errors: `.invalidValue` for a length below 32, which makes ctdbd drop the connection or stop
///   reading it, and for one that is not a multiple of 8 where that is asked for;
///   `.limitExceeded` for a length over the limit; `.badMagic`, or `.otherByteOrder` when only the
///   layout is wrong.
/// - Source: `queue_process`, ctdb/common/ctdb_io.c; `ctdb_daemon_read_cb`,
///   ctdb/server/ctdb_daemon.c; `ctdb_tcp_read_cb`, ctdb/tcp/tcp_io.c, Samba 4.17.
public struct PacketFramer: Sendable {
    /// Which lengths a stream may have.
    public enum Alignment: Sendable {
        /// Any: smbd does not pad what it sends to its local ctdbd.
        case any
        /// Multiples of 8, as between nodes, where anything else makes a peer dead.
        case eight
    }

    /// The length and the magic number: what must be there before anything is known.
    private static let prefixByteCount = 8

    private let layout: LegacyLayout
    private let maximumLength: Int
    private let alignment: Alignment
    /// What was appended last, and how much of it has been taken.
    private var chunk: ArraySlice<UInt8> = []
    /// The beginning of a packet that came in several pieces.
    private var partial: [UInt8] = []
    private var failure: WireError?

    /// Starts at the beginning of a packet.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine that writes the stream.
    ///   - maximumLength: the largest packet to accept, in bytes.
    ///   - alignment: which lengths to accept.
    public init(
        layout: LegacyLayout = .native, maximumLength: Int = LegacyPacket.defaultLimit,
        alignment: Alignment = .any
    ) {
        self.layout = layout
        self.maximumLength = maximumLength
        self.alignment = alignment
    }

    /// The number of bytes that have been appended and not been taken.
    public var bufferedByteCount: Int { chunk.count &+ partial.count }

    /// Appends bytes; take every packet first, so that nothing needs to be copied.
    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard failure == nil, !bytes.isEmpty else { return }
        if chunk.isEmpty {
            chunk = bytes
        } else {
            chunk.append(contentsOf: bytes)
        }
    }

    /// Appends bytes; take every packet first, so that nothing needs to be copied.
    public mutating func append(_ bytes: [UInt8]) { append(bytes[...]) }

    /// Takes the next packet.
    ///
    /// - Returns: a whole packet, or nil when more bytes are needed.
    /// - Throws: `WireError` when what comes next is no packet, and from then on every time.
    public mutating func next() throws(WireError) -> ArraySlice<UInt8>? {
        if let failure { throw failure }
        do {
            return try partial.isEmpty ? nextFromChunk() : nextFromPieces()
        } catch {
            failure = error
            chunk = []
            partial = []
            throw error
        }
    }

    private mutating func nextFromChunk() throws(WireError) -> ArraySlice<UInt8>? {
        guard chunk.count >= Self.prefixByteCount else {
            movePartial(upTo: Self.prefixByteCount)
            return nil
        }
        let length = try length(of: chunk)
        guard chunk.count >= length else {
            movePartial(upTo: length)
            return nil
        }
        let packet = chunk.prefix(length)
        chunk = chunk.dropFirst(length)
        return packet
    }

    private mutating func nextFromPieces() throws(WireError) -> ArraySlice<UInt8>? {
        movePartial(upTo: Self.prefixByteCount)
        guard partial.count >= Self.prefixByteCount else { return nil }
        let length = try length(of: partial[...])
        movePartial(upTo: length)
        guard partial.count >= length else { return nil }
        let packet = partial[...]
        partial = []
        return packet
    }

    /// Moves bytes from the chunk until the partial packet has `count`, or the chunk is empty.
    private mutating func movePartial(upTo count: Int) {
        let missing = min(count &- partial.count, chunk.count)
        guard missing > 0 else { return }
        partial.append(contentsOf: chunk.prefix(missing))
        chunk = missing == chunk.count ? [] : chunk.dropFirst(missing)
    }

    /// The length that a packet states in its first field, once it is known to be possible.
    private func length(of packet: ArraySlice<UInt8>) throws(WireError) -> Int {
        var reader = layout.reader(over: packet)
        let stated = try reader.readUInt32("length", of: "PacketFramer")
        let magic = try reader.readUInt32("magic", of: "PacketFramer")
        guard magic != PacketHeader.magic.byteSwapped else {
            throw failure(.otherByteOrder, "magic", at: 4)
        }
        let length = Int(truncatingIfNeeded: stated)
        guard length >= PacketHeader.byteCount else {
            throw failure(.invalidValue(UInt64(stated)), "length", at: 0)
        }
        guard length <= maximumLength else {
            let limit = UInt64(clamping: maximumLength)
            throw failure(.limitExceeded(value: UInt64(stated), limit: limit), "length", at: 0)
        }
        guard alignment == .any || length % LegacyPacket.alignment == 0 else {
            throw failure(.invalidValue(UInt64(stated)), "length", at: 0)
        }
        guard magic == PacketHeader.magic else {
            throw failure(.badMagic(magic), "magic", at: 4)
        }
        return length
    }

    private func failure(
        _ code: WireError.Code, _ field: String, at offset: Int
    ) -> WireError {
        WireError(code: code, type: "PacketFramer", field: field, offset: offset)
    }
}
