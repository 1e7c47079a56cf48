// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Makes the bytes of a pcapng file of one section.
///
/// Take what has been made, and write it: whole blocks only, so that a file whose writer was killed
/// between two writes can be read to its end.
///
/// - Source: the specification of the pcapng file format.
public struct PcapngWriter: Sendable {
    private var writer: ByteWriter
    private let order: ByteOrder
    /// The interfaces that have been added.
    public private(set) var interfaces: [CaptureInterface] = []

    /// Begins a section.
    ///
    /// - Parameters:
    ///   - section: what is said about it.
    ///   - order: the order of the bytes of integers.
    public init(_ section: CaptureSection, order: ByteOrder = .native) {
        self.order = order
        writer = ByteWriter(order: order)
        block(PcapngSection.sectionHeader) { writer in
            writer.write(PcapngSection.byteOrderMagic)
            writer.write(UInt16(1))
            writer.write(UInt16(0))
            // How long the section will be is not known.
            writer.write(Int64(-1))
            let start = writer.count
            for comment in section.comments {
                PcapngOptions.write(PcapngOptions.comment, comment, into: &writer)
            }
            PcapngOptions.write(2, section.hardware, into: &writer)
            PcapngOptions.write(3, section.system, into: &writer)
            PcapngOptions.write(4, section.application, into: &writer)
            PcapngOptions.writeEnd(since: start, into: &writer)
        }
    }

    /// The bytes that have been made and not been taken.
    public var byteCount: Int { writer.count }

    /// Takes what has been made.
    public mutating func take() -> [UInt8] {
        let bytes = writer.bytes
        writer = ByteWriter(order: order, capacity: bytes.count)
        return bytes
    }

    /// Adds an interface; its times are written in nanoseconds, whatever it says.
    ///
    /// - Returns: the number that its packets name.
    public mutating func add(_ interface: CaptureInterface) -> Int {
        var interface = interface
        interface.resolution = .nanoseconds
        interface.offsetSeconds = 0
        block(PcapngSection.interfaceDescription) { writer in
            writer.write(interface.linkType.rawValue)
            writer.write(UInt16(0))
            writer.write(interface.snapLength)
            let start = writer.count
            PcapngOptions.write(2, interface.name, into: &writer)
            PcapngOptions.write(3, interface.about, into: &writer)
            PcapngOptions.write(9, [interface.resolution.byte], into: &writer)
            if let filter = interface.filter {
                PcapngOptions.write(11, [0] + Array(filter.utf8)[...], into: &writer)
            }
            PcapngOptions.writeEnd(since: start, into: &writer)
        }
        interfaces.append(interface)
        return interfaces.count &- 1
    }

    /// Adds a packet; a moment before 1970, and none, are written as that of 1970.
    ///
    /// - Throws: `.noSuchInterface`; `.packetTooLarge` for more than `RawPacket.byteLimit` bytes.
    public mutating func add(_ packet: RawPacket) throws(CaptureError) {
        guard interfaces.indices.contains(packet.interface) else {
            throw .noSuchInterface(packet.interface)
        }
        guard packet.bytes.count <= RawPacket.byteLimit else {
            throw .packetTooLarge(byteCount: packet.bytes.count, limit: RawPacket.byteLimit)
        }
        let order = order
        block(PcapngSection.enhancedPacket) { writer in
            writer.write(UInt32(truncatingIfNeeded: packet.interface))
            Self.write(packet.time, into: &writer)
            writer.write(UInt32(truncatingIfNeeded: packet.bytes.count))
            writer.write(UInt32(clamping: packet.originalByteCount))
            writer.write(contentsOf: packet.bytes)
            writer.writeZeros(PcapngOptions.padding(packet.bytes.count))
            let start = writer.count
            for comment in packet.comments {
                PcapngOptions.write(PcapngOptions.comment, comment, into: &writer)
            }
            if let direction = packet.direction {
                writer.write(PcapngOptions.direction)
                writer.write(UInt16(4))
                writer.write(direction.rawValue)
            }
            if let count = packet.dropCount {
                var value = ByteWriter(order: order)
                value.write(count)
                PcapngOptions.write(4, value.finish()[...], into: &writer)
            }
            PcapngOptions.writeEnd(since: start, into: &writer)
        }
    }

