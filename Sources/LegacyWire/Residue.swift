// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What a value that was read from bytes leaves unsaid about them.
///
/// Senders copy C structs: the holes between fields have what was in memory, a buffer may be longer
/// than what it is for, and a truth value may be any number. A value has what is meant, this has
/// the rest, and both together are the bytes again.
///
/// - Source: `struct ctdb_req_control_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct Residue: Equatable, Sendable {
    /// Bytes that lie together.
    public struct Run: Equatable, Sendable {
        /// Where bytes lie that a value leaves unsaid.
        public enum Place: Sendable {
            /// Between fields, or up to a multiple of 8: means nothing.
            case hole
            /// Behind the value: nobody reads it.
            case behind
            /// In a field that means the same when it is written in the usual way.
            case field
        }

        /// Where the bytes lie.
        public var place: Place
        /// Where they begin.
        public var offset: Int
        /// The bytes.
        public var bytes: ArraySlice<UInt8>
    }

    /// The bytes that the value would not write again, in the order they lie.
    public private(set) var runs: [Run] = []
    /// How many bytes the value would write more at the end, such as padding.
    public private(set) var missingByteCount = 0

    /// Nothing is left unsaid.
    public static let none = Residue()

    /// Whether the value alone writes the bytes again.
    public var isEmpty: Bool { runs.isEmpty && missingByteCount == 0 }

    /// Whether every byte is in a field, or in a place that means nothing.
    public var isExplained: Bool { runs.allSatisfy { $0.place != .behind } }

    private init() {}

    /// Compares bytes with what a value that was read from them writes.
    ///
    /// - Parameters:
    ///   - bytes: what the value was read from.
    ///   - written: what the value writes.
    ///   - filled: what it writes with something else in the holes.
    init(of bytes: ArraySlice<UInt8>, written: [UInt8], filled: [UInt8]) {
        missingByteCount = max(0, written.count &- bytes.count)
        guard !bytes.elementsEqual(written) else { return }
        for (offset, byte) in bytes.enumerated() {
            let index = bytes.startIndex &+ offset
            guard offset < written.count else {
                append(.behind, offset, bytes[index...index]); continue
            }
            guard byte != written[offset] else { continue }
            let isHole = offset < filled.count && written[offset] != filled[offset]
            append(isHole ? .hole : .field, offset, bytes[index...index])
        }
    }

    /// The bytes that a value and this were made of.
    ///
    /// - Parameter written: what the value writes.
    /// - Returns: the bytes.
    func restored(over written: [UInt8]) -> [UInt8] {
        var bytes = Array(written.prefix(max(0, written.count &- missingByteCount)))
        for run in runs {
            if run.offset < bytes.count {
                let end = min(bytes.count, run.offset &+ run.bytes.count)
                bytes.replaceSubrange(run.offset..<end, with: run.bytes)
            } else {
                bytes.append(contentsOf: run.bytes)
            }
        }
        return bytes
    }

    private mutating func append(_ place: Run.Place, _ offset: Int, _ bytes: ArraySlice<UInt8>) {
        if let last = runs.last, last.place == place, last.offset &+ last.bytes.count == offset {
            runs[runs.count &- 1].bytes.append(contentsOf: bytes)
        } else {
            runs.append(Run(place: place, offset: offset, bytes: bytes))
        }
    }
}
