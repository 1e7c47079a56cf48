// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Asks a ctdbd to do something.
///
/// - Shape: 28 bytes, the second field padding, then the data.
/// - Errors: `.truncated`; `.limitExceeded` for data longer than the packet.
/// - Source: `struct ctdb_req_control_old`, ctdb/include/ctdb_protocol.h, Samba 4.17.
public struct RequestControl: LegacyCoding, Hashable {
    /// How a control is to be done.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits as they stand on the wire.
        public let rawValue: UInt32
        /// Makes flags from bits; unknown bits are kept.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// No reply is wanted, and none comes.
        public static let noReply = Flags(rawValue: 0x0000_0001)
        /// List only the public addresses that the node can host now.
        public static let onlyAvailable = Flags(rawValue: 0x0001_0000)
        /// Attach a database although a recovery is going on.
        public static let attachRecovery = Flags(rawValue: 0x0002_0000)
    }

    /// The size in bytes without the variable part.
    static func fixedByteCount(layout: LegacyLayout) -> Int { 28 }

    /// What to do.
    public var opcode: ControlOpcode
    /// The srvid or tunnel that some controls are about; 0 in the others.
    public var srvid: SrvID
    /// The client that asked; ctdbd fills it in, a client sends 0.
    public var clientID: UInt32
    /// How it is to be done.
    public var flags: Flags
    /// What the control needs to know.
    public var data: ArraySlice<UInt8>

    /// Makes a request.
    public init(
        opcode: ControlOpcode, srvid: SrvID = SrvID(rawValue: 0), clientID: UInt32 = 0,
        flags: Flags = [], data: ArraySlice<UInt8> = []
    ) {
        self.opcode = opcode
        self.srvid = srvid
        self.clientID = clientID
        self.flags = flags
        self.data = data
    }

    /// Reads the part of a packet behind its header.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let opcode = ControlOpcode(
            rawValue: try reader.readUInt32("opcode", of: "RequestControl"))
        try reader.skip(4, "pad", of: "RequestControl")
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "RequestControl"))
        let clientID = try reader.readUInt32("client_id", of: "RequestControl")
        let flags = Flags(rawValue: try reader.readUInt32("flags", of: "RequestControl"))
        let count = try reader.readCount("datalen", of: "RequestControl")
        return Self(
            opcode: opcode, srvid: srvid, clientID: clientID, flags: flags,
            data: try reader.readCounted(count, "data", of: "RequestControl"))
    }

    /// Appends the part of a packet behind its header.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(opcode.rawValue)
        writer.writeZeros(4)
        writer.write(srvid.rawValue)
        writer.write(clientID)
        writer.write(flags.rawValue)
        try writer.writeCount(data.count, "datalen", of: "RequestControl")
        writer.write(contentsOf: data)
    }

    /// The fixed part and the data.
    public func byteCount(layout: LegacyLayout) -> Int {
        Self.fixedByteCount(layout: layout) &+ data.count
    }
}
