// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// One case of a union as the generated code sees it.
struct SwiftArm {
    /// The case's name without back quotes.
    var name: String
    /// What the discriminant is matched against; nil for all that is left.
    var pattern: String?
    /// The number of the discriminant; nil for all that is left.
    var number: Int128?
    /// What the case carries besides the discriminant.
    var field: SwiftField?
    var paragraphs: [String]
}

/// How a union's discriminant is read, compared and written.
struct SwiftDiscriminant {
    /// The kinds of types that can select an arm.
    enum Kind: Equatable {
        case enumeration(String)
        /// An integer, or a structure around one.
        case integer(Primitive, isWrapped: Bool)
        case bool
    }

    let field: SwiftField
    let kind: Kind
    private let location: SourceLocation

    init(_ declaration: Declaration, model: Model) throws(GeneratorError) {
        location = declaration.name.location
        field = try SwiftField(declaration, model: model)
        var primitive: Primitive?
        var definition: Definition?
        switch declaration.shape {
        case .plain(.primitive(let found)): primitive = found
        case .plain(.named(let name)): definition = model.underlying(name)
        default: break
        }
        if case .enumeration = definition?.body, let definition {
            kind = .enumeration(definition.name.text)
            return
        }
        if case .typedef(.plain(.primitive(let found))) = definition?.body { primitive = found }
        switch primitive {
        case .bool where definition == nil: kind = .bool
        case .int: kind = .integer(.int, isWrapped: definition != nil)
        case .unsignedInt: kind = .integer(.unsignedInt, isWrapped: definition != nil)
        default:
            throw GeneratorError(
                "expected an int, an unsigned int, a bool or an enum to switch over", at: location)
        }
    }

    /// What is switched over, given the discriminant.
    func selector(_ discriminant: String) -> String {
        guard case .integer(_, isWrapped: true) = kind else { return discriminant }
        return "\(discriminant).rawValue"
    }

    /// The number of a discriminant, to compare it with labels.
    func numberSelector(_ discriminant: String) -> String {
        switch kind {
        case .enumeration: "\(discriminant).rawValue"
        case .bool: "\(discriminant) ? 1 : 0"
        case .integer: selector(discriminant)
        }
    }

    /// The discriminant of a case, from its pattern.
    func value(_ pattern: String) -> String {
        switch kind {
        case .enumeration: "\(field.swiftType)\(pattern)"
        case .integer(let primitive, let isWrapped):
            isWrapped
                ? "\(field.swiftType)(rawValue: \(pattern))" : "\(primitive.rawValue)(\(pattern))"
        case .bool: pattern
        }
    }

    /// The number of a discriminant, for errors.
    func number(_ discriminant: String) -> String {
        switch kind {
        case .bool: "\(discriminant) ? 1 : 0"
        case .enumeration, .integer(.int, isWrapped: true):
            "UInt64(UInt32(bitPattern: \(discriminant).rawValue))"
        case .integer(.int, isWrapped: false): "UInt64(UInt32(bitPattern: \(discriminant)))"
        case .integer(_, let isWrapped):
            "UInt64(\(discriminant)\(isWrapped ? ".rawValue" : ""))"
        }
    }

    /// The name and the pattern of a label, and the number it stands for.
    func label(
        _ value: Value, at location: SourceLocation, model: Model
    ) throws(GeneratorError) -> (name: String, pattern: String, number: Int128) {
        switch kind {
        case .bool:
            guard case .name(let name) = value, ["TRUE", "FALSE"].contains(name.text) else {
                throw GeneratorError("expected 'TRUE' or 'FALSE'", at: location)
            }
            let isTrue = name.text == "TRUE"
            return (isTrue ? "whenTrue" : "whenFalse", isTrue ? "true" : "false", isTrue ? 1 : 0)
        case .enumeration(let enumeration):
            guard case .name(let name) = value, let found = model.cases[name.text],
                found.enumeration == enumeration, let number = model.constants[name.text]?.value
            else {
                throw GeneratorError("expected a value of '\(enumeration)'", at: location)
            }
            return (found.swiftName, ".\(SwiftName.quoted(found.swiftName))", number)
        case .integer(let primitive, _):
            let number = try model.value(value).value
            let fits =
                primitive == .int ? Int32(exactly: number) != nil : UInt32(exactly: number) != nil
            guard fits else {
                throw GeneratorError("expected a label of 32 bits", at: location)
            }
            let plain = number < 0 ? "caseMinus\(number.magnitude)" : "case\(number)"
            var name = plain
            if case .name(let constant) = value { name = SwiftName.member(constant.text) }
            return (name, SwiftNumber.text(number), number)
        }
    }
}

