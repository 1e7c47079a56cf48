// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How a section of a pcapng file is written, and where its interfaces are among all.
struct PcapngSection: Sendable {
    static let sectionHeader: UInt32 = 0x0A0D_0D0A
    static let interfaceDescription: UInt32 = 1
    static let obsoletePacket: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let nameResolution: UInt32 = 4
    static let interfaceStatistics: UInt32 = 5
    static let enhancedPacket: UInt32 = 6
    static let byteOrderMagic: UInt32 = 0x1A2B_3C4D

    /// Type, length, and what is the byte order in the first block.
    static let frontByteCount = 12
    /// The most names that are taken from a block.
    static let nameLimit = 4096

    var order = ByteOrder.little
    var firstInterface = 0

    /// Whether a file begins as one of this format.
    static func isBeginning(_ start: ArraySlice<UInt8>) -> Bool {
        start.elementsEqual([0x0A, 0x0D, 0x0D, 0x0A])
    }

    /// The type, the size and the byte order of the block that begins here.
    func blockFront(
        _ front: ArraySlice<UInt8>, at offset: UInt64
    ) throws(CaptureError) -> (type: UInt32, byteCount: Int, ByteOrder) {
        do throws(WireError) {
            var reader = ByteReader(front, order: order)
            let type = try reader.readUInt32("type", of: "PcapngSection")
            var order = order
            if type == Self.sectionHeader {
                order = try Self.order(front.dropFirst(8))
                reader = ByteReader(front.dropFirst(4), order: order)
            }
            let count = try reader.readUInt32("length", of: "PcapngSection")
            guard count >= UInt32(Self.frontByteCount), count % 4 == 0 else {
                throw reader.error(.invalidValue(UInt64(count)), "length", of: "PcapngSection")
            }
            guard count <= UInt32(CaptureFileReader.blockLimit) else {
                throw reader.error(
                    .limitExceeded(
                        value: UInt64(count), limit: UInt64(CaptureFileReader.blockLimit)),
                    "length", of: "PcapngSection")
            }
            return (type, Int(count), order)
        } catch {
            throw .damaged(error, fileOffset: offset)
        }
    }

    private static func order(_ magic: ArraySlice<UInt8>) throws(WireError) -> ByteOrder {
        var reader = ByteReader(magic, order: .big)
        let value = try reader.readUInt32("byte_order", of: "PcapngSection")
        if value == byteOrderMagic { return .big }
        guard value.byteSwapped == byteOrderMagic else {
            throw reader.error(.badMagic(value), "byte_order", of: "PcapngSection")
        }
        return .little
    }

    /// Reads the block that begins a section.
    static func decodeHeader(
        _ block: ArraySlice<UInt8>, order: ByteOrder
    ) throws(WireError) -> CaptureSection {
        var reader = ByteReader(try body(block, order: order), order: order)
        try reader.skip(4, "byte_order", of: "CaptureSection")
        let major = try reader.readUInt16("major", of: "CaptureSection")
        let minor = try reader.readUInt16("minor", of: "CaptureSection")
        // Some wrote minor version 2, which is the same.
        guard major == 1, minor == 0 || minor == 2 else {
            throw reader.error(
                .unsupportedVersion(UInt32(major) << 16 | UInt32(minor)), "version",
                of: "CaptureSection")
        }
        try reader.skip(8, "section_length", of: "CaptureSection")
        var section = CaptureSection()
        try PcapngOptions.read(from: &reader) { code, value throws(WireError) in
            switch code {
            case PcapngOptions.comment: section.comments.append(PcapngOptions.text(value))
            case 2: section.hardware = PcapngOptions.text(value)
            case 3: section.system = PcapngOptions.text(value)
            case 4: section.application = PcapngOptions.text(value)
            default: break
            }
        }
        return section
    }

    /// Reads the block that describes an interface.
    func interface(_ block: ArraySlice<UInt8>) throws(WireError) -> CaptureInterface {
        var reader = ByteReader(try Self.body(block, order: order), order: order)
        let link = try reader.readUInt16("linktype", of: "CaptureInterface")
        try reader.skip(2, "reserved", of: "CaptureInterface")
        var interface = CaptureInterface(
            linkType: LinkType(rawValue: link),
            snapLength: try reader.readUInt32("snaplen", of: "CaptureInterface"),
            resolution: .microseconds)
        let order = order
        try PcapngOptions.read(from: &reader) { code, value throws(WireError) in
            switch code {
            case 2: interface.name = PcapngOptions.text(value)
            case 3: interface.about = PcapngOptions.text(value)
            case 9:
                guard let byte = value.first else { break }
                interface.resolution = TimeResolution(byte: byte)
            // The first byte says what kind of filter it is; 0 is text.
            case 11 where value.first == 0:
                interface.filter = PcapngOptions.text(value.dropFirst())
            case 14:
                var inner = ByteReader(value, order: order)
                interface.offsetSeconds = try inner.readInt64(
                    "tsoffset", of: "CaptureInterface")
            default: break
            }
        }
        return interface
    }

    /// Reads any other block.
    func item(
        _ type: UInt32, _ block: ArraySlice<UInt8>, _ interfaces: [CaptureInterface]
    ) throws(WireError) -> CaptureItem {
        var reader = ByteReader(try Self.body(block, order: order), order: order)
        switch type {
        case Self.enhancedPacket:
            return .packet(try enhancedPacket(from: &reader, interfaces))
        case Self.simplePacket:
            return .packet(try simplePacket(from: &reader, interfaces))
        case Self.obsoletePacket:
            return .packet(try obsoletePacket(from: &reader, interfaces))
        case Self.interfaceStatistics:
            return .statistics(try statistics(from: &reader, interfaces))
        case Self.nameResolution:
            return .names(try names(from: &reader))
        default:
            return .passedOver(type: type, byteCount: block.count)
        }
    }

    /// What is between the lengths, which must agree.
    private static func body(
        _ block: ArraySlice<UInt8>, order: ByteOrder
    ) throws(WireError) -> ArraySlice<UInt8> {
        var reader = ByteReader(block, order: order)
        try reader.skip(4, "type", of: "PcapngSection")
        let first = try reader.readUInt32("length", of: "PcapngSection")
        let body = try reader.readBytes(block.count &- 12, "body", of: "PcapngSection")
        let last = try reader.readUInt32("last_length", of: "PcapngSection")
        guard first == last else {
            throw reader.error(.invalidValue(UInt64(last)), "last_length", of: "PcapngSection")
        }
        return body
    }
}
