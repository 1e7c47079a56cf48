// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Holds a recovery daemon off from takeover runs or recoveries for a time: the data of a message
/// to `SrvID.disableTakeoverRuns` or `SrvID.disableRecoveries`.
///
/// The daemon answers at `replyTo` with its pnn as a 32-bit integer; a time of 0 ends the hold-off.
///
/// - Shape: pnn, padding in `.bits64`, srvid (64 bits), seconds, padding in `.bits64`: 24 bytes,
///   in `.bits32` 16.
/// - Units: seconds.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_disable_message`, ctdb/protocol/protocol.h, Samba 4.17.
public struct DisableMessage: LegacyCoding, Hashable {
    /// The node that the answers go to.
    public var pnn: PNN
    /// Who gets the answers there.
    public var replyTo: SrvID
    /// How long, in seconds.
    public var timeoutSeconds: UInt32

    /// Makes a message.
    public init(pnn: PNN, replyTo: SrvID, timeoutSeconds: UInt32) {
        self.pnn = pnn
        self.replyTo = replyTo
        self.timeoutSeconds = timeoutSeconds
    }

    /// Reads a message.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let pnn = PNN(rawValue: try reader.readUInt32("pnn", of: "DisableMessage"))
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DisableMessage")
        let replyTo = SrvID(rawValue: try reader.readUInt64("srvid", of: "DisableMessage"))
        let timeout = try reader.readUInt32("timeout", of: "DisableMessage")
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "DisableMessage")
        return Self(pnn: pnn, replyTo: replyTo, timeoutSeconds: timeout)
    }

    /// Appends the message.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pnn.rawValue)
        writer.writeZeros(layout.paddingBeforeUInt64)
        writer.write(replyTo.rawValue)
        writer.write(timeoutSeconds)
        writer.writeZeros(layout.paddingBeforeUInt64)
    }

    /// 24, in `.bits32` 16.
    public func byteCount(layout: LegacyLayout) -> Int { 16 &+ 2 &* layout.paddingBeforeUInt64 }
}