extension FilePrinter {
    mutating func printUnion(
        _ definition: Definition, _ body: UnionBody
    ) throws(GeneratorError) {
        let type = try model.type(definition.name)
        let discriminant = try SwiftDiscriminant(body.discriminant, model: model)
        let arms = try arms(of: body, discriminant)
        writer.line()
        document(definition)
        writer.block("public enum \(type.swiftName): Hashable, XDRCodable") { writer in
            for arm in arms {
                writer.documentation(
                    arm.paragraphs,
                    otherwise: arm.pattern == nil
                        ? "What follows any other discriminant."
                        : "What follows the discriminant `\(arm.name)`.")
                var payload: [String] = []
                if arm.pattern == nil { payload.append(discriminant.field.swiftType) }
                if let field = arm.field {
                    payload.append("\(field.label): \(field.swiftType)")
                }
                let list = payload.isEmpty ? "" : "(\(payload.joined(separator: ", ")))"
                writer.line("case \(SwiftName.quoted(arm.name))\(list)")
            }
            writer.line()
            Self.printSizes(&writer, type, arms)
            writer.line()
            Self.printDecoding(&writer, type, discriminant, arms)
            writer.line()
            Self.printEncoding(&writer, type, discriminant, arms)
        }
    }

    private func arms(
        of body: UnionBody, _ discriminant: SwiftDiscriminant
    ) throws(GeneratorError) -> [SwiftArm] {
        var arms: [SwiftArm] = []
        var numbers: Set<Int128> = []
        func field(_ declaration: Declaration) throws(GeneratorError) -> SwiftField? {
            declaration.shape == .void ? nil : try SwiftField(declaration, model: model)
        }
        for arm in body.arms {
            for (value, location) in arm.labels {
                let label = try discriminant.label(value, at: location, model: model)
                guard numbers.insert(label.number).inserted else {
                    throw GeneratorError(
                        "expected a new label, found \(label.number) again", at: location)
                }
                guard !SwiftName.reservedMembers.contains(label.name), label.name != "other",
                    !arms.contains(where: { $0.name == label.name })
                else {
                    throw GeneratorError(
                        "expected a label with another name than '\(label.name)'", at: location)
                }
                arms.append(
                    SwiftArm(
                        name: label.name, pattern: label.pattern, number: label.number,
                        field: try field(arm.declaration),
                        paragraphs: arm.declaration.remarks.paragraphs))
            }
        }
        guard let fallback = body.fallback else { return arms }
        if discriminant.kind == .bool, numbers.count == 2 {
            throw GeneratorError(
                "expected no 'default' where all labels are given", at: fallback.name.location)
        }
        arms.append(
            SwiftArm(
                name: "other", pattern: nil, field: try field(fallback),
                paragraphs: fallback.remarks.paragraphs))
        return arms
    }

    private static func printSizes(
        _ writer: inout LineWriter, _ type: Model.NamedType, _ arms: [SwiftArm]
    ) {
        writer.documentation([], otherwise: "The number of bytes of the shortest value.")
        writer.line("public static var minimumByteCount: Int { \(type.minimum) }")
        writer.line()
        writer.documentation([], otherwise: "The number of bytes of this value.")
        writer.block("public var byteCount: Int") { writer in
            writer.line("switch self {")
            for arm in arms {
                let name = SwiftName.quoted(arm.name)
                if let field = arm.field, field.byteCount == nil {
                    let hidden = arm.pattern == nil ? "_, " : ""
                    writer.line("case .\(name)(\(hidden)let value): 4 + \(field.size("value"))")
                } else {
                    writer.line("case .\(name): \(4 + (arm.field?.byteCount ?? 0))")
                }
            }
            writer.line("}")
        }
    }

