// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Says that a call or a change of ownership failed.
///
/// - Shape: 8 bytes, then the message, which ctdbd ends with a NUL that it counts; no padding.
/// - Errors: `.truncated`; `.limitExceeded` for a message longer than the packet.
/// - Source: `struct ctdb_reply_error_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct ReplyError: LegacyCoding, Hashable {
    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 8 }

    /// The reason as a number.
    public var status: Int32
    /// The reason in words, byte for byte.
    public var message: ArraySlice<UInt8>

    /// Makes a reply.
    public init(status: Int32, message: ArraySlice<UInt8>) {
        self.status = status
        self.message = message
    }

    /// The message up to its NUL, repaired where it is not UTF-8.
    public var text: String { String(decoding: message.prefix { $0 != 0 }, as: UTF8.self) }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let status = try reader.readInt32("status", of: "ReplyError")
        let count = try reader.readCount("msglen", of: "ReplyError")
        return Self(
            status: status, message: try reader.readCounted(count, "msg", of: "ReplyError"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(status)
        try writer.writeCount(message.count, "msglen", of: "ReplyError")
        writer.write(contentsOf: message)
    }

    /// The fixed part and the message.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ message.count
    }
}
