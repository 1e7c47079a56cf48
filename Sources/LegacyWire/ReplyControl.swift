// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The result of a control.
///
/// - Shape: 12 bytes, then the data, then the error; no padding. ctdbd writes the error without a
///   NUL, the newer client library with one.
/// - Errors: `.truncated`; `.limitExceeded` for data or an error longer than the packet.
/// - Source: `struct ctdb_reply_control_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct ReplyControl: LegacyCoding, Hashable {
    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 12 }

    /// Negative when the control failed; some controls answer with it.
    public var status: Int32
    /// What the control answers.
    public var data: ArraySlice<UInt8>
    /// Why it failed, byte for byte; empty for most failures.
    public var error: ArraySlice<UInt8>

    /// Makes a reply.
    public init(status: Int32, data: ArraySlice<UInt8> = [], error: ArraySlice<UInt8> = []) {
        self.status = status
        self.data = data
        self.error = error
    }

    /// The error up to its NUL, repaired where it is not UTF-8.
    public var errorText: String { String(decoding: error.prefix { $0 != 0 }, as: UTF8.self) }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let status = try reader.readInt32("status", of: "ReplyControl")
        let dataCount = try reader.readCount("datalen", of: "ReplyControl")
        let errorCount = try reader.readCount("errorlen", of: "ReplyControl")
        return Self(
            status: status,
            data: try reader.readCounted(dataCount, "data", of: "ReplyControl"),
            error: try reader.readCounted(errorCount, "error", of: "ReplyControl"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(status)
        try writer.writeCount(data.count, "datalen", of: "ReplyControl")
        try writer.writeCount(error.count, "errorlen", of: "ReplyControl")
        writer.write(contentsOf: data)
        writer.write(contentsOf: error)
    }

    /// The fixed part, the data and the error.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ data.count &+ error.count
    }
}
