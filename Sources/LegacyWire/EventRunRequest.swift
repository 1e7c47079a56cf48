// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Runs the scripts of an event.
///
/// - Shape: three strings (a 32-bit count, so many bytes with the NUL), seconds, flags.
/// - Units: seconds.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`.
/// - Source: `struct ctdb_event_request_run`, ctdb/event/event_protocol.h, Samba 4.17.
public struct EventRunRequest: LegacyCoding, Hashable {
    /// The folder of the scripts; "legacy" for ctdbd's own.
    public var component: String?
    /// The event, for example "monitor".
    public var event: String?
    /// What the scripts get, with spaces between; nil for nothing.
    public var arguments: String?
    /// For all of the scripts together; 0 for none.
    public var timeoutSeconds: UInt32
    /// 1 runs every script though one fails.
    public var flags: UInt32

    /// In `flags`: every script runs, though one fails.
    public static let runAll: UInt32 = 1

    /// Makes a value.
    public init(
        component: String?, event: String?, arguments: String?, timeoutSeconds: UInt32,
        flags:
            UInt32
    ) {
        self.component = component
        self.event = event
        self.arguments = arguments
        self.timeoutSeconds = timeoutSeconds
        self.flags = flags
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let component = try reader.readOptionalCountedString("component", of: "EventRunRequest")
        let event = try reader.readOptionalCountedString("event", of: "EventRunRequest")
        let arguments = try reader.readOptionalCountedString("args", of: "EventRunRequest")
        let timeoutSeconds = try reader.readUInt32("timeout", of: "EventRunRequest")
        let flags = try reader.readUInt32("flags", of: "EventRunRequest")
        return Self(
            component: component, event: event, arguments: arguments,
            timeoutSeconds:
                timeoutSeconds, flags: flags)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(component, "component", of: "EventRunRequest")
        try writer.writeCounted(event, "event", of: "EventRunRequest")
        try writer.writeCounted(arguments, "args", of: "EventRunRequest")
        writer.write(timeoutSeconds)
        writer.write(flags)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        20 &+ (component.map { $0.utf8.count &+ 1 } ?? 0) &+ (event.map { $0.utf8.count &+ 1 } ?? 0)
            &+ (arguments.map { $0.utf8.count &+ 1 } ?? 0)
    }
}
