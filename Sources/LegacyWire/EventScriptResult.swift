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
    public var nameBytes: [UInt8]?
    /// When it started.
    public var begin: Timeval
    /// When it ended.
    public var end: Timeval
    /// Its exit code; negative when it did not run or end: minus the errno.
    public var result: Int32
    /// What it printed; nil for nothing.
    public var outputBytes: [UInt8]?

    /// Makes a value.
    public init(name: String?, begin: Timeval, end: Timeval, result: Int32, output: String?) {
        self.init(
            nameBytes: name.map { Array($0.utf8) }, begin: begin, end: end, result: result,
            outputBytes: output.map { Array($0.utf8) })
    }

    /// Makes a value of bytes, which need not be UTF-8.
    public init(
        nameBytes: [UInt8]?, begin: Timeval, end: Timeval, result: Int32, outputBytes: [UInt8]?
    ) {
        self.nameBytes = nameBytes
        self.begin = begin
        self.end = end
        self.result = result
        self.outputBytes = outputBytes
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let name = try reader.readOptionalCountedText("name", of: "EventScriptResult")
        let begin = try Timeval.decode(from: &reader, layout: layout)
        let end = try Timeval.decode(from: &reader, layout: layout)
        let result = try reader.readInt32("result", of: "EventScriptResult")
        let output = try reader.readOptionalCountedText("output", of: "EventScriptResult")
        return Self(
            nameBytes: name, begin: begin, end: end, result: result, outputBytes: output)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(text: nameBytes, "name", of: "EventScriptResult")
        begin.encode(into: &writer, layout: layout)
        end.encode(into: &writer, layout: layout)
        writer.write(result)
        try writer.writeCounted(text: outputBytes, "output", of: "EventScriptResult")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        12 &+ (nameBytes.map { $0.count &+ 1 } ?? 0) &+ begin.byteCount(layout: layout)
            &+ end.byteCount(layout: layout) &+ (outputBytes.map { $0.count &+ 1 } ?? 0)
    }
}

extension EventScriptResult {
    /// The name as text; what is not UTF-8 shows as replacement characters.
    public var name: String? {
        get { nameBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { nameBytes = newValue.map { Array($0.utf8) } }
    }

    /// The output as text; what is not UTF-8 shows as replacement characters.
    public var output: String? {
        get { outputBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { outputBytes = newValue.map { Array($0.utf8) } }
    }
}
