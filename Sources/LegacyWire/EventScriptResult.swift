// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// What one script did when an event ran.
///
/// - Shape: name (a 32-bit count, so many bytes with the NUL), twice `Timeval`, a signed 32-bit
///   number, output like the name. No padding.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`.
/// - Source: `ctdb_event_script_push`, ctdb/event/event_protocol.c, Samba 4.17.
public struct EventScriptResult: LegacyCoding, Hashable {
    /// The name of the script without ".script".
    public var name: String?
    /// When it started.
    public var begin: Timeval
    /// When it ended.
    public var end: Timeval
    /// Its exit code; negative when it did not run or end: minus the errno.
    public var result: Int32
    /// What it printed; nil for nothing.
    public var output: String?

    /// Makes a value.
    public init(name: String?, begin: Timeval, end: Timeval, result: Int32, output: String?) {
        self.name = name
        self.begin = begin
        self.end = end
        self.result = result
        self.output = output
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let name = try reader.readOptionalCountedString("name", of: "EventScriptResult")
        let begin = try Timeval.decode(from: &reader, layout: layout)
        let end = try Timeval.decode(from: &reader, layout: layout)
        let result = try reader.readInt32("result", of: "EventScriptResult")
        let output = try reader.readOptionalCountedString("output", of: "EventScriptResult")
        return Self(name: name, begin: begin, end: end, result: result, output: output)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(name, "name", of: "EventScriptResult")
        begin.encode(into: &writer, layout: layout)
        end.encode(into: &writer, layout: layout)
        writer.write(result)
        try writer.writeCounted(output, "output", of: "EventScriptResult")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        12 &+ (name.map { $0.utf8.count &+ 1 } ?? 0) &+ begin.byteCount(layout: layout)
            &+ end.byteCount(layout: layout) &+ (output.map { $0.utf8.count &+ 1 } ?? 0)
    }
}
