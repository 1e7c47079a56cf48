// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What all files together define, with every name looked up and every size known.
struct Model {
    /// A constant or a value of an enumeration.
    struct Constant: Equatable {
        var value: Int128
        var isHexadecimal: Bool
        /// How Swift says it.
        var expression: String
    }

    /// A named type.
    struct NamedType: Equatable {
        /// How Swift calls it.
        var swiftName: String
        /// The fewest bytes that a value takes.
        var minimum: Int
        /// Whether every value takes so many, and encoding one cannot fail.
        var isFixed: Bool
        /// Whether every pattern of so many bytes is a value.
        var isPlain: Bool
    }

    /// What is known about the encoding of a declared thing.
    struct Size: Equatable {
        /// The fewest bytes.
        var minimum: Int
        /// Whether it is always so many bytes, and encoding it cannot fail.
        var isFixed: Bool
        /// Whether decoding it cannot fail either, once so many bytes are there.
        var isPlain: Bool
    }

    /// A type of another module that stands for a typedef.
    struct External: Equatable {
        var module: String
        var swiftName: String
    }

    /// By the names that the `.x` files use.
    private(set) var constants: [String: Constant] = [:]
    /// By the names that the `.x` files use.
    private(set) var types: [String: NamedType] = [:]
    /// Every definition, by its name.
    let definitions: [String: Definition]
    /// The enumeration that has given a value its name, and the value's Swift name.
    private(set) var cases: [String: (enumeration: String, swiftName: String)] = [:]
    /// The integer typedef that a constant is a value of, and the constant's name within it.
    private(set) var members: [String: (typedef: String, swiftName: String)] = [:]
    /// Types whose definition lies outside, by the names that the `.x` files use.
    private(set) var externals: [String: External] = [:]
    /// The enumeration that contains constants in Swift.
    let namespace: String

    /// The most bytes that are read or written in one step, since they lie on the stack.
    private static let plainLimit = 1024
    /// The largest value that is taken for a sum of sizes; nothing longer is ever sent.
    private static let sizeLimit = Int(Int32.max)

    /// Understands files together.
    init(_ files: [SourceFile], namespace: String) throws(GeneratorError) {
        self.namespace = namespace
        var definitions: [String: Definition] = [:]
        for file in files {
            for definition in file.definitions {
                if let other = definitions[definition.name.text] {
                    throw Self.duplicate(definition.name, other.name)
                }
                definitions[definition.name.text] = definition
            }
        }
        self.definitions = definitions
        try resolveConstants(files)
        try nameConstants(files)
        try nameTypes(files)
        try measureTypes(files)
    }

    private static func duplicate(_ name: Name, _ other: Name) -> GeneratorError {
        GeneratorError(
            "expected a new name, found '\(name.text)', which is taken at "
                + "\(other.location.file):\(other.location.line)", at: name.location)
    }

    // MARK: Looking up

    /// A number that must fit a length word.
    func length(_ value: Value, at location: SourceLocation) throws(GeneratorError) -> UInt32 {
        let number = try self.value(value).value
        guard let length = UInt32(exactly: number) else {
            throw GeneratorError("expected a length of 32 bits, found \(number)", at: location)
        }
        return length
    }

    /// What a value stands for.
    func value(_ value: Value) throws(GeneratorError) -> Constant {
        switch value {
        case .number(let number, let isHexadecimal):
            return Constant(
                value: number, isHexadecimal: isHexadecimal,
                expression: SwiftNumber.text(number, isHexadecimal: isHexadecimal))
        case .name(let name):
            guard let constant = constants[name.text] else {
                throw GeneratorError(
                    "expected the name of a constant, found '\(name.text)'", at: name.location)
            }
            return constant
        }
    }

    /// The definition behind a type's name, through typedefs that only rename.
    func type(_ name: Name) throws(GeneratorError) -> NamedType {
        guard let type = types[name.text] else {
            throw GeneratorError(
                "expected the name of a type, found '\(name.text)'", at: name.location)
        }
        return type
    }

