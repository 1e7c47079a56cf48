// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Cuts the stream of an event daemon's connection into packets.
///
/// Nothing is reserved for a length that was only stated: the buffer is as large as what came.
///
/// - Source: `sock_queue_process`, ctdb/common/sock_io.c, Samba 4.17.
public struct EventFramer: Equatable, Sendable {
    /// The size of the header of a packet.
    public static let headerByteCount = 12
    /// The longest packet unless something else is asked for: a status with long outputs fits.
    public static let defaultMaximumLength = 16 << 20

    private let layout: LegacyLayout
    private let maximumLength: Int
    private var buffer: ArraySlice<UInt8> = []

    /// Starts empty.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine at the other end.
    ///   - maximumLength: the longest packet, in bytes.
    public init(layout: LegacyLayout, maximumLength: Int = Self.defaultMaximumLength) {
        self.layout = layout
        self.maximumLength = maximumLength
    }

    /// The number of bytes that are not part of a packet yet.
    public var pendingByteCount: Int { buffer.count }

    /// Takes what came.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next packet.
    ///
    /// - Returns: the whole packet, nil until more bytes come.
    /// - Throws: `.invalidValue` for a length under the header's, `.limitExceeded` for one over
    ///   the maximum; the connection is of no use afterwards.
    public mutating func next() throws(WireError) -> ArraySlice<UInt8>? {
        guard buffer.count >= 4 else { return nil }
        var reader = layout.reader(over: buffer)
        let stated = try reader.readUInt32("length", of: "EventFramer")
        let length = Int(truncatingIfNeeded: stated)
        guard length >= Self.headerByteCount else {
            throw failure(.invalidValue(UInt64(stated)))
        }
        guard length <= maximumLength else {
            let limit = UInt64(clamping: maximumLength)
            throw failure(.limitExceeded(value: UInt64(stated), limit: limit))
        }
        guard buffer.count >= length else { return nil }
        let packet = buffer.prefix(length)
        buffer = buffer.count == length ? [] : buffer.dropFirst(length)
        return packet
    }

    private func failure(_ code: WireError.Code) -> WireError {
        WireError(code: code, type: "EventFramer", field: "length", offset: 0)
    }
}
