// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How an event went when it last ran: the answer to a status command of the event daemon.
///
/// - Shape: a signed 32-bit summary, a signed 32-bit count, so many times `EventScriptResult`.
/// - Errors: `.truncated`; `.limitExceeded` for a count that is negative or that the bytes cannot
///   hold; `.badString`.
/// - Source: `struct ctdb_event_reply_status`, ctdb/event/event_protocol.h, Samba 4.17.
public struct EventStatus: LegacyCoding, Hashable {
    /// The first result that was not 0, or 0.
    public var summary: Int32
    /// The scripts in the order they ran.
    public var scripts: [EventScriptResult]

    /// Makes an answer.
    public init(summary: Int32, scripts: [EventScriptResult]) {
        self.summary = summary
        self.scripts = scripts
    }

    /// Reads an answer.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let summary = try reader.readInt32("summary", of: "EventStatus")
        // A negative count is a large one without its sign.
        let count = try reader.readCount(
            ofElementsOf: EventScriptResult.leastByteCount(layout: layout), "num_scripts",
            of: "EventStatus")
        var scripts: [EventScriptResult] = []
        for _ in 0..<count {
            scripts.append(try EventScriptResult.decode(from: &reader, layout: layout))
        }
        return Self(summary: summary, scripts: scripts)
    }

    /// Appends the answer.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        writer.write(summary)
        guard let count = Int32(exactly: scripts.count) else {
            throw WireError(
                code: .limitExceeded(
                    value: UInt64(clamping: scripts.count), limit: UInt64(Int32.max)),
                type: "EventStatus", field: "num_scripts", offset: writer.count)
        }
        writer.write(count)
        for script in scripts { try script.encode(into: &writer, layout: layout) }
    }

    /// The summary, the count and the scripts.
    public func byteCount(layout: LegacyLayout) -> Int {
        scripts.reduce(8) { $0 &+ $1.byteCount(layout: layout) }
    }
}

extension EventScriptResult {
    /// The size of a result without name and output.
    static func leastByteCount(layout: LegacyLayout) -> Int { 12 &+ 4 &* layout.longByteCount }
}
