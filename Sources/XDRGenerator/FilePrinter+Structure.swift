// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension FilePrinter {
    mutating func printStructure(
        _ definition: Definition, _ declarations: [Declaration]
    ) throws(GeneratorError) {
        let type = try model.type(definition.name)
        var fields: [SwiftField] = []
        for declaration in declarations {
            let field = try SwiftField(declaration, model: model)
            guard !fields.contains(where: { $0.name == field.name }) else {
                throw GeneratorError(
                    "expected a new name, found '\(declaration.name.text)' for the second time",
                    at: declaration.name.location)
            }
            fields.append(field)
        }
        let conformance =
            type.isPlain ? "XDRPlain" : type.isFixed ? "XDRFixedSize" : "XDRCodable"
        writer.line()
        document(definition)
        writer.block("public struct \(type.swiftName): Hashable, \(conformance)") { writer in
            for field in fields {
                writer.documentation(
                    field.paragraphs, otherwise: "The field `\(field.sourceName)`.")
                writer.line("public var \(field.quotedName): \(field.swiftType)")
            }
            writer.line()
            writer.documentation([], otherwise: "Makes a value from its fields.")
            writer.parameters("public init(", fields.map { "\($0.label): \($0.swiftType)" })
            writer.nested { writer in
                for field in fields {
                    writer.line("self.\(field.quotedName) = \(field.quotedName)")
                }
            }
            writer.line("}")
            writer.line()
            Self.printSizes(&writer, type, fields)
            writer.line()
            if type.isPlain {
                Self.printPlainCoding(&writer, type, fields)
            } else {
                Self.printCoding(&writer, type, fields)
            }
        }
    }

    private static func printSizes(
        _ writer: inout LineWriter, _ type: Model.NamedType, _ fields: [SwiftField]
    ) {
        if type.isFixed {
            writer.documentation([], otherwise: "The number of bytes of every value.")
            writer.line("public static var byteCount: Int { \(type.minimum) }")
            return
        }
        writer.documentation([], otherwise: "The number of bytes of the shortest value.")
        writer.line("public static var minimumByteCount: Int { \(type.minimum) }")
        writer.line()
        writer.documentation([], otherwise: "The number of bytes of this value.")
        let fixed = fields.compactMap(\.byteCount).reduce(0, +)
        let rest = fields.filter { $0.byteCount == nil }.map { $0.size($0.reference) }
        let sum = (fixed > 0 || rest.isEmpty ? ["\(fixed)"] : []) + rest
        let single = "public var byteCount: Int { \(sum.joined(separator: " + ")) }"
        guard single.count + 4 > LineWriter.width else { return writer.line(single) }
        writer.block("public var byteCount: Int") { writer in
            writer.line("var count = \(fixed)")
            for part in rest { writer.line("count += \(part)") }
            writer.line("return count")
        }
    }

    /// Coding in one step, for fields that cannot be wrong.
    private static func printPlainCoding(
        _ writer: inout LineWriter, _ type: Model.NamedType, _ fields: [SwiftField]
    ) {
        let name = type.swiftName
        let first = fields.first?.name ?? name
        writer.documentation([], otherwise: "Reads all fields.")
        writer.block(
            "public static func decode(from reader: inout ByteReader) throws(WireError) "
                + "-> \(name)"
        ) { writer in
            writer.line(
                "let bytes = try reader.readBytes(byteCount, \"\(first)\", of: \"\(name)\")")
            writer.line("return \(name)(xdr: bytes.span.extracting(0..<byteCount))")
        }
        writer.line()
        writer.documentation([], otherwise: "Appends all fields.")
        writer.block("public func encode(into writer: inout ByteWriter)") { writer in
            writer.line("var block = InlineArray<\(type.minimum), UInt8>(repeating: 0)")
            writer.line("var bytes = block.mutableSpan")
            writer.line("store(into: &bytes, at: 0)")
            writer.line("writer.write(contentsOf: block.span)")
        }
        writer.line()
        writer.documentation([], otherwise: "Makes a value from exactly `byteCount` bytes.")
        writer.line("@inline(__always)")
        writer.block("public init(xdr bytes: Span<UInt8>)") { writer in
            var offset = 0
            for field in fields {
                let end = offset + (field.byteCount ?? 0)
                writer.line(
                    "self.\(field.quotedName) = "
                        + "\(field.swiftType)(xdr: bytes.extracting(\(offset)..<\(end)))")
                offset = end
            }
        }
        writer.line()
        writer.documentation([], otherwise: "Stores all fields.")
        writer.line("@inline(__always)")
        writer.block("public func store(into bytes: inout MutableSpan<UInt8>, at offset: Int)") {
            writer in
            var offset = 0
            for field in fields {
                let place = offset == 0 ? "offset" : "offset + \(offset)"
                writer.line("self.\(field.quotedName).store(into: &bytes, at: \(place))")
                offset += field.byteCount ?? 0
            }
        }
    }

    private static func printCoding(
        _ writer: inout LineWriter, _ type: Model.NamedType, _ fields: [SwiftField]
    ) {
        let name = type.swiftName
        writer.documentation([], otherwise: "Reads the fields in their order.")
        writer.block(
            "public static func decode(from reader: inout ByteReader) throws(WireError) "
                + "-> \(name)"
        ) { writer in
            let arguments = fields.map { ("\($0.label): ", $0.decoding(in: name)) }
            guard type.isFixed, let first = fields.first else {
                return writer.call("\(name)(", arguments)
            }
            writer.line("try reader.require(byteCount, \"\(first.name)\", of: \"\(name)\")")
            writer.call("return \(name)(", arguments)
        }
        writer.line()
        writer.documentation([], otherwise: "Appends the fields in their order.")
        let failing = type.isFixed ? "" : " throws(WireError)"
        writer.block("public func encode(into writer: inout ByteWriter)\(failing)") { writer in
            for field in fields {
                writer.call(field.encoding(field.reference, in: name))
            }
        }
    }
}
