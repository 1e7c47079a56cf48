// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The options at the end of a block of pcapng.
enum PcapngOptions {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    /// Which way a packet went, in a packet's block.
    static let direction: UInt16 = 2

    /// How many bytes follow so many up to a multiple of four.
    static func padding(_ count: Int) -> Int { (4 &- count % 4) % 4 }

    /// An option as text; some writers end it with a NUL.
    static func text(_ value: ArraySlice<UInt8>) -> String {
        String(decoding: value.last == 0 ? value.dropLast() : value, as: UTF8.self)
    }

    /// Reads options to their end, or to the end of the block.
    static func read(
        from reader: inout ByteReader,
        _ each: (UInt16, ArraySlice<UInt8>) throws(WireError) -> Void
    ) throws(WireError) {
        while reader.available >= 4 {
            let code = try reader.readUInt16("code", of: "PcapngOptions")
            let count = Int(try reader.readUInt16("length", of: "PcapngOptions"))
            if code == end { return }
            let value = try reader.readBytes(count, "value", of: "PcapngOptions")
            // The last one may lack its padding in files of careless writers.
            try reader.skip(min(padding(count), reader.available), "pad", of: "PcapngOptions")
            try each(code, value)
        }
    }

    /// Appends an option of at most 65,535 bytes; the rest is left out.
    static func write(_ code: UInt16, _ value: ArraySlice<UInt8>, into writer: inout ByteWriter) {
        let value = value.prefix(Int(UInt16.max))
        writer.write(code)
        writer.write(UInt16(truncatingIfNeeded: value.count))
        writer.write(contentsOf: value)
        writer.writeZeros(padding(value.count))
    }

    /// Appends an option of text, cut between characters where it is too long; nil and empty
    /// text give none.
    static func write(_ code: UInt16, _ text: String?, into writer: inout ByteWriter) {
        guard let text, !text.isEmpty else { return }
        let bytes = Array(text.utf8)
        var end = min(bytes.count, Int(UInt16.max))
        // A byte inside of a character begins with the bits 10.
        while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end &-= 1 }
        write(code, bytes[..<end], into: &writer)
    }

    /// Appends what stands behind the last option; nothing when there was none.
    static func writeEnd(since start: Int, into writer: inout ByteWriter) {
        if writer.count > start { writer.writeZeros(4) }
    }
}
