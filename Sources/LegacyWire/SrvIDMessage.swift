// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Where an answer goes: the data of a message to `SrvID.takeoverRun` or `SrvID.memoryDump`.
///
/// - Shape: pnn, padding in `.bits64`, srvid (64 bits): 16 bytes, in `.bits32` 12.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_srvid_message`, ctdb/protocol/protocol.h, Samba 4.17.
public struct SrvIDMessage: LegacyCoding, Hashable {
    /// The node that the answer goes to.
    public var pnn: PNN
    /// Who gets the answer there.
    public var replyTo: SrvID

    /// Makes a message.
    public init(pnn: PNN, replyTo: SrvID) {
        self.pnn = pnn
        self.replyTo = replyTo
    }

    /// Reads a message.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "SrvIDMessage"))
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "SrvIDMessage")
        return Self(
            pnn: pnn,
            replyTo: SrvID(rawValue: try reader.readUInt64("srvid", of: "SrvIDMessage")))
    }

    /// Appends the message.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pnn.rawValue)
        writer.writeZeros(layout.paddingBeforeUInt64)
        writer.write(replyTo.rawValue)
    }

    /// 16, in `.bits32` 12.
    public func byteCount(layout: LegacyLayout) -> Int { 12 &+ layout.paddingBeforeUInt64 }
}
