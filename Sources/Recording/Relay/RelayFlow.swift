// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// One direction of a relayed connection: what was read at one end and not written at the other.
///
/// It is bounded, so that an end that does not read makes the other one wait, as it would without a
/// relay.
///
/// Invariant: bytes leave in the order in which they came, each once; nothing is taken while there
/// is no room, nor after the end.
package struct RelayFlow: Equatable, Sendable {
    /// How much may wait; one read may go beyond it.
    package static let limit = 1 << 20

    /// What waits, in order.
    package private(set) var pieces: [ArraySlice<UInt8>] = []
    /// The piece that is written next.
    private var start = 0
    /// How much of that piece has been written.
    package private(set) var offset = 0
    /// The bytes that wait.
    package private(set) var byteCount = 0
    /// Whether the end that is read has said everything.
    package private(set) var isEnded = false
    /// Whether the end that is written takes nothing any more: what comes is dropped.
    package private(set) var isBroken = false
    /// Whether the end that is written has been told that nothing more comes.
    package var isShut = false

    /// Whether the end that is read should be read.
    package var wantsRead: Bool { !isEnded && byteCount < Self.limit }
    /// Whether there is something to write.
    package var wantsWrite: Bool { byteCount > 0 }
    /// Whether everything has been read and written.
    package var isDone: Bool { isEnded && byteCount == 0 }
    /// Pieces from the one that is written next.
    package var waiting: ArraySlice<ArraySlice<UInt8>> { pieces[start...] }

    /// Makes an empty one.
    package init() {}

    /// Takes what was read.
    package mutating func append(_ bytes: [UInt8]) {
        guard !isBroken, !isEnded, !bytes.isEmpty else { return }
        pieces.append(bytes[...])
        byteCount += bytes.count
    }

    /// So many bytes were written.
    package mutating func wrote(_ count: Int) {
        byteCount -= count
        var rest = count + offset
        while start < pieces.count, rest >= pieces[start].count {
            rest -= pieces[start].count
            pieces[start] = []
            start += 1
        }
        offset = rest
        guard start == pieces.count else { return }
        pieces.removeAll(keepingCapacity: true)
        start = 0
    }

    /// The end that is read has said everything.
    package mutating func end() { isEnded = true }

    /// The end that is written takes nothing any more.
    package mutating func breakOff() {
        isBroken = true
        pieces = []
        start = 0
        offset = 0
        byteCount = 0
    }
}
