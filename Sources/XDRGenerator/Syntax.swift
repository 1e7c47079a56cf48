// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A name where it stands in a file.
struct Name: Equatable, Sendable {
    var text: String
    var location: SourceLocation
}

/// What the comments beside a declaration say.
struct Remarks: Equatable, Sendable {
    /// Paragraphs of documentation.
    var paragraphs: [String] = []
    /// What follows `swift:` in a comment, in words.
    var directives: [[String]] = []

    /// The name that `swift: name x` asks for.
    var swiftName: String? {
        directives.first { $0.count == 2 && $0[0] == "name" }?[1]
    }
}

/// A number, written out or by the name of a constant.
enum Value: Equatable, Sendable {
    case number(Int128, isHexadecimal: Bool)
    case name(Name)
}

/// The types that need no definition.
enum Primitive: String, Sendable {
    case int = "Int32"
    case unsignedInt = "UInt32"
    case hyper = "Int64"
    case unsignedHyper = "UInt64"
    case float = "Float"
    case double = "Double"
    case bool = "Bool"

    var byteCount: Int {
        switch self {
        case .int, .unsignedInt, .float, .bool: 4
        case .hyper, .unsignedHyper, .double: 8
        }
    }
}

/// The type in front of a declared name.
enum TypeSpecifier: Equatable, Sendable {
    case primitive(Primitive)
    case named(Name)
}

/// How a declared thing is built from its type.
enum Shape: Equatable, Sendable {
    case void
    case plain(TypeSpecifier)
    case fixedArray(TypeSpecifier, Value)
    case variableArray(TypeSpecifier, Value?)
    case optional(TypeSpecifier)
    case fixedOpaque(Value)
    case variableOpaque(Value?)
    case string(Value?)
}

/// A field, an arm of a union, or what a typedef names.
struct Declaration: Equatable, Sendable {
    var name: Name
    var shape: Shape
    var remarks = Remarks()
}

/// A name and number of an enumeration.
struct Enumerator: Equatable, Sendable {
    var name: Name
    var value: Value
    var remarks: Remarks
}

/// The labels of a union that share a declaration.
struct Arm: Equatable, Sendable {
    var labels: [(value: Value, location: SourceLocation)]
    var declaration: Declaration

    static func == (lhs: Arm, rhs: Arm) -> Bool {
        lhs.declaration == rhs.declaration
            && lhs.labels.elementsEqual(rhs.labels) { $0.value == $1.value }
    }
}

/// A union's discriminant, its arms, and what holds for all other discriminants.
struct UnionBody: Equatable, Sendable {
    var discriminant: Declaration
    var arms: [Arm]
    var fallback: Declaration?
}

/// What an `.x` file gives a name to.
struct Definition: Equatable, Sendable {
    enum Body: Equatable, Sendable {
        case constant(Value)
        case typedef(Shape)
        case enumeration([Enumerator])
        case structure([Declaration])
        case union(UnionBody)
    }

    var name: Name
    var remarks: Remarks
    var body: Body
}

/// One `.x` file, read but not yet understood.
struct SourceFile: Equatable, Sendable {
    var file: String
    /// What the file says about itself, in front of its first definition.
    var introduction: [String] = []
    var definitions: [Definition] = []
}