    /// Adds a packet that nobody noted anything about, at less cost.
    ///
    /// - Parameters:
    ///   - bytes: what was kept of it.
    ///   - time: when it was seen.
    ///   - interface: the number of its interface.
    ///   - direction: which way it went.
    ///   - originalByteCount: how many bytes it had.
    /// - Throws: as for any other packet.
    public mutating func add(
        _ bytes: Span<UInt8>, at time: CaptureTime, interface: Int,
        direction: RawPacket.Direction, originalByteCount: Int
    ) throws(CaptureError) {
        guard interface >= 0, interface < interfaces.count else {
            throw .noSuchInterface(interface)
        }
        guard bytes.count <= RawPacket.byteLimit else {
            throw .packetTooLarge(byteCount: bytes.count, limit: RawPacket.byteLimit)
        }
        let isBig = order == .big
        let count = bytes.count
        let padding = PcapngOptions.padding(count)
        // What is in front of the bytes; behind them an option, the end of options, the length.
        let length = 28 &+ count &+ padding &+ 16
        let ticks = UInt64(clamping: time.nanoseconds)
        writer.append(addingCapacity: length) { block in
            block.add(PcapngSection.enhancedPacket, isBig: isBig)
            block.add(UInt32(truncatingIfNeeded: length), isBig: isBig)
            block.add(UInt32(truncatingIfNeeded: interface), isBig: isBig)
            block.add(UInt32(truncatingIfNeeded: ticks >> 32), isBig: isBig)
            block.add(UInt32(truncatingIfNeeded: ticks), isBig: isBig)
            block.add(UInt32(truncatingIfNeeded: count), isBig: isBig)
            block.add(UInt32(clamping: max(originalByteCount, count)), isBig: isBig)
            let start = block.count
            block.append(repeating: 0, count: count &+ padding)
            var room = block.mutableSpan
            for place in 0..<count { room[start &+ place] = bytes[place] }
            block.add(PcapngOptions.direction, isBig: isBig)
            block.add(UInt16(4), isBig: isBig)
            block.add(direction.rawValue, isBig: isBig)
            block.add(UInt32(0), isBig: isBig)
            block.add(UInt32(truncatingIfNeeded: length), isBig: isBig)
        }
    }

    /// Adds what an interface counted.
    ///
    /// - Throws: `.noSuchInterface`.
    public mutating func add(_ statistics: InterfaceStatistics) throws(CaptureError) {
        guard interfaces.indices.contains(statistics.interface) else {
            throw .noSuchInterface(statistics.interface)
        }
        let order = order
        block(PcapngSection.interfaceStatistics) { writer in
            writer.write(UInt32(truncatingIfNeeded: statistics.interface))
            Self.write(statistics.time, into: &writer)
            let start = writer.count
            for (code, count) in [(4, statistics.received), (5, statistics.dropped)] {
                guard let count else { continue }
                var value = ByteWriter(order: order)
                value.write(count)
                PcapngOptions.write(UInt16(code), value.finish()[...], into: &writer)
            }
            PcapngOptions.writeEnd(since: start, into: &writer)
        }
    }

    /// Adds names of addresses; what does not fit into 65,535 bytes of a name is left out.
    public mutating func add(_ names: [HostName]) {
        guard !names.isEmpty else { return }
        block(PcapngSection.nameResolution) { writer in
            for name in names {
                var value = ByteWriter(order: .big)
                name.address.encode(into: &value)
                value.write(contentsOf: Array(name.name.utf8).prefix(65_000)[...])
                value.write(UInt8(0))
                PcapngOptions.write(name.address.isIPv6 ? 2 : 1, value.bytes[...], into: &writer)
            }
            writer.writeZeros(4)
        }
    }

    private static func write(_ time: CaptureTime?, into writer: inout ByteWriter) {
        let ticks = UInt64(clamping: time?.nanoseconds ?? 0)
        writer.write(UInt32(truncatingIfNeeded: ticks >> 32))
        writer.write(UInt32(truncatingIfNeeded: ticks))
    }

    /// Appends a block: its type, its length, what `fill` appends, its length again.
    private mutating func block(_ type: UInt32, fill: (inout ByteWriter) -> Void) {
        let start = writer.count
        writer.write(type)
        writer.writeZeros(4)
        fill(&writer)
        let count = UInt32(truncatingIfNeeded: writer.count &- start &+ 4)
        writer.write(count)
        writer.patch(count, at: start &+ 4)
    }
}

/// Integers, little-endian or with their bytes reversed.
extension OutputSpan<UInt8> {
    fileprivate mutating func add(_ value: UInt32, isBig: Bool) {
        let value = isBig ? value.byteSwapped : value
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 24))
    }

    fileprivate mutating func add(_ value: UInt16, isBig: Bool) {
        let value = isBig ? value.byteSwapped : value
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }
}
