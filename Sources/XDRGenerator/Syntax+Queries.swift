// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Primitive {
    /// Whether it is one of the four whole-number types.
    var isInteger: Bool {
        switch self {
        case .int, .unsignedInt, .hyper, .unsignedHyper: true
        case .float, .double, .bool: false
        }
    }
}

extension Shape {
    /// The type that the shape is built from, when that has a name.
    var typeName: Name? {
        switch self {
        case .plain(.named(let name)), .fixedArray(.named(let name), _),
            .variableArray(.named(let name), _), .optional(.named(let name)):
            name
        default: nil
        }
    }
}

extension Definition {
    /// Whether it is a typedef of a bare integer, which becomes a type of its own.
    var isIntegerWrapper: Bool {
        guard case .typedef(.plain(.primitive(let primitive))) = body, primitive.isInteger
        else { return false }
        return !remarks.directives.contains { $0.first == "external" }
    }

    /// Whether an integer typedef can have a value.
    func holds(_ value: Int128) -> Bool {
        guard case .typedef(.plain(.primitive(let primitive))) = body else { return false }
        return switch primitive {
        case .int: Int32(exactly: value) != nil
        case .unsignedInt: UInt32(exactly: value) != nil
        case .hyper: Int64(exactly: value) != nil
        case .unsignedHyper: UInt64(exactly: value) != nil
        case .float, .double, .bool: false
        }
    }

    /// Every type that the definition names.
    var typeNames: [Name] {
        switch body {
        case .constant, .enumeration: []
        case .typedef(let shape): [shape.typeName].compactMap(\.self)
        case .structure(let fields): fields.compactMap(\.shape.typeName)
        case .union(let body):
            ([body.discriminant, body.fallback].compactMap(\.self)
                + body.arms.map(\.declaration)).compactMap(\.shape.typeName)
        }
    }
}
