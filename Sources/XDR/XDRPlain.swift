// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A value of fixed size for which every pattern of bits is a value.
///
/// Such a value is read and written in one step, whatever its number of fields: this is the path
/// of packet headers. The functions of the integers are inlined, so that the one check of bounds
/// covers all fields.
public protocol XDRPlain: XDRFixedSize {
    /// Makes a value from exactly `byteCount` bytes.
    init(xdr bytes: Span<UInt8>)

    /// Stores the value in the `byteCount` bytes from `offset` on, which exist.
    func store(into bytes: inout MutableSpan<UInt8>, at offset: Int)
}

extension Int32: XDRPlain {
    /// Makes an int from 4 bytes.
    @inlinable
    @inline(__always)
    public init(xdr bytes: Span<UInt8>) {
        self.init(bitPattern: UInt32(xdr: bytes))
    }

    /// Stores an int.
    @inlinable
    @inline(__always)
    public func store(into bytes: inout MutableSpan<UInt8>, at offset: Int) {
        UInt32(bitPattern: self).store(into: &bytes, at: offset)
    }
}

extension UInt32: XDRPlain {
    /// Makes an unsigned int from 4 bytes.
    @inlinable
    @inline(__always)
    public init(xdr bytes: Span<UInt8>) {
        self =
            UInt32(bytes[0]) << 24 | UInt32(bytes[1]) << 16
            | UInt32(bytes[2]) << 8 | UInt32(bytes[3])
    }

    /// Stores an unsigned int.
    @inlinable
    @inline(__always)
    public func store(into bytes: inout MutableSpan<UInt8>, at offset: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: self >> 24)
        bytes[offset &+ 1] = UInt8(truncatingIfNeeded: self >> 16)
        bytes[offset &+ 2] = UInt8(truncatingIfNeeded: self >> 8)
        bytes[offset &+ 3] = UInt8(truncatingIfNeeded: self)
    }
}

extension Int64: XDRPlain {
    /// Makes a hyper from 8 bytes.
    @inlinable
    @inline(__always)
    public init(xdr bytes: Span<UInt8>) {
        self.init(bitPattern: UInt64(xdr: bytes))
    }

    /// Stores a hyper.
    @inlinable
    @inline(__always)
    public func store(into bytes: inout MutableSpan<UInt8>, at offset: Int) {
        UInt64(bitPattern: self).store(into: &bytes, at: offset)
    }
}

extension UInt64: XDRPlain {
    /// Makes an unsigned hyper from 8 bytes.
    @inlinable
    @inline(__always)
    public init(xdr bytes: Span<UInt8>) {
        let high = UInt32(xdr: bytes.extracting(0..<4))
        let low = UInt32(xdr: bytes.extracting(4..<8))
        self = UInt64(high) << 32 | UInt64(low)
    }

    /// Stores an unsigned hyper.
    @inlinable
    @inline(__always)
    public func store(into bytes: inout MutableSpan<UInt8>, at offset: Int) {
        UInt32(truncatingIfNeeded: self >> 32).store(into: &bytes, at: offset)
        UInt32(truncatingIfNeeded: self).store(into: &bytes, at: offset &+ 4)
    }
}
