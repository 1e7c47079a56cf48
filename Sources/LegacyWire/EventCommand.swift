// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// What the event daemon is asked to do, or answers.
///
/// - Shape: 32 bits.
/// - Errors: `.truncated`; `.invalidValue` for a number that there is not.
/// - Source: `enum ctdb_event_command`, ctdb/event/event_protocol.h, Samba 4.17.
public enum EventCommand: UInt32, LegacyCoding, Hashable, CaseIterable {
    /// Runs an event.
    case run = 1
    /// Asks how an event went.
    case status = 2
    /// Makes a script run, or not.
    case script = 3

    /// Reads a command.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let number = try reader.readUInt32("cmd", of: "EventCommand")
        guard let command = Self(rawValue: number) else {
            throw WireError(
                code: .invalidValue(UInt64(number)), type: "EventCommand", field: "cmd",
                offset: reader.offset &- 4)
        }
        return command
    }

    /// Appends the command.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        writer.write(rawValue)
    }

    /// Always 4.
    public func byteCount(layout: LegacyLayout) -> Int { 4 }
}
