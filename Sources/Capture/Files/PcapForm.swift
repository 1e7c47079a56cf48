// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How a pcap file is written: the order of its bytes and the fineness of its times.
struct PcapForm: Sendable {
    static let headerByteCount = 24
    static let recordByteCount = 16

    let order: ByteOrder
    let nanosecondsPerTick: Int64
    /// Whether the one interface has been given as an item.
    var hasSaidInterface = false

    var saidInterface: PcapForm {
        var form = self
        form.hasSaidInterface = true
        return form
    }

    /// The byte order and the length of a tick, by the first four bytes.
    static func order(
        _ start: ArraySlice<UInt8>
    ) throws(CaptureError) -> (ByteOrder, nanosecondsPerTick: Int64) {
        var reader = ByteReader(start, order: .big)
        let magic = (try? reader.readUInt32("magic", of: "PcapForm")) ?? 0
        switch magic {
        case 0xA1B2_C3D4: return (.big, 1000)
        case 0xD4C3_B2A1: return (.little, 1000)
        case 0xA1B2_3C4D: return (.big, 1)
        case 0x4D3C_B2A1: return (.little, 1)
        case 0xA1B2_CD34, 0x34CD_B2A1: throw .unknownForm("a modified pcap file")
        default: throw .notACapture(magic: magic)
        }
    }

    /// Reads the beginning of a file.
    static func decode(
        _ bytes: ArraySlice<UInt8>, at offset: UInt64
    ) throws(CaptureError) -> (PcapForm, CaptureInterface) {
        let (order, tick) = try order(bytes)
        var reader = ByteReader(bytes, order: order)
        do throws(WireError) {
            try reader.skip(4, "magic", of: "PcapForm")
            let major = try reader.readUInt16("major", of: "PcapForm")
            let minor = try reader.readUInt16("minor", of: "PcapForm")
            guard major == 2, minor == 4 else {
                throw reader.error(
                    .unsupportedVersion(UInt32(major) << 16 | UInt32(minor)), "version",
                    of: "PcapForm")
            }
            // Time zone and accuracy, which everybody leaves 0.
            try reader.skip(8, "zone", of: "PcapForm")
            let snapLength = try reader.readUInt32("snaplen", of: "PcapForm")
            let link = try reader.readUInt32("network", of: "PcapForm")
            let interface = CaptureInterface(
                linkType: LinkType(rawValue: UInt16(truncatingIfNeeded: link)),
                snapLength: snapLength, resolution: tick == 1 ? .nanoseconds : .microseconds)
            return (PcapForm(order: order, nanosecondsPerTick: tick), interface)
        } catch {
            throw .damaged(error, fileOffset: offset)
        }
    }

    /// The size of the record that begins here, its header included.
    func recordByteCount(
        _ front: ArraySlice<UInt8>, at offset: UInt64
    ) throws(CaptureError) -> Int {
        var reader = ByteReader(front, order: order)
        do throws(WireError) {
            try reader.skip(8, "time", of: "PcapForm")
            let count = try reader.readUInt32("incl_len", of: "PcapForm")
            guard count <= UInt32(CaptureFileReader.blockLimit) else {
                throw reader.error(
                    .limitExceeded(
                        value: UInt64(count), limit: UInt64(CaptureFileReader.blockLimit)),
                    "incl_len", of: "PcapForm")
            }
            return Self.recordByteCount &+ Int(count)
        } catch {
            throw .damaged(error, fileOffset: offset)
        }
    }

    /// Reads a whole record.
    func packet(_ record: ArraySlice<UInt8>) throws(WireError) -> RawPacket {
        var reader = ByteReader(record, order: order)
        // The largest seconds and fractions of 32 bits fit in 64 bits as nanoseconds.
        let seconds = Int64(try reader.readUInt32("ts_sec", of: "PcapForm"))
        let ticks = Int64(try reader.readUInt32("ts_usec", of: "PcapForm"))
        let count = try reader.readUInt32("incl_len", of: "PcapForm")
        let original = try reader.readUInt32("orig_len", of: "PcapForm")
        return RawPacket(
            time: CaptureTime(
                nanoseconds: seconds &* 1_000_000_000 &+ ticks &* nanosecondsPerTick),
            interface: 0,
            bytes: try reader.readBytes(Int(count), "data", of: "PcapForm"),
            originalByteCount: Int(original))
    }
}
