// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A command to the event daemon.
///
/// - Shape: the command in 32 bits, then the request that belongs to it.
/// - Errors: `.truncated`; `.invalidValue` for a command that there is not; those of the request.
/// - Source: `struct ctdb_event_request`, ctdb/event/event_protocol.h, Samba 4.17.
public enum EventRequest: LegacyCoding, Hashable {
    /// Runs an event.
    case run(EventRunRequest)
    /// Asks how an event went.
    case status(EventStatusRequest)
    /// Makes a script run, or not.
    case script(EventScriptRequest)

    /// The number of the command.
    public var command: EventCommand {
        switch self {
        case .run: .run
        case .status: .status
        case .script: .script
        }
    }

    /// Reads a command.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        switch try EventCommand.decode(from: &reader, layout: layout) {
        case .run: .run(try EventRunRequest.decode(from: &reader, layout: layout))
        case .status: .status(try EventStatusRequest.decode(from: &reader, layout: layout))
        case .script: .script(try EventScriptRequest.decode(from: &reader, layout: layout))
        }
    }

    /// Appends the command.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        command.encode(into: &writer, layout: layout)
        switch self {
        case .run(let request): try request.encode(into: &writer, layout: layout)
        case .status(let request): try request.encode(into: &writer, layout: layout)
        case .script(let request): try request.encode(into: &writer, layout: layout)
        }
    }

    /// The command and the request.
    public func byteCount(layout: LegacyLayout) -> Int {
        switch self {
        case .run(let request): 4 &+ request.byteCount(layout: layout)
        case .status(let request): 4 &+ request.byteCount(layout: layout)
        case .script(let request): 4 &+ request.byteCount(layout: layout)
        }
    }
}
