// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

extension PcapngSection {
    /// An interface of the section, and its place among all.
    private func interface(
        _ number: UInt32, _ interfaces: [CaptureInterface], _ reader: borrowing ByteReader
    ) throws(WireError) -> (place: Int, CaptureInterface) {
        let place = firstInterface &+ Int(number)
        guard place < interfaces.count else {
            throw reader.error(.invalidValue(UInt64(number)), "interface", of: "RawPacket")
        }
        return (place, interfaces[place])
    }

    private func time(
        from reader: inout ByteReader, of interface: CaptureInterface
    ) throws(WireError) -> CaptureTime {
        let high = UInt64(try reader.readUInt32("time_high", of: "RawPacket"))
        let low = UInt64(try reader.readUInt32("time_low", of: "RawPacket"))
        return CaptureTime(
            ticks: high << 32 | low, of: interface.resolution,
            offsetSeconds: interface.offsetSeconds)
    }

    func enhancedPacket(
        from reader: inout ByteReader, _ interfaces: [CaptureInterface]
    ) throws(WireError) -> RawPacket {
        let number = try reader.readUInt32("interface", of: "RawPacket")
        let (place, interface) = try interface(number, interfaces, reader)
        let time = try time(from: &reader, of: interface)
        return try packet(from: &reader, place, time)
    }

    func obsoletePacket(
        from reader: inout ByteReader, _ interfaces: [CaptureInterface]
    ) throws(WireError) -> RawPacket {
        let number = UInt32(try reader.readUInt16("interface", of: "RawPacket"))
        let drops = try reader.readUInt16("drops", of: "RawPacket")
        let (place, interface) = try interface(number, interfaces, reader)
        let time = try time(from: &reader, of: interface)
        var packet = try packet(from: &reader, place, time)
        // All ones are said to mean that nobody knows.
        if drops != .max { packet.dropCount = UInt64(drops) }
        return packet
    }

    func simplePacket(
        from reader: inout ByteReader, _ interfaces: [CaptureInterface]
    ) throws(WireError) -> RawPacket {
        let original = Int(try reader.readUInt32("original_length", of: "RawPacket"))
        let (place, interface) = try interface(0, interfaces, reader)
        var count = original
        if interface.snapLength > 0 { count = min(count, Int(interface.snapLength)) }
        return RawPacket(
            time: nil, interface: place,
            bytes: try reader.readBytes(count, "data", of: "RawPacket"),
            originalByteCount: original)
    }

    /// What two kinds of blocks have in common: lengths, data and options.
    private func packet(
        from reader: inout ByteReader, _ place: Int, _ time: CaptureTime
    ) throws(WireError) -> RawPacket {
        let count = Int(try reader.readUInt32("captured_length", of: "RawPacket"))
        let original = Int(try reader.readUInt32("original_length", of: "RawPacket"))
        var packet = RawPacket(
            time: time, interface: place,
            bytes: try reader.readBytes(count, "data", of: "RawPacket"),
            originalByteCount: original)
        try reader.skip(min(PcapngOptions.padding(count), reader.available), "pad", of: "RawPacket")
        guard reader.available > 0 else { return packet }
        let order = order
        try PcapngOptions.read(from: &reader) { code, value throws(WireError) in
            switch code {
            case PcapngOptions.comment: packet.comments.append(PcapngOptions.text(value))
            case PcapngOptions.direction:
                var inner = ByteReader(value, order: order)
                let flags = try inner.readUInt32("flags", of: "RawPacket")
                packet.direction = RawPacket.Direction(rawValue: flags & 3)
            case 4:
                var inner = ByteReader(value, order: order)
                packet.dropCount = try inner.readUInt64("dropcount", of: "RawPacket")
            default: break
            }
        }
        return packet
    }

    func statistics(
        from reader: inout ByteReader, _ interfaces: [CaptureInterface]
    ) throws(WireError) -> InterfaceStatistics {
        let number = try reader.readUInt32("interface", of: "InterfaceStatistics")
        let (place, interface) = try interface(number, interfaces, reader)
        var statistics = InterfaceStatistics(
            interface: place, time: try time(from: &reader, of: interface), received: nil,
            dropped: nil)
        let order = order
        try PcapngOptions.read(from: &reader) { code, value throws(WireError) in
            guard code == 4 || code == 5 else { return }
            var inner = ByteReader(value, order: order)
            let count = try inner.readUInt64("count", of: "InterfaceStatistics")
            if code == 4 { statistics.received = count } else { statistics.dropped = count }
        }
        return statistics
    }

    func names(from reader: inout ByteReader) throws(WireError) -> [HostName] {
        var names: [HostName] = []
        while reader.available >= 4, names.count < Self.nameLimit {
            let type = try reader.readUInt16("type", of: "HostName")
            let count = Int(try reader.readUInt16("length", of: "HostName"))
            if type == 0 { break }
            let value = try reader.readBytes(count, "value", of: "HostName")
            try reader.skip(
                min(PcapngOptions.padding(count), reader.available), "pad", of: "HostName")
            guard type == 1 || type == 2 else { continue }
            var inner = ByteReader(value, order: .big)
            let address: NetworkAddress
            if type == 1 {
                address = .ipv4(try inner.readUInt32("address", of: "HostName"))
            } else {
                let high = try inner.readUInt64("address", of: "HostName")
                address = .ipv6(high: high, low: try inner.readUInt64("address", of: "HostName"))
            }
            let rest = try inner.readBytes(inner.available, "name", of: "HostName")
            // Several names may follow each other, each with its NUL; the first is the one.
            names.append(
                HostName(
                    address: address, name: String(decoding: rest.prefix { $0 != 0 }, as: UTF8.self)
                ))
        }
        return names
    }
}
