// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Asks how an event went when it last ran.
///
/// - Shape: two strings (a 32-bit count, so many bytes with the NUL).
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`.
/// - Source: `struct ctdb_event_request_status`, ctdb/event/event_protocol.h, Samba 4.17.
public struct EventStatusRequest: LegacyCoding, Hashable {
    /// The folder of the scripts; "legacy" for ctdbd's own.
    public var componentBytes: [UInt8]?
    /// The event.
    public var eventBytes: [UInt8]?

    /// Makes a value.
    public init(component: String?, event: String?) {
        self.init(
            componentBytes: component.map { Array($0.utf8) },
            eventBytes: event.map { Array($0.utf8) })
    }

    /// Makes a value of bytes, which need not be UTF-8.
    public init(componentBytes: [UInt8]?, eventBytes: [UInt8]?) {
        self.componentBytes = componentBytes
        self.eventBytes = eventBytes
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let component = try reader.readOptionalCountedText("component", of: "EventStatusRequest")
        let event = try reader.readOptionalCountedText("event", of: "EventStatusRequest")
        return Self(componentBytes: component, eventBytes: event)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(text: componentBytes, "component", of: "EventStatusRequest")
        try writer.writeCounted(text: eventBytes, "event", of: "EventStatusRequest")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        8 &+ (componentBytes.map { $0.count &+ 1 } ?? 0) &+ (eventBytes.map { $0.count &+ 1 } ?? 0)
    }
}

extension EventStatusRequest {
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
}
