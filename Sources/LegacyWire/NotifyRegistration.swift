// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What to send when this client goes: the question of REGISTER_NOTIFY.
///
/// - Shape: srvid (64 bits), a 32-bit count, so many bytes. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_notify_data_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct NotifyRegistration: LegacyCoding, Hashable {
    /// Where the message goes, on every node.
    public var srvid: SrvID
    /// The data of the message.
    public var data: ArraySlice<UInt8>

    /// Makes a value.
    public init(srvid: SrvID, data: ArraySlice<UInt8>) {
        self.srvid = srvid
        self.data = data
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "NotifyRegistration"))
        let data = try reader.readCountedBytes("len", of: "NotifyRegistration")
        return Self(srvid: srvid, data: data)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(srvid.rawValue)
        try writer.writeCounted(data, "len", of: "NotifyRegistration")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 12 &+ data.count }
}
