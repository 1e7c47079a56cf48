// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A segment of a TCP connection.
struct TCPSegment: Equatable {
    /// The two ends of one direction of a connection.
    struct Direction: Hashable {
        var source: Endpoint
        var destination: Endpoint

        /// The other direction.
        var reversed: Direction { Direction(source: destination, destination: source) }
    }

    static let finish: UInt8 = 0x01
    static let synchronize: UInt8 = 0x02
    static let reset: UInt8 = 0x04
    static let acknowledge: UInt8 = 0x10

    var direction: Direction
    var sequence: UInt32
    /// What the other direction has come to; only with the flag.
    var acknowledgement: UInt32
    var flags: UInt8
    var payload: ArraySlice<UInt8>
    /// How many bytes behind the payload were not captured.
    var missingByteCount: Int

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// Reads a segment; its checksum is not looked at, since network cards fill it in later.
    static func decode(_ packet: InternetPacket) throws(WireError) -> TCPSegment {
        var reader = ByteReader(packet.payload, order: .big)
        let sourcePort = try reader.readUInt16("source", of: "TCPSegment")
        let destinationPort = try reader.readUInt16("destination", of: "TCPSegment")
        let sequence = try reader.readUInt32("sequence", of: "TCPSegment")
        let acknowledgement = try reader.readUInt32("acknowledgement", of: "TCPSegment")
        let bits = try reader.readUInt16("flags", of: "TCPSegment")
        try reader.skip(6, "window", of: "TCPSegment")
        let headerCount = Int(bits >> 12) &* 4
        guard headerCount >= 20 else {
            throw reader.error(.invalidValue(UInt64(bits)), "offset", of: "TCPSegment")
        }
        try reader.skip(headerCount &- 20, "options", of: "TCPSegment")
        return TCPSegment(
            direction: Direction(
                source: Endpoint(address: packet.source, port: sourcePort),
                destination: Endpoint(address: packet.destination, port: destinationPort)),
            sequence: sequence, acknowledgement: acknowledgement,
            flags: UInt8(truncatingIfNeeded: bits),
            payload: try reader.readBytes(reader.available, "payload", of: "TCPSegment"),
            missingByteCount: packet.missingByteCount)
    }
}
