// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Bytes that come in pieces and are taken in pieces of other sizes.
///
/// What lies in one piece is given away without being copied, and keeps that piece alive.
struct PieceBuffer: Sendable {
    /// What was appended last and has not been taken.
    private var piece: ArraySlice<UInt8> = []
    /// The beginning of something that came in several pieces; it is in front of the piece.
    private var collected: [UInt8] = []
    /// How many bytes have been taken.
    private(set) var takenByteCount: UInt64 = 0

    /// The number of bytes that have not been taken.
    var byteCount: Int { collected.count &+ piece.count }

    /// Appends bytes; cheap once everything before has been looked at.
    mutating func append(_ bytes: ArraySlice<UInt8>) {
        if piece.isEmpty {
            piece = bytes
        } else {
            piece.append(contentsOf: bytes)
        }
    }

    /// The next bytes as far as they lie in one piece; none while something is being collected.
    var whole: ArraySlice<UInt8> { collected.isEmpty ? piece : [] }

    /// Passes over so many of the bytes that `whole` has.
    mutating func drop(_ count: Int) {
        let count = min(count, whole.count)
        piece = piece.count == count ? [] : piece.dropFirst(count)
        takenByteCount &+= UInt64(count)
    }

    /// The next few bytes, which stay; nil when there are not so many.
    mutating func front(_ count: Int) -> ArraySlice<UInt8>? {
        if collected.isEmpty, piece.count >= count { return piece.prefix(count) }
        collect(count)
        // A copy: who holds a part of an array makes appending to it copy all of it.
        return collected.count >= count ? Array(collected[..<count])[...] : nil
    }

    /// The next bytes, which are gone then; nil when there are not so many.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        if collected.isEmpty, piece.count >= count {
            let taken = piece.prefix(count)
            piece = piece.count == count ? [] : piece.dropFirst(count)
            takenByteCount &+= UInt64(count)
            return taken
        }
        collect(count)
        guard collected.count >= count else { return nil }
        let taken = collected[..<count]
        collected = Array(collected[count...])
        takenByteCount &+= UInt64(count)
        return taken
    }

    /// Moves bytes out of the piece until so many are collected, or it is empty.
    private mutating func collect(_ count: Int) {
        let missing = min(count &- collected.count, piece.count)
        guard missing > 0 else { return }
        collected.append(contentsOf: piece.prefix(missing))
        piece = missing == piece.count ? [] : piece.dropFirst(missing)
    }
}
