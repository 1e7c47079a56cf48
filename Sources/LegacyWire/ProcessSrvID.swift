// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A process and a srvid that it may have registered: the question of CHECK_PID_SRVID.
///
/// - Shape: pid (32 bits), srvid (64 bits): 12 bytes, no padding in any layout.
/// - Errors: `.truncated`.
/// - Source: `ctdb_pid_srvid_push`, ctdb/protocol/protocol_types.c, Samba 4.17; not the C struct,
///   which has padding.
public struct ProcessSrvID: LegacyCoding, Hashable {
    /// The process.
    public var pid: Int32
    /// The srvid.
    public var srvid: SrvID

    /// Makes a value.
    public init(pid: Int32, srvid: SrvID) {
        self.pid = pid
        self.srvid = srvid
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let pid = try reader.readInt32("pid", of: "ProcessSrvID")
        let srvid = SrvID(rawValue: try reader.readUInt64("srvid", of: "ProcessSrvID"))
        return Self(pid: pid, srvid: srvid)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(pid)
        writer.write(srvid.rawValue)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int { 12 }
}
