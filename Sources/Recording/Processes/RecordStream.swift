// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import XDR

/// Cuts what a process writes to a recorder into records.
///
/// Memory grows with what has arrived, never with what a length announces.
///
/// - Errors: `.badMagic`; `.limitExceeded` for a record that is longer than anything that can be
///   shown. After an error nothing comes any more.
package struct RecordStream: Sendable {
    /// A record.
    package struct Record: Equatable, Sendable {
        /// What is said about it.
        package var front: RecordFront
        /// What is shown.
        package var bytes: ArraySlice<UInt8>
    }

    /// The most bytes of one record: a packet of ctdbd.
    package static let limit = 256 << 20

    private var buffer: [UInt8] = []
    private var start = 0
    private var failure: WireError?

    /// Starts at the beginning of a record.
    package init() {}

    /// Appends what was read; take every record first.
    package mutating func append(_ bytes: [UInt8]) {
        guard failure == nil else { return }
        if start == buffer.count {
            buffer = bytes
            start = 0
        } else {
            buffer.removeFirst(start)
            start = 0
            buffer += bytes
        }
    }

    /// Takes the next record; nil when more bytes are needed.
    package mutating func next() throws(WireError) -> Record? {
        if let failure { throw failure }
        do throws(WireError) {
            return try take()
        } catch {
            failure = error
            buffer = []
            start = 0
            throw error
        }
    }

    private mutating func take() throws(WireError) -> Record? {
        let rest = buffer[start...]
        guard rest.count >= RecordFront.byteCount else { return nil }
        let front = try RecordFront.decode(rest.prefix(RecordFront.byteCount))
        guard front.magic == PeerProtocol.recordMagic else {
            throw WireError(
                code: .badMagic(front.magic), type: "RecordFront", field: "magic", offset: 0)
        }
        let length = Int(front.length)
        guard length <= Self.limit else {
            throw WireError(
                code: .limitExceeded(value: UInt64(front.length), limit: UInt64(Self.limit)),
                type: "RecordFront", field: "length", offset: 8)
        }
        guard rest.count - RecordFront.byteCount >= length else { return nil }
        let bytes = rest.dropFirst(RecordFront.byteCount).prefix(length)
        start += RecordFront.byteCount + length
        return Record(front: front, bytes: bytes)
    }
}
