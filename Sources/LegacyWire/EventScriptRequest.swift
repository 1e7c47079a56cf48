// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Makes a script run with its events, or not.
///
/// - Shape: two strings (a 32-bit count, so many bytes with the NUL), 32 bits.
/// - Errors: `.truncated`; `.limitExceeded` for a count that the bytes cannot hold; `.badString`;
///   `.invalidValue` for an action that there is not.
/// - Source: `struct ctdb_event_request_script`, ctdb/event/event_protocol.h, Samba 4.17.
public struct EventScriptRequest: LegacyCoding, Hashable {
    /// What to do with the script.
    public enum Action: UInt32, Sendable, CaseIterable {
        /// It does not run.
        case disable = 0
        /// It runs.
        case enable = 1
    }

    /// The folder of the scripts; "legacy" for ctdbd's own.
    public var component: String?
    /// The name of the script without ".script".
    public var script: String?
    /// What to do with it.
    public var action: Action

    /// Makes a request.
    public init(component: String?, script: String?, action: Action) {
        self.component = component
        self.script = script
        self.action = action
    }

    /// Reads a request.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let component = try reader.readOptionalCountedString(
            "component", of: "EventScriptRequest")
        let script = try reader.readOptionalCountedString("script", of: "EventScriptRequest")
        let number = try reader.readUInt32("action", of: "EventScriptRequest")
        guard let action = Action(rawValue: number) else {
            throw WireError(
                code: .invalidValue(UInt64(number)), type: "EventScriptRequest",
                field: "action", offset: reader.offset &- 4)
        }
        return Self(component: component, script: script, action: action)
    }

    /// Appends the request.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(component, "component", of: "EventScriptRequest")
        try writer.writeCounted(script, "script", of: "EventScriptRequest")
        writer.write(action.rawValue)
    }

    /// The strings with their counts, and the action.
    public func byteCount(layout: LegacyLayout) -> Int {
        12 &+ (component.map { $0.utf8.count &+ 1 } ?? 0)
            &+ (script.map { $0.utf8.count &+ 1 } ?? 0)
    }
}
