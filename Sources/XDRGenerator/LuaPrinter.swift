// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Prints definitions as Lua for Wireshark: constants in `C`, names of enumerations in `E`, fields
/// in `F`, and for each type a function in `T` that reads it and adds it to a tree.
///
/// What the functions read from, and what calls them, is written by hand.
struct LuaPrinter {
    private let model: Model
    private var lines: [String] = []

    init(model: Model) { self.model = model }

    /// Prints all definitions of all files.
    mutating func print(_ sources: [SourceFile]) throws(GeneratorError) -> String {
        let definitions = sources.flatMap(\.definitions)
        for definition in definitions {
            if case .constant(let value) = definition.body {
                lines.append("C.\(definition.name.text) = \(try model.value(value).value)")
            }
        }
        for definition in definitions {
            guard case .enumeration(let enumerators) = definition.body else { continue }
            lines.append("E.\(definition.name.text) = {")
            for enumerator in enumerators {
                let number = try model.value(enumerator.value).value
                lines.append("    [\(number)] = \"\(enumerator.name.text)\",")
            }
            lines.append("}")
        }
        for definition in definitions { try print(definition) }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func print(_ definition: Definition) throws(GeneratorError) {
        let name = definition.name.text
        switch definition.body {
        case .constant, .enumeration, .typedef: return
        case .structure(let fields):
            begin(name)
            for field in fields { try read(field, of: name, indentation: 1) }
        case .union(let union):
            begin(name)
            try read(union.discriminant, of: name, indentation: 1)
            var word = "if"
            for arm in union.arms {
                var tests: [String] = []
                for label in arm.labels {
                    tests.append(
                        "v[\"\(union.discriminant.name.text)\"] == "
                            + "\(try model.value(label.value).value)")
                }
                lines.append("    \(word) \(tests.joined(separator: " or ")) then")
                try read(arm.declaration, of: name, indentation: 2)
                word = "elseif"
            }
            if let fallback = union.fallback {
                lines.append("    else")
                try read(fallback, of: name, indentation: 2)
            } else {
                lines.append("    else")
                lines.append("        r:fail(\"an arm of \(name)\")")
            }
            lines.append("    end")
        }
        lines.append("    return v")
        lines.append("end")
    }

    private mutating func begin(_ name: String) {
        lines.append("T.\(name) = function(r, tree)")
        lines.append("    local v = {}")
    }

    /// Reads a field; its own place in `F` is made where it is used first.
    private mutating func read(
        _ field: Declaration, of owner: String, indentation: Int
    ) throws(GeneratorError) {
        let margin = String(repeating: "    ", count: indentation)
        guard let expression = try expression(field.shape, field, owner) else { return }
        lines.append("\(margin)v[\"\(field.name.text)\"] = \(expression)")
    }

    private func expression(
        _ shape: Shape, _ field: Declaration, _ owner: String
    ) throws(GeneratorError) -> String? {
        let place = "\"\(owner).\(field.name.text)\""
        let label = "\"\(field.name.text)\""
        switch shape {
        case .void: return nil
        case .plain(.primitive(let primitive)): return "r:\(Self.reader(primitive))(tree, \(place))"
        case .plain(.named(let name)):
            guard let definition = model.definitions[name.text] else { return nil }
            switch definition.body {
            case .enumeration: return "r:enum(tree, \(place), E.\(name.text))"
            case .typedef(let shape): return try expression(shape, field, owner)
            case .structure, .union: return "r:sub(tree, \(label), T.\(name.text))"
            case .constant: return nil
            }
        case .fixedOpaque(let length):
            return "r:opaque(tree, \(place), \(try model.value(length).value))"
        case .variableOpaque: return "r:opaque(tree, \(place), nil)"
        case .string: return "r:text(tree, \(place))"
        case .fixedArray(let type, let count):
            return try array(type, field, owner, "\(try model.value(count).value)")
        case .variableArray(let type, _): return try array(type, field, owner, "nil")
        case .optional(let type):
            let inner = try expression(.plain(type), field, owner) ?? "nil"
            return "r:optional(tree, \(label), function(tree) return \(inner) end)"
        }
    }

    private func array(
        _ type: TypeSpecifier, _ field: Declaration, _ owner: String, _ count: String
    ) throws(GeneratorError) -> String {
        let inner = try expression(.plain(type), field, owner) ?? "nil"
        return "r:list(tree, \"\(field.name.text)\", \(count), "
            + "function(tree) return \(inner) end)"
    }

    private static func reader(_ primitive: Primitive) -> String {
        switch primitive {
        case .int: "int32"
        case .unsignedInt: "uint32"
        case .hyper: "int64"
        case .unsignedHyper: "uint64"
        case .float: "float"
        case .double: "double"
        case .bool: "bool"
        }
    }

    /// The fields that the functions use: what they are called, and how they are shown.
    func fields(_ sources: [SourceFile]) throws(GeneratorError) -> String {
        var lines: [String] = []
        for definition in sources.flatMap(\.definitions) {
            let owner = definition.name.text
            var members: [Declaration] = []
            switch definition.body {
            case .structure(let fields): members = fields
            case .union(let union):
                members = [union.discriminant] + union.arms.map(\.declaration)
                if let fallback = union.fallback { members.append(fallback) }
            case .constant, .enumeration, .typedef: continue
            }
            for member in members {
                guard let kind = try kind(of: member.shape) else { continue }
                let name = "\(owner).\(member.name.text)"
                lines.append(
                    "F[\"\(name)\"] = ProtoField.\(kind.front)\"tablecloth.\(name)\", "
                        + "\"\(member.name.text)\"\(kind.back))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The constructor of a field, and what it is given beside its names; nil for what has fields
    /// of its own.
    private func kind(
        of shape: Shape
    ) throws(GeneratorError) -> (front: String, back: String)? {
        switch shape {
        case .void: return nil
        case .plain(let type), .optional(let type), .fixedArray(let type, _),
            .variableArray(let type, _):
            switch type {
            case .primitive(let primitive):
                switch primitive {
                case .bool: return ("uint32(", ", base.DEC, {[0] = \"no\", [1] = \"yes\"}")
                case .float, .double: return ("\(Self.reader(primitive))(", "")
                case .int, .hyper: return ("\(Self.reader(primitive))(", ", base.DEC")
                default: return ("\(Self.reader(primitive))(", ", base.DEC_HEX")
                }
            case .named(let name):
                guard let definition = model.definitions[name.text] else { return nil }
                switch definition.body {
                case .enumeration: return ("int32(", ", base.DEC, E.\(name.text)")
                case .typedef(let shape): return try kind(of: shape)
                case .structure, .union, .constant: return nil
                }
            }
        case .fixedOpaque, .variableOpaque: return ("bytes(", "")
        case .string: return ("string(", "")
        }
    }
}

extension XDRGenerator {
    /// Prints a dissector for Wireshark.
    ///
    /// - Parameters:
    ///   - files: files that may use each other's names.
    ///   - frame: Lua with a line `-- types --`, in whose place the definitions are put.
    ///   - namespace: the enumeration that holds constants in Swift.
    /// - Returns: the dissector.
    /// - Throws: the first error found, with its place.
    public static func dissector(
        _ files: [TextFile], frame: String, namespace: String
    ) throws(GeneratorError) -> String {
        var sources: [SourceFile] = []
        for file in files { sources.append(try Parser.parse(file.text, file: file.name)) }
        let model = try Model(sources, namespace: namespace)
        var printer = LuaPrinter(model: model)
        let types = try printer.print(sources)
        let fields = try printer.fields(sources)
        return frame.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0 == "-- types --" ? types + "\n" + fields : String($0) }
            .joined(separator: "\n")
    }
}
