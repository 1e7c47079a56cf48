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
    public var componentBytes: [UInt8]?
    /// The name of the script without ".script".
    public var scriptBytes: [UInt8]?
    /// What to do with it.
    public var action: Action

    /// Makes a request.
    public init(component: String?, script: String?, action: Action) {
        self.init(
            componentBytes: component.map { Array($0.utf8) },
            scriptBytes: script.map { Array($0.utf8) }, action: action)
    }

    /// Makes a request of bytes, which need not be UTF-8.
    public init(componentBytes: [UInt8]?, scriptBytes: [UInt8]?, action: Action) {
        self.componentBytes = componentBytes
        self.scriptBytes = scriptBytes
        self.action = action
    }

    /// Reads a request.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        let component = try reader.readOptionalCountedText(
            "component", of: "EventScriptRequest")
        let script = try reader.readOptionalCountedText("script", of: "EventScriptRequest")
        let number = try reader.readUInt32("action", of: "EventScriptRequest")
        guard let action = Action(rawValue: number) else {
            throw WireError(
                code: .invalidValue(UInt64(number)), type: "EventScriptRequest",
                field: "action", offset: reader.offset &- 4)
        }
        return Self(componentBytes: component, scriptBytes: script, action: action)
    }

    /// Appends the request.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        try writer.writeCounted(text: componentBytes, "component", of: "EventScriptRequest")
        try writer.writeCounted(text: scriptBytes, "script", of: "EventScriptRequest")
        writer.write(action.rawValue)
    }

    /// The strings with their counts, and the action.
    public func byteCount(layout: LegacyLayout) -> Int {
        12 &+ (componentBytes.map { $0.count &+ 1 } ?? 0)
            &+ (scriptBytes.map { $0.count &+ 1 } ?? 0)
    }
}

extension EventScriptRequest {
    /// The folder as text; what is not UTF-8 shows as replacement characters.
    public var component: String? {
        get { componentBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { componentBytes = newValue.map { Array($0.utf8) } }
    }

    /// The name as text; what is not UTF-8 shows as replacement characters.
    public var script: String? {
        get { scriptBytes.map { String(decoding: $0, as: UTF8.self) } }
        set { scriptBytes = newValue.map { Array($0.utf8) } }
    }
}