    /// What a name stands for once typedefs that only rename are followed.
    func underlying(_ name: Name) -> Definition? {
        var definition = definitions[name.text]
        while case .typedef(.plain(.named(let next))) = definition?.body {
            definition = definitions[next.text]
        }
        return definition
    }

    // MARK: Constants

    private mutating func resolveConstants(_ files: [SourceFile]) throws(GeneratorError) {
        var pending: [(name: Name, value: Value)] = []
        var places: [String: Name] = [:]
        for definition in files.flatMap(\.definitions) {
            switch definition.body {
            case .constant(let value): pending.append((definition.name, value))
            case .enumeration(let list): pending += list.map { ($0.name, $0.value) }
            case .typedef, .structure, .union: break
            }
        }
        for (name, _) in pending {
            if let other = places[name.text] { throw Self.duplicate(name, other) }
            if let other = definitions[name.text], other.name != name {
                throw Self.duplicate(name, other.name)
            }
            places[name.text] = name
        }
        // Each round settles what refers to settled ones; a round that settles nothing is the end.
        while !pending.isEmpty {
            var later: [(name: Name, value: Value)] = []
            for (name, value) in pending {
                if let constant = try? self.value(value) {
                    constants[name.text] = constant
                } else {
                    later.append((name, value))
                }
            }
            guard later.count < pending.count else {
                let (name, value) = later[0]
                guard case .name(let target) = value, places[target.text] == nil else {
                    throw GeneratorError(
                        "expected a number, found '\(name.text)' defined by itself",
                        at: name.location)
                }
                _ = try self.value(value)
                return
            }
            pending = later
        }
    }

    private mutating func nameConstants(_ files: [SourceFile]) throws(GeneratorError) {
        var taken: [String: Name] = [:]
        for file in files {
            let integers = file.definitions.filter(\.isIntegerWrapper)
            for definition in file.definitions {
                let name = definition.name
                switch definition.body {
                case .constant(let value):
                    let place = try nameConstant(definition, among: integers)
                    if let other = taken.updateValue(name, forKey: place) {
                        throw Self.clash(place, name, other)
                    }
                    // A constant of an integer type has no use as a bare number elsewhere.
                    let expression =
                        members[name.text] == nil ? place : try self.value(value).expression
                    constants[name.text]?.expression = expression
                case .enumeration(let list): try nameEnumerators(list, of: name)
                case .typedef, .structure, .union: break
                }
            }
        }
    }

    /// Chooses where a constant lies in Swift: in the type whose name its own begins with, or in
    /// the namespace.
    private mutating func nameConstant(
        _ definition: Definition, among integers: [Definition]
    ) throws(GeneratorError) -> String {
        let name = definition.name
        for owner in integers {
            guard let member = SwiftName.member(name.text, ofType: owner.name.text) else {
                continue
            }
            let swiftName = definition.remarks.swiftName ?? member
            try check(swiftName, name, isMember: true)
            guard let value = constants[name.text]?.value, owner.holds(value) else {
                throw GeneratorError(
                    "expected a value that '\(owner.name.text)' can have", at: name.location)
            }
            members[name.text] = (owner.name.text, swiftName)
            return "\(SwiftName.type(owner.name.text)).\(SwiftName.quoted(swiftName))"
        }
        let swiftName = definition.remarks.swiftName ?? SwiftName.member(name.text)
        try check(swiftName, name, isMember: false)
        return "\(namespace).\(SwiftName.quoted(swiftName))"
    }

