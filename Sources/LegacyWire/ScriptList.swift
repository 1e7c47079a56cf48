// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// How scripts of an event went: the answer to GET_EVENT_SCRIPT_STATUS, until 4.5.
///
/// - Shape: a 32-bit count, padding in `.bits64`; for each script its name in 32 bytes, twice
///   `Timeval`, a signed 32-bit status, its output in 512 bytes, padding in `.bits64`: 584 bytes,
///   in `.bits32` 564. No data is an empty list.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold, and when
///   written for a name or an output that is too long; `.badString`.
/// - Source: `ctdb_script_list_push`, ctdb/protocol/protocol_types.c, Samba 4.17.
public struct ScriptList: LegacyCoding, Hashable {
    /// One script.
    public struct Script: Hashable, Sendable {
        static func byteCount(layout: LegacyLayout) -> Int {
            548 &+ 4 &* layout.longByteCount &+ layout.paddingBeforeUInt64
        }

        /// Its name, at most 31 bytes.
        public var name: String
        /// When it started.
        public var started: Timeval
        /// When it ended.
        public var finished: Timeval
        /// Its exit code; negative when it did not run or end: minus the errno.
        public var status: Int32
        /// What it printed, at most 511 bytes.
        public var output: String

        /// Makes a script.
        public init(
            name: String, started: Timeval, finished: Timeval, status: Int32, output: String
        ) {
            self.name = name
            self.started = started
            self.finished = finished
            self.status = status
            self.output = output
        }
    }

    /// The scripts in the order they ran.
    public var scripts: [Script]

    /// Makes a list.
    public init(scripts: [Script]) { self.scripts = scripts }

    /// Reads a list.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        guard reader.available > 0 else { return Self(scripts: []) }
        let start = reader.offset
        let number = try reader.readUInt32("num_scripts", of: "ScriptList")
        try reader.skip(layout.paddingBeforeUInt64, "pad", of: "ScriptList")
        let limit = UInt64(reader.available / Script.byteCount(layout: layout))
        guard UInt64(number) <= limit else {
            throw WireError(
                code: .limitExceeded(value: UInt64(number), limit: limit), type: "ScriptList",
                field: "num_scripts", offset: start)
        }
        var scripts: [Script] = []
        for _ in 0..<number {
            scripts.append(
                Script(
                    name: try reader.readArrayString(32, "name", of: "ScriptList"),
                    started: try Timeval.decode(from: &reader, layout: layout),
                    finished: try Timeval.decode(from: &reader, layout: layout),
                    status: try reader.readInt32("status", of: "ScriptList"),
                    output: try reader.readArrayString(512, "output", of: "ScriptList")))
            try reader.skip(layout.paddingBeforeUInt64, "pad", of: "ScriptList")
        }
        return Self(scripts: scripts)
    }

    /// Appends the list.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCount(scripts.count, "num_scripts", of: "ScriptList")
        writer.writeZeros(layout.paddingBeforeUInt64)
        for script in scripts {
            try writer.writeArray(script.name, 32, "name", of: "ScriptList")
            script.started.encode(into: &writer, layout: layout)
            script.finished.encode(into: &writer, layout: layout)
            writer.write(script.status)
            try writer.writeArray(script.output, 512, "output", of: "ScriptList")
            writer.writeZeros(layout.paddingBeforeUInt64)
        }
    }

    /// The count, the padding and the scripts.
    public func byteCount(layout: LegacyLayout) -> Int {
        4 &+ layout.paddingBeforeUInt64 &+ scripts.count &* Script.byteCount(layout: layout)
    }
}
