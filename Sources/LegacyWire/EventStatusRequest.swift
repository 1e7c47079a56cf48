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
    public var component: String?
    /// The event.
    public var event: String?

    /// Makes a value.
    public init(component: String?, event: String?) {
        self.component = component
        self.event = event
    }

    /// Reads a value.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let component = try reader.readOptionalCountedString("component", of: "EventStatusRequest")
        let event = try reader.readOptionalCountedString("event", of: "EventStatusRequest")
        return Self(component: component, event: event)
    }

    /// Appends the value.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(component, "component", of: "EventStatusRequest")
        try writer.writeCounted(event, "event", of: "EventStatusRequest")
    }

    /// The size of the fields.
    public func byteCount(layout: LegacyLayout) -> Int {
        8 &+ (component.map { $0.utf8.count &+ 1 } ?? 0) &+ (event.map { $0.utf8.count &+ 1 } ?? 0)
    }
}