    private mutating func nameEnumerators(
        _ list: [Enumerator], of name: Name
    ) throws(GeneratorError) {
        let short = SwiftName.cases(list.map(\.name.text), of: name.text)
        var taken: [String: Name] = ["unknown": name]
        for (enumerator, shortName) in zip(list, short) {
            let swiftName = enumerator.remarks.swiftName ?? shortName
            try check(swiftName, enumerator.name, isMember: true)
            if let other = taken.updateValue(enumerator.name, forKey: swiftName) {
                throw Self.clash(swiftName, enumerator.name, other)
            }
            guard let value = constants[enumerator.name.text]?.value, Int32(exactly: value) != nil
            else {
                throw GeneratorError(
                    "expected a value of 32 bits for '\(enumerator.name.text)'",
                    at: enumerator.name.location)
            }
            cases[enumerator.name.text] = (name.text, swiftName)
            constants[enumerator.name.text]?.expression = SwiftNumber.text(value)
        }
    }

    // MARK: Types

    private mutating func nameTypes(_ files: [SourceFile]) throws(GeneratorError) {
        var taken: [String: Name] = [:]
        for definition in files.flatMap(\.definitions) {
            if case .constant = definition.body { continue }
            let name = definition.name
            if let external = try external(definition) {
                externals[name.text] = external
                types[name.text] = NamedType(
                    swiftName: external.swiftName, minimum: 0, isFixed: true, isPlain: true)
                continue
            }
            let swiftName = definition.remarks.swiftName ?? SwiftName.type(name.text)
            guard SwiftName.isIdentifier(swiftName), !SwiftName.reservedTypes.contains(swiftName),
                swiftName != namespace
            else {
                throw GeneratorError(
                    "expected another name than '\(swiftName)'; "
                        + "a comment 'swift: name x' in front gives one", at: name.location)
            }
            if let other = taken.updateValue(name, forKey: swiftName) {
                throw Self.clash(swiftName, name, other)
            }
            types[name.text] = NamedType(
                swiftName: swiftName, minimum: 0, isFixed: false, isPlain: false)
        }
    }

    private func external(_ definition: Definition) throws(GeneratorError) -> External? {
        guard let words = definition.remarks.directives.first(where: { $0.first == "external" })
        else { return nil }
        let name = definition.name
        guard case .typedef(.plain(.primitive(let primitive))) = definition.body,
            primitive.isInteger
        else {
            throw GeneratorError(
                "expected a typedef of an integer behind 'swift: external'", at: name.location)
        }
        let parts = words.last?.split(separator: ".").map(String.init) ?? []
        guard words.count == 3, words[1] == name.text, parts.count == 2,
            parts.allSatisfy(SwiftName.isIdentifier)
        else {
            throw GeneratorError(
                "expected 'swift: external \(name.text) Module.Type' in front", at: name.location)
        }
        return External(module: parts[0], swiftName: parts[1])
    }

    private static func clash(_ swiftName: String, _ name: Name, _ other: Name) -> GeneratorError {
        GeneratorError(
            "expected a new name in Swift, found '\(swiftName)', which '\(other.text)' has; "
                + "a comment 'swift: name x' in front gives another", at: name.location)
    }

    /// Refuses names that Swift or the generated code cannot have.
    private func check(_ swiftName: String, _ name: Name, isMember: Bool) throws(GeneratorError) {
        guard SwiftName.isIdentifier(swiftName),
            !isMember || !SwiftName.reservedMembers.contains(swiftName)
        else {
            throw GeneratorError(
                "expected another name than '\(swiftName)'; "
                    + "a comment 'swift: name x' in front gives one", at: name.location)
        }
    }

    // MARK: Sizes

    /// Settles types whose parts are settled until none is left; what is left contains itself.
    private mutating func measureTypes(_ files: [SourceFile]) throws(GeneratorError) {
        var pending = files.flatMap(\.definitions).filter {
            if case .constant = $0.body { false } else { true }
        }
        var settled: Set<String> = []
        while !pending.isEmpty {
            var later: [Definition] = []
            for definition in pending {
                if definition.typeNames.allSatisfy({ settled.contains($0.text) }) {
                    try measure(definition)
                    settled.insert(definition.name.text)
                } else {
                    later.append(definition)
                }
            }
            guard later.count < pending.count else {
                let unknown = later.flatMap(\.typeNames).first { types[$0.text] == nil }
                if let unknown { _ = try type(unknown) }
                throw GeneratorError(
                    "expected a type that does not contain itself, found '\(later[0].name.text)'",
                    at: later[0].name.location)
            }
            pending = later
        }
    }

