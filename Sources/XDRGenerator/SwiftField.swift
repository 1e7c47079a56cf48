// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A declared thing as the generated code sees it: its Swift name and the code that moves it.
struct SwiftField {
    /// The name without back quotes.
    var name: String
    var swiftType: String
    var paragraphs: [String]
    /// How the `.x` file calls it.
    var sourceName: String
    /// The bytes that the value always takes, or nil where that depends on the value.
    var byteCount: Int?
    /// Whether encoding it can fail.
    var canFail: Bool
    private var shape: Shape
    private var limit = ".max"

    /// Understands a declaration that is not `void`.
    init(
        _ declaration: Declaration, model: Model, name: String? = nil
    ) throws(GeneratorError) {
        let location = declaration.name.location
        shape = declaration.shape
        sourceName = declaration.name.text
        self.name =
            name ?? declaration.remarks.swiftName ?? Self.fieldName(declaration.name.text)
        paragraphs = declaration.remarks.paragraphs
        let size = try model.size(declaration.shape, at: location)
        canFail = !size.isFixed
        byteCount = size.isFixed ? size.minimum : nil
        switch declaration.shape {
        case .void: swiftType = "Void"
        case .plain(let type): swiftType = try Self.swiftType(type, model)
        case .optional(let type): swiftType = try Self.swiftType(type, model) + "?"
        case .fixedArray(let type, let count):
            swiftType = "[" + (try Self.swiftType(type, model)) + "]"
            limit = try model.value(count).expression
        case .variableArray(let type, let limit):
            swiftType = "[" + (try Self.swiftType(type, model)) + "]"
            if let limit { self.limit = try model.value(limit).expression }
        case .fixedOpaque(let count):
            swiftType = "[UInt8]"
            limit = try model.value(count).expression
            byteCount = size.minimum
        case .variableOpaque(let limit):
            swiftType = "[UInt8]"
            if let limit { self.limit = try model.value(limit).expression }
        case .string(let limit):
            swiftType = "String"
            if let limit { self.limit = try model.value(limit).expression }
        }
        guard SwiftName.isIdentifier(self.name), !SwiftName.reservedMembers.contains(self.name)
        else {
            throw GeneratorError(
                "expected another name than '\(self.name)'; "
                    + "a comment 'swift: name x' in front gives one", at: location)
        }
    }

    /// `self` and the like cannot name a property; such a field is called a value.
    private static func fieldName(_ name: String) -> String {
        let short = SwiftName.member(name)
        return SwiftName.reservedMembers.contains(short) ? short + "Value" : short
    }

    private static func swiftType(
        _ type: TypeSpecifier, _ model: Model
    ) throws(GeneratorError) -> String {
        switch type {
        case .primitive(let primitive): primitive.rawValue
        case .named(let name): try model.type(name).swiftName
        }
    }

    /// The name as it is declared.
    var quotedName: String { SwiftName.quoted(name) }

    /// The name as the label of an argument, where most words need no back quotes.
    var label: String { ["inout", "let", "var"].contains(name) ? quotedName : name }

    /// The name where a parameter or variable of the generated code might hide it.
    var reference: String {
        ["writer", "count"].contains(name) ? "self.\(name)" : quotedName
    }

    /// The expression that reads it.
    func decoding(in type: String) -> Call {
        func call(_ function: String, _ items: [String] = []) -> Call {
            Call("try reader.\(function)(", items + ["\"\(name)\"", "of: \"\(type)\""])
        }
        return switch shape {
        case .void: Call("(", [])
        case .plain(.named): Call("try \(swiftType).decode(", ["from: &reader"])
        case .plain(.primitive(let primitive)):
            switch primitive {
            case .int, .unsignedInt, .hyper, .unsignedHyper: call("read\(primitive.rawValue)")
            case .float, .double, .bool: call("readXDR\(primitive.rawValue)")
            }
        case .optional: call("readXDROptional")
        case .fixedArray: call("readXDRArray", ["count: \(limit)"])
        case .variableArray: call("readXDRArray", ["limit: \(limit)"])
        case .fixedOpaque: call("readXDROpaque", ["count: \(limit)"])
        case .variableOpaque: call("readXDROpaque", ["limit: \(limit)"])
        case .string: call("readXDRString", ["limit: \(limit)"])
        }
    }

    /// The statement that writes it.
    func encoding(_ value: String, in type: String) -> Call {
        func call(_ function: String, _ bound: String) -> Call {
            Call(
                "try writer.\(function)(",
                [value, "\(bound): \(limit)", "\"\(name)\"", "of: \"\(type)\""])
        }
        return switch shape {
        case .void: Call("_ = (", [])
        case .plain(.primitive(let primitive)):
            switch primitive {
            case .int, .unsignedInt, .hyper, .unsignedHyper: Call("writer.write(", [value])
            case .float, .double, .bool: Call("writer.writeXDR\(primitive.rawValue)(", [value])
            }
        case .plain(.named):
            Call((canFail ? "try " : "") + "\(value).encode(", ["into: &writer"])
        case .optional: Call("try writer.writeXDROptional(", [value])
        case .fixedArray: call("writeXDRArray", "count")
        case .variableArray: call("writeXDRArray", "limit")
        case .fixedOpaque: call("writeXDROpaque", "count")
        case .variableOpaque: call("writeXDROpaque", "limit")
        case .string: call("writeXDRString", "limit")
        }
    }

    /// An expression for its number of bytes, where that depends on the value.
    func size(_ value: String) -> String {
        switch shape {
        case .void: "0"
        case .plain(.primitive(let primitive)): "\(primitive.byteCount)"
        case .plain(.named): byteCount.map(String.init) ?? "\(value).byteCount"
        case .optional: "XDRSize.optional(\(value))"
        case .fixedArray: "XDRSize.array(\(value))"
        case .variableArray: "XDRSize.list(\(value))"
        case .fixedOpaque: byteCount.map(String.init) ?? "0"
        case .variableOpaque: "XDRSize.opaque(\(value))"
        case .string: "XDRSize.string(\(value))"
        }
    }
}