    private static func printDecoding(
        _ writer: inout LineWriter, _ type: Model.NamedType, _ discriminant: SwiftDiscriminant,
        _ arms: [SwiftArm]
    ) {
        let name = type.swiftName
        writer.documentation([], otherwise: "Reads the discriminant and what follows it.")
        writer.block(
            "public static func decode(from reader: inout ByteReader) throws(WireError) -> \(name)"
        ) { writer in
            writer.call(discriminant.field.decoding(in: name), after: "let discriminant = ")
            writer.line("switch \(discriminant.selector("discriminant")) {")
            for arm in arms {
                writer.line(arm.pattern.map { "case \($0):" } ?? "default:")
                var payload = arm.pattern == nil ? [("", Call("discriminant", [], ""))] : []
                if let field = arm.field {
                    payload.append(("\(field.label): ", field.decoding(in: name)))
                }
                let result = "return .\(SwiftName.quoted(arm.name))"
                writer.nested { writer in
                    if payload.isEmpty {
                        writer.line(result)
                    } else {
                        writer.call(result + "(", payload)
                    }
                }
            }
            if isOpen(discriminant, arms) {
                writer.line("default:")
                writer.nested {
                    $0.call(
                        Call(
                            "throw reader.error(",
                            [
                                ".invalidValue(\(discriminant.number("discriminant")))",
                                "\"\(discriminant.field.name)\"", "of: \"\(name)\"",
                            ]))
                }
            }
            writer.line("}")
        }
    }

    private static func printEncoding(
        _ writer: inout LineWriter, _ type: Model.NamedType, _ discriminant: SwiftDiscriminant,
        _ arms: [SwiftArm]
    ) {
        let name = type.swiftName
        writer.documentation([], otherwise: "Appends the discriminant and what follows it.")
        writer.line("///")
        writer.line(
            "/// - Errors: `.invalidValue` for a discriminant that belongs to another case.")
        let head = "public func encode(into writer: inout ByteWriter) throws(WireError)"
        writer.block(head) { writer in
            writer.line("switch self {")
            for arm in arms {
                var bindings = arm.pattern == nil ? ["let discriminant"] : []
                if arm.field != nil { bindings.append("let value") }
                let list = bindings.isEmpty ? "" : "(\(bindings.joined(separator: ", ")))"
                writer.line("case .\(SwiftName.quoted(arm.name))\(list):")
                if arm.pattern == nil { printGuard(&writer, name, discriminant, arms) }
                let selector = arm.pattern.map(discriminant.value) ?? "discriminant"
                writer.nested { writer in
                    writer.call(discriminant.field.encoding(selector, in: name))
                    if let field = arm.field { writer.call(field.encoding("value", in: name)) }
                }
            }
            writer.line("}")
        }
    }

    /// Keeps the last case from being written with the discriminant of another one.
    private static func printGuard(
        _ writer: inout LineWriter, _ type: String, _ discriminant: SwiftDiscriminant,
        _ arms: [SwiftArm]
    ) {
        // The number is what counts: `.unknown(1)` is written as the case of 1 is.
        let numbers = arms.compactMap(\.number).map { SwiftNumber.text($0) }
        guard !numbers.isEmpty else { return }
        writer.nested { writer in
            writer.line("switch \(discriminant.numberSelector("discriminant")) {")
            writer.call(Call("case ", numbers, ":"))
            writer.nested {
                $0.call(
                    Call(
                        "throw writer.xdrError(",
                        [
                            ".invalidValue(\(discriminant.number("discriminant")))",
                            "\"\(discriminant.field.name)\"", "of: \"\(type)\"",
                        ]))
            }
            writer.line("default: break")
            writer.line("}")
        }
    }

    /// Whether a discriminant can come that no case is for.
    private static func isOpen(_ discriminant: SwiftDiscriminant, _ arms: [SwiftArm]) -> Bool {
        if arms.contains(where: { $0.pattern == nil }) { return false }
        return discriminant.kind != .bool || arms.count < 2
    }
}