    private mutating func measure(_ definition: Definition) throws(GeneratorError) {
        var total = Size(minimum: 0, isFixed: true, isPlain: true)
        switch definition.body {
        case .constant: return
        case .enumeration: total.minimum = 4
        case .typedef(let shape):
            total = try size(shape, at: definition.name.location)
        case .structure(let fields):
            for field in fields {
                let size = try size(field.shape, at: field.name.location)
                total.minimum += size.minimum
                total.isFixed = total.isFixed && size.isFixed
                total.isPlain = total.isPlain && size.isPlain
                try Self.checkSize(total.minimum, at: field.name.location)
            }
        case .union(let body):
            let declarations = body.arms.map(\.declaration) + (body.fallback.map { [$0] } ?? [])
            var smallest = Int.max
            for declaration in declarations {
                let size = try size(declaration.shape, at: declaration.name.location)
                smallest = min(smallest, size.minimum)
            }
            total = Size(
                minimum: 4 + (declarations.isEmpty ? 0 : smallest), isFixed: false, isPlain: false)
        }
        try Self.checkSize(total.minimum, at: definition.name.location)
        types[definition.name.text]?.minimum = total.minimum
        types[definition.name.text]?.isFixed = total.isFixed
        types[definition.name.text]?.isPlain =
            total.isPlain && total.minimum <= Self.plainLimit
    }

    private static func checkSize(
        _ size: Int, at location: SourceLocation
    ) throws(GeneratorError) {
        guard size <= sizeLimit else {
            throw GeneratorError("expected a value of less than 2 GiB", at: location)
        }
    }

    /// What is known about the encoding of a declared thing.
    func size(
        _ shape: Shape, at location: SourceLocation
    ) throws(GeneratorError) -> Size {
        switch shape {
        case .void: return Size(minimum: 0, isFixed: true, isPlain: true)
        case .plain(let type): return try size(type)
        case .optional(let type):
            _ = try size(type)
            return Self.variable(4)
        case .string(let limit), .variableOpaque(let limit):
            if let limit { _ = try length(limit, at: location) }
            return Self.variable(4)
        case .fixedOpaque(let count):
            let length = Int(try length(count, at: location))
            return Self.variable((length + 3) / 4 * 4)
        case .variableArray(let type, let limit):
            if let limit { _ = try length(limit, at: location) }
            try checkElement(try size(type).minimum, at: location)
            return Self.variable(4)
        case .fixedArray(let type, let count):
            let element = try size(type).minimum
            try checkElement(element, at: location)
            let (size, isTooLarge) = Int(try length(count, at: location))
                .multipliedReportingOverflow(by: element)
            return Self.variable(isTooLarge ? .max / 2 : min(size, .max / 2))
        }
    }

    /// The size of something whose value can be more than the type takes.
    private static func variable(_ minimum: Int) -> Size {
        Size(minimum: minimum, isFixed: false, isPlain: false)
    }

    /// Elements of no bytes would let a short message stand for an endless list.
    private func checkElement(_ size: Int, at location: SourceLocation) throws(GeneratorError) {
        guard size > 0 else {
            throw GeneratorError("expected elements that take bytes", at: location)
        }
    }

    private func size(_ type: TypeSpecifier) throws(GeneratorError) -> Size {
        switch type {
        case .primitive(let primitive):
            return Size(
                minimum: primitive.byteCount, isFixed: true, isPlain: primitive.isInteger)
        case .named(let name):
            let type = try self.type(name)
            return Size(minimum: type.minimum, isFixed: type.isFixed, isPlain: type.isPlain)
        }
    }
}
