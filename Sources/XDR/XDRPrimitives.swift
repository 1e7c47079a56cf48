// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

extension Int32: XDRFixedSize {
    /// The number of bytes of an int.
    public static var byteCount: Int { 4 }
    /// Reads an int.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Int32 {
        try reader.readInt32("value", of: "int")
    }
    /// Appends an int.
    public func encode(into writer: inout ByteWriter) { writer.write(self) }
}

extension UInt32: XDRFixedSize {
    /// The number of bytes of an unsigned int.
    public static var byteCount: Int { 4 }
    /// Reads an unsigned int.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> UInt32 {
        try reader.readUInt32("value", of: "unsigned int")
    }
    /// Appends an unsigned int.
    public func encode(into writer: inout ByteWriter) { writer.write(self) }
}

extension Int64: XDRFixedSize {
    /// The number of bytes of a hyper.
    public static var byteCount: Int { 8 }
    /// Reads a hyper.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Int64 {
        try reader.readInt64("value", of: "hyper")
    }
    /// Appends a hyper.
    public func encode(into writer: inout ByteWriter) { writer.write(self) }
}

extension UInt64: XDRFixedSize {
    /// The number of bytes of an unsigned hyper.
    public static var byteCount: Int { 8 }
    /// Reads an unsigned hyper.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> UInt64 {
        try reader.readUInt64("value", of: "unsigned hyper")
    }
    /// Appends an unsigned hyper.
    public func encode(into writer: inout ByteWriter) { writer.write(self) }
}

extension Bool: XDRFixedSize {
    /// The number of bytes of a bool.
    public static var byteCount: Int { 4 }
    /// Reads a bool.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Bool {
        try reader.readXDRBool("value", of: "bool")
    }
    /// Appends a bool.
    public func encode(into writer: inout ByteWriter) { writer.writeXDRBool(self) }
}

extension Float: XDRFixedSize {
    /// The number of bytes of a float.
    public static var byteCount: Int { 4 }
    /// Reads a float.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Float {
        try reader.readXDRFloat("value", of: "float")
    }
    /// Appends a float.
    public func encode(into writer: inout ByteWriter) { writer.writeXDRFloat(self) }
}

extension Double: XDRFixedSize {
    /// The number of bytes of a double.
    public static var byteCount: Int { 8 }
    /// Reads a double.
    public static func decode(from reader: inout ByteReader) throws(WireError) -> Double {
        try reader.readXDRDouble("value", of: "double")
    }
    /// Appends a double.
    public func encode(into writer: inout ByteWriter) { writer.writeXDRDouble(self) }
}
