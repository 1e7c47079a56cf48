// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Vocabulary

/// A value that has a form of its own in a tree of fields.
protocol FieldShown {
    /// The form.
    var fieldValue: FieldValue { get }
}

extension FieldValue {
    /// How deep a value may be; the types of the wires are not nearly so deep.
    private static let depthLimit = 16

    /// The tree of a decoded value, made of the names in its type.
    ///
    /// A case of an enum that has values with it is a field of the case's name.
    public init(reflecting value: Any) { self.init(value, depth: 0) }

    private init(_ value: Any, depth: Int) {
        if let shown = value as? any FieldShown {
            self = shown.fieldValue
            return
        }
        if let simple = Self.simple(value) {
            self = simple
            return
        }
        let mirror = Mirror(reflecting: value)
        guard depth < Self.depthLimit else {
            self = .text("...")
            return
        }
        switch mirror.displayStyle {
        case .optional:
            self = mirror.children.first.map { Self($0.value, depth: depth) } ?? .none
        case .collection, .set:
            self = .list(mirror.children.map { Self($0.value, depth: depth + 1) })
        case .enum: self = Self.enumeration(value, mirror, depth)
        default: self = .fields(Self.fields(mirror, depth))
        }
    }

    /// What needs no looking into.
    private static func simple(_ value: Any) -> FieldValue? {
        switch value {
        case let bytes as ArraySlice<UInt8>: .bytes(bytes)
        case let bytes as [UInt8]: .bytes(bytes[...])
        case let text as String: .text(text)
        case let flag as Bool: .flag(flag)
        case let number as UInt64: .unsigned(number)
        case let number as any FixedWidthInteger: .number(Int64(clamping: number))
        case let number as Double: .real(number)
        default: nil
        }
    }

    private static func enumeration(_ value: Any, _ mirror: Mirror, _ depth: Int) -> FieldValue {
        guard let child = mirror.children.first else { return .text(snakeCase("\(value)")) }
        let name = snakeCase(child.label ?? "value")
        let inner = Mirror(reflecting: child.value)
        let content =
            inner.displayStyle == .tuple
            ? FieldValue.fields(fields(inner, depth + 1)) : Self(child.value, depth: depth + 1)
        // A number that has no name.
        if name == "unknown", let line = content.line { return .text("unknown \(line)") }
        return .fields([Field(name, content)])
    }

    private static func fields(_ mirror: Mirror, _ depth: Int) -> [Field] {
        mirror.children.map { child in
            let label = child.label ?? ""
            // A part of a tuple that has no name is called by its type.
            let isPlace = label.isEmpty || label.hasPrefix(".")
            let name = isPlace ? "\(type(of: child.value))" : label
            return Field(snakeCase(name), Self(child.value, depth: depth + 1))
        }
    }

    /// `nodeMap` as `node_map`, `getVNNMap` as `get_vnn_map`, `SrvID` as `srvid`.
    static func snakeCase(_ name: String) -> String {
        let characters = Array(name.replacing("SrvID", with: "Srvid").utf8)
        var text: [UInt8] = []
        for (index, character) in characters.enumerated() {
            let isUpper = (0x41...0x5A).contains(character)
            let isAfterUpper = index > 0 && (0x41...0x5A).contains(characters[index - 1])
            let isBeforeLower =
                index + 1 < characters.count && (0x61...0x7A).contains(characters[index + 1])
            if isUpper, index > 0, !isAfterUpper || isBeforeLower { text.append(0x5F) }
            text.append(isUpper ? character | 0x20 : character)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    /// The text with every occurrence of a word replaced.
    fileprivate func replacing(_ word: String, with other: String) -> String {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: word) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        parts.append(rest)
        return parts.joined(separator: other)
    }
}
