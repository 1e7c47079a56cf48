// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A record on its way: the question of TRAVERSE_DATA, the data of a traversal's messages, and an
/// element of `RecordBuffer`.
///
/// A record without key and data ends a traversal.
///
/// - Shape: the length of everything, reqid, a 32-bit count of the key, one of the data, the key,
///   the data. No padding. Most senders put a `RecordHeader` in front of the data and count it.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold;
///   `.invalidValue` for a length that is not 16 more than both counts.
/// - Source: `struct ctdb_rec_data_old`, ctdb/include/ctdb_protocol.h; `ctdb_rec_data_push`,
///   ctdb/protocol/protocol_types.c, Samba 4.17.
public struct RecordData: LegacyCoding, Hashable {
    /// The size in bytes without key and data.
    static let fixedByteCount = 16

    /// What the request that led here says; 0 in buffers.
    public var reqid: UInt32
    /// The key.
    public var key: ArraySlice<UInt8>
    /// The data, with the header in front when there is one.
    public var data: ArraySlice<UInt8>

    /// Makes a record.
    public init(reqid: UInt32 = 0, key: ArraySlice<UInt8>, data: ArraySlice<UInt8>) {
        self.reqid = reqid
        self.key = key
        self.data = data
    }

    /// Makes a record with a header in front of its data.
    ///
    /// - Parameters:
    ///   - reqid: what the request that led here says.
    ///   - header: the header.
    ///   - key: the key.
    ///   - value: the data without the header.
    ///   - layout: the layout of the machine that will read it.
    public init(
        reqid: UInt32 = 0, header: RecordHeader, key: ArraySlice<UInt8>,
        value: ArraySlice<UInt8>, layout: LegacyLayout
    ) {
        var writer = layout.writer(capacity: header.byteCount(layout: layout) &+ value.count)
        header.encode(into: &writer, layout: layout)
        writer.write(contentsOf: value)
        self.init(reqid: reqid, key: key, data: writer.finish()[...])
    }

    /// Whether it says that a traversal is over.
    public var isEnd: Bool { key.isEmpty && data.isEmpty }

    /// Splits the data of a record that has a header.
    ///
    /// - Parameter layout: the layout of the machine that wrote it.
    /// - Returns: the header, and the data behind it.
    /// - Throws: `.truncated` when the data is too short for a header.
    public func split(
        layout: LegacyLayout
    ) throws(WireError) -> (header: RecordHeader, value: ArraySlice<UInt8>) {
        var reader = layout.reader(over: data)
        let header = try RecordHeader.decode(from: &reader, layout: layout)
        return (header, data.dropFirst(reader.offset))
    }

    /// Reads a record.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let start = reader.offset
        let length = try reader.readCount("length", of: "RecordData")
        let reqid = try reader.readUInt32("reqid", of: "RecordData")
        let keyCount = try reader.readCount("keylen", of: "RecordData")
        let dataCount = try reader.readCount("datalen", of: "RecordData")
        let key = try reader.readCounted(keyCount, "keylen", of: "RecordData")
        let data = try reader.readCounted(dataCount, "datalen", of: "RecordData")
        guard length == reader.offset &- start else {
            throw WireError(
                code: .invalidValue(UInt64(clamping: length)), type: "RecordData",
                field: "length", offset: start)
        }
        return Self(reqid: reqid, key: key, data: data)
    }

    /// Appends the record.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(byteCount(layout: layout), "length", of: "RecordData")
        writer.write(reqid)
        try writer.writeCount(key.count, "keylen", of: "RecordData")
        try writer.writeCount(data.count, "datalen", of: "RecordData")
        writer.write(contentsOf: key)
        writer.write(contentsOf: data)
    }

    /// The fixed part, the key and the data.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount &+ key.count &+ data.count
    }
}
