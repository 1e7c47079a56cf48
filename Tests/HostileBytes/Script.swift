// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire

/// An input that is more than the bytes of one value: choices in front, or several pieces.
///
/// Numbers of the script are little-endian, so that an input means the same on every machine.
struct Script: ~Copyable {
    private var reader: ByteReader

    init(_ input: ArraySlice<UInt8>) { reader = ByteReader(input, order: .little) }

    var isAtEnd: Bool { reader.available == 0 }

    /// What is left.
    mutating func rest() throws -> ArraySlice<UInt8> {
        try reader.readBytes(reader.available, "rest", of: "Script")
    }

    mutating func byte() throws -> UInt8 { try reader.readUInt8("byte", of: "Script") }
    mutating func half() throws -> UInt16 { try reader.readUInt16("half", of: "Script") }
    mutating func word() throws -> UInt32 { try reader.readUInt32("word", of: "Script") }
    mutating func long() throws -> UInt64 { try reader.readUInt64("long", of: "Script") }

    /// One of the layouts.
    mutating func layout() throws -> LegacyLayout {
        LegacyLayout.all[Int(try byte()) % LegacyLayout.all.count]
    }

    /// A count and so many bytes, as far as they are there.
    mutating func piece() throws -> ArraySlice<UInt8> {
        let count = Int(try half())
        return try reader.readBytes(min(count, reader.available), "piece", of: "Script")
    }

    /// Pieces as a script has them; longer ones are cut.
    static func pieces(_ pieces: [[UInt8]]) -> [UInt8] {
        var writer = ByteWriter(order: .little)
        for piece in pieces {
            let part = piece.prefix(Int(UInt16.max))
            writer.write(UInt16(part.count))
            writer.write(contentsOf: part)
        }
        return writer.finish()
    }
}

extension ByteWriter {
    /// A script with numbers in front of bytes.
    static func script(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter(order: .little)
        body(&writer)
        return writer.finish()
    }
}
