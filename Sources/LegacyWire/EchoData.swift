// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Bytes that come back as they are: question and answer of ECHO_DATA.
///
/// - Shape: a 32-bit time, a 32-bit count, so many bytes.
/// - Units: milliseconds.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold.
/// - Source: `struct ctdb_echo_data`, ctdb/protocol/protocol.h, Samba 4.17.
public struct EchoData: LegacyCoding, Hashable {
    /// How long to wait; ctdbd 4.17 answers at once.
    public var timeoutMilliseconds: UInt32
    /// The bytes.
    public var data: ArraySlice<UInt8>

    /// Makes a value.
    public init(timeoutMilliseconds: UInt32, data: ArraySlice<UInt8>) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.data = data
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let timeoutMilliseconds = try reader.readUInt32("timeout", of: "EchoData")
        let data = try reader.readCountedBytes("buflen", of: "EchoData")
        return Self(timeoutMilliseconds: timeoutMilliseconds, data: data)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(timeoutMilliseconds)
        try writer.writeCounted(data, "buflen", of: "EchoData")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 8 &+ data.count }
}
