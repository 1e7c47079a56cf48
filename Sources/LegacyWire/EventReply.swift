// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// What the event daemon answers.
///
/// - Shape: the command in 32 bits, the result in 32 bits with a sign; after a status command
///   whose result is 0 `EventStatus`.
/// - Units: the result is 0 or an errno, for run also the exit code of a script; a negative one
///   means that a script did not run or end.
/// - Errors: `.truncated`; `.invalidValue` for a command that there is not; those of the status.
/// - Source: `struct ctdb_event_reply`, ctdb/event/event_protocol.h, Samba 4.17.
public enum EventReply: LegacyCoding, Hashable {
    /// How the event went.
    case run(result: Int32)
    /// How the event went when it last ran.
    case status(EventStatus)
    /// The status cannot be told: an errno, which is not 0.
    case statusFailed(result: Int32)
    /// Whether the script was found and changed.
    case script(result: Int32)

    /// Reads an answer.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let command = try EventCommand.decode(from: &reader, layout: layout)
        let result = try reader.readInt32("result", of: "EventReply")
        switch command {
        case .run: return .run(result: result)
        case .script: return .script(result: result)
        case .status where result != 0: return .statusFailed(result: result)
        case .status: return .status(try EventStatus.decode(from: &reader, layout: layout))
        }
    }

    /// Appends the answer.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        switch self {
        case .run(let result): write(.run, result, into: &writer)
        case .script(let result): write(.script, result, into: &writer)
        case .status(let status):
            write(.status, 0, into: &writer)
            try status.encode(into: &writer, layout: layout)
        case .statusFailed(let result):
            guard result != 0 else {
                throw WireError(
                    code: .invalidValue(0), type: "EventReply", field: "result",
                    offset: writer.count)
            }
            write(.status, result, into: &writer)
        }
    }

    /// The command, the result and the status.
    public func byteCount(layout: LegacyLayout) -> Int {
        guard case .status(let status) = self else { return 8 }
        return 8 &+ status.byteCount(layout: layout)
    }

    private func write(
        _ command: EventCommand, _ result: Int32, into writer: inout ByteWriter
    ) {
        writer.write(command.rawValue)
        writer.write(result)
    }
}
