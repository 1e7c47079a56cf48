// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Appends integers and bytes to a buffer, in a stated byte order.
public struct ByteWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8]
    /// The byte order of every integer.
    public let order: ByteOrder
    /// What is put into holes; 0 except where somebody asks where the holes are.
    private let filler: UInt8

    /// Starts empty.
    ///
    /// - Parameters:
    ///   - order: the byte order of every integer.
    ///   - capacity: the number of bytes to make room for.
    ///   - filler: what is put into holes; on the wire it is 0.
    public init(order: ByteOrder, capacity: Int = 0, filler: UInt8 = 0) {
        self.order = order
        self.filler = filler
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Starts behind bytes that are there already; offsets count from their beginning.
    public init(order: ByteOrder, appendingTo bytes: consuming [UInt8]) {
        self.order = order
        self.filler = 0
        self.bytes = bytes
    }

    /// The number of bytes written so far.
    public var count: Int { bytes.count }

    /// Appends one byte.
    public mutating func write(_ value: UInt8) { bytes.append(value) }

    /// Appends an unsigned 16-bit integer.
    public mutating func write(_ value: UInt16) {
        let high = UInt8(truncatingIfNeeded: value >> 8)
        let low = UInt8(truncatingIfNeeded: value)
        bytes.append(order == .big ? high : low)
        bytes.append(order == .big ? low : high)
    }

    /// Appends an unsigned 32-bit integer.
    public mutating func write(_ value: UInt32) {
        let inOrder = order == .big ? value : value.byteSwapped
        bytes.append(UInt8(truncatingIfNeeded: inOrder >> 24))
        bytes.append(UInt8(truncatingIfNeeded: inOrder >> 16))
        bytes.append(UInt8(truncatingIfNeeded: inOrder >> 8))
        bytes.append(UInt8(truncatingIfNeeded: inOrder))
    }

    /// Appends a signed 32-bit integer.
    public mutating func write(_ value: Int32) { write(UInt32(bitPattern: value)) }

    /// Appends an unsigned 64-bit integer.
    public mutating func write(_ value: UInt64) {
        let high = UInt32(truncatingIfNeeded: value >> 32)
        let low = UInt32(truncatingIfNeeded: value)
        write(order == .big ? high : low)
        write(order == .big ? low : high)
    }

    /// Appends a signed 64-bit integer.
    public mutating func write(_ value: Int64) { write(UInt64(bitPattern: value)) }

    /// Appends bytes as they are.
    public mutating func write(contentsOf other: ArraySlice<UInt8>) {
        bytes.append(contentsOf: other)
    }

    /// Appends bytes as they are.
    public mutating func write(contentsOf other: [UInt8]) { bytes.append(contentsOf: other) }

    /// Appends bytes as they are.
    public mutating func write(contentsOf other: Span<UInt8>) {
        bytes.append(addingCapacity: other.count) { output in
            // Zeros first: a loop over bytes that exist becomes a block copy, appending does not.
            output.append(repeating: 0, count: other.count)
            var place = output.mutableSpan
            for index in other.indices { place[index] = other[index] }
        }
    }

    /// Appends what a function puts into room for so many bytes.
    public mutating func append(
        addingCapacity count: Int, _ fill: (inout OutputSpan<UInt8>) -> Void
    ) {
        bytes.append(addingCapacity: count, initializingWith: fill)
    }

    /// Appends `count` zero bytes, a hole; a count that is not positive appends nothing.
    public mutating func writeZeros(_ count: Int) {
        guard count > 0 else { return }
        bytes.append(contentsOf: repeatElement(filler, count: count))
    }

    /// Replaces the 32-bit integer that begins at `offset`; outside the buffer nothing happens.
    public mutating func patch(_ value: UInt32, at offset: Int) {
        guard offset >= 0, offset <= bytes.count &- 4 else { return }
        let inOrder = order == .big ? value : value.byteSwapped
        bytes[offset] = UInt8(truncatingIfNeeded: inOrder >> 24)
        bytes[offset &+ 1] = UInt8(truncatingIfNeeded: inOrder >> 16)
        bytes[offset &+ 2] = UInt8(truncatingIfNeeded: inOrder >> 8)
        bytes[offset &+ 3] = UInt8(truncatingIfNeeded: inOrder)
    }

    /// Gives the buffer away.
    public consuming func finish() -> [UInt8] { bytes }
}
