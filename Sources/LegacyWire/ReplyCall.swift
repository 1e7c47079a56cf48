// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The result of a call.
///
/// - Shape: 8 bytes, then the data; no padding.
/// - Errors: `.truncated`; `.limitExceeded` for data longer than the packet.
/// - Source: `struct ctdb_reply_call_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct ReplyCall: LegacyCoding, Hashable {
    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 8 }

    /// What the function returned; 0 is success.
    public var status: Int32
    /// What the function answered.
    public var data: ArraySlice<UInt8>

    /// Makes a reply.
    public init(status: Int32, data: ArraySlice<UInt8>) {
        self.status = status
        self.data = data
    }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let status = try reader.readInt32("status", of: "ReplyCall")
        let count = try reader.readCount("datalen", of: "ReplyCall")
        return Self(
            status: status, data: try reader.readCounted(count, "data", of: "ReplyCall"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(status)
        try writer.writeCount(data.count, "datalen", of: "ReplyCall")
        writer.write(contentsOf: data)
    }

    /// The fixed part and the data.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ data.count
    }
}
