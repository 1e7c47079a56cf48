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
    public var componentBytes: [UInt8]?
    /// The event, for example "monitor".
    public var eventBytes: [UInt8]?
    /// What the scripts get, with spaces between; nil for nothing.
    public var argumentsBytes: [UInt8]?
    /// For all of the scripts together, from when the daemon hears of it; 0 is over at once.
    public var timeoutSeconds: UInt32
    /// 1 runs every script though one fails.
    public var flags: UInt32

    /// In `flags`: every script runs, though one fails.
    public static let runAll: UInt32 = 1

    /// Makes a value.
    public init(
        component: String?, event: String?, arguments: String?, timeoutSeconds: UInt32,
        flags: UInt32
    ) {
        self.init(
            componentBytes: component.map { Array($0.utf8) },
            eventBytes: event.map { Array($0.utf8) },
            argumentsBytes: arguments.map { Array($0.utf8) }, timeoutSeconds: timeoutSeconds,
            flags: flags)
    }

    /// Makes a value of bytes, which need not be UTF-8.
    public init(
        componentBytes: [UInt8]?, eventBytes: [UInt8]?, argumentsBytes: [UInt8]?,
        timeoutSeconds: UInt32, flags: UInt32
    ) {
        self.componentBytes = componentBytes
        self.eventBytes = eventBytes
        self.argumentsBytes = argumentsBytes
        self.timeoutSeconds = timeoutSeconds
        self.flags = flags
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let component = try reader.readOptionalCountedText("component", of: "EventRunRequest")
        let event = try reader.readOptionalCountedText("event", of: "EventRunRequest")
        let arguments = try reader.readOptionalCountedText("args", of: "EventRunRequest")
        let timeoutSeconds = try reader.readUInt32("timeout", of: "EventRunRequest")
        let flags = try reader.readUInt32("flags", of: "EventRunRequest")
        return Self(
            componentBytes: component, eventBytes: event, argumentsBytes: arguments,
            timeoutSeconds: timeoutSeconds, flags: flags)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(text: componentBytes, "component", of: "EventRunRequest")
        try writer.writeCounted(text: eventBytes, "event", of: "EventRunRequest")
        try writer.writeCounted(text: argumentsBytes, "args", of: "EventRunRequest")
        writer.write(timeoutSeconds)
        writer.write(flags)
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        20 &+ (componentBytes.map { $0.count &+ 1 } ?? 0) &+ (eventBytes.map { $0.count &+ 1 } ?? 0)
            &+ (argumentsBytes.map { $0.count &+ 1 } ?? 0)
    }
}

extension EventRunRequest {
    /// The folder as text; what is not UTF-8 shows as replacement characters.
    public var component: String? {
        get { componentBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { componentBytes = newValue.map { Array($0.utf8) } }
    }

    /// The event as text; what is not UTF-8 shows as replacement characters.
    public var event: String? {
        get { eventBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { eventBytes = newValue.map { Array($0.utf8) } }
    }

    /// What the scripts get as text; what is not UTF-8 shows as replacement characters.
    public var arguments: String? {
        get { argumentsBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { argumentsBytes = newValue.map { Array($0.utf8) } }
    }
}
