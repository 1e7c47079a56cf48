// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Who holds or wants a lock of the cluster: the data of a record of g_lock.tdb as the client
/// library has it.
///
/// - Shape: for each holder the kind of the lock, padding in `.bits64`, `ServerID`: 32 bytes, in
///   `.bits32` 28; as many as the bytes have, without a count.
/// - Errors: `.truncated` when the bytes are no whole number of holders; `.invalidValue` for a
///   kind that there is not.
/// - Source: `ctdb_g_lock_list_push`, ctdb/protocol/protocol_types.c, Samba 4.17.
public struct GlobalLockList: LegacyCoding, Hashable {
    /// One process and its lock.
    public struct Holder: Hashable, Sendable {
        /// How the lock is held.
        public enum Kind: UInt32, Sendable, CaseIterable {
            /// Together with other readers.
            case read = 0
            /// Alone.
            case write = 1
        }

        /// How the lock is held.
        public var kind: Kind
        /// The process.
        public var server: ServerID

        /// Makes a holder.
        public init(kind: Kind, server: ServerID) {
            self.kind = kind
            self.server = server
        }
    }

    /// The processes.
    public var holders: [Holder]

    /// Makes a list.
    public init(holders: [Holder]) { self.holders = holders }

    /// Reads all holders that the bytes have.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        var holders: [Holder] = []
        while reader.available > 0 {
            let number = try reader.readUInt32("type", of: "GlobalLockList")
            guard let kind = Holder.Kind(rawValue: number) else {
                throw WireError(
                    code: .invalidValue(UInt64(number)), type: "GlobalLockList", field: "type",
                    offset: reader.offset &- 4)
            }
            try reader.skip(layout.paddingBeforeUInt64, "pad", of: "GlobalLockList")
            holders.append(
                Holder(kind: kind, server: try ServerID.decode(from: &reader, layout: layout)))
        }
        return Self(holders: holders)
    }

    /// Appends the holders.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        for holder in holders {
            writer.write(holder.kind.rawValue)
            writer.writeZeros(layout.paddingBeforeUInt64)
            holder.server.encode(into: &writer, layout: layout)
        }
    }

    /// 32 for each holder, in `.bits32` 28.
    public func byteCount(layout: LegacyLayout) -> Int {
        holders.count &* (28 &+ layout.paddingBeforeUInt64)
    }
}
