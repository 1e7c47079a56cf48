// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A file's name and text, on the way in or on the way out.
public struct TextFile: Equatable, Sendable {
    /// The file's name.
    public var name: String
    /// Everything in it.
    public var text: String

    /// Makes a file.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// Turns `.x` files, in the language of RFC 4506, into Swift.
///
/// Types of the files become types of the same name in Swift's spelling: structures become
/// structures, enumerations keep numbers that they do not know, unions become enumerations with
/// payloads, and each typedef becomes a structure around its value. Constants lie in a namespace,
/// or in the integer type of their file whose name theirs begins with. A comment in front of a
/// definition can hold a directive: `swift: name x` gives another name, and
/// `swift: external pnn Module.Type` lets a typedef stand for a type that exists already and has
/// a `rawValue`.
public enum XDRGenerator {
    /// Prints one Swift file for each file, in their order.
    ///
    /// - Parameters:
    ///   - files: files that may use each other's names.
    ///   - namespace: the enumeration that holds constants; it is declared by hand.
    /// - Returns: the Swift files.
    /// - Throws: the first error found, with its place.
    public static func generate(
        _ files: [TextFile], namespace: String
    ) throws(GeneratorError) -> [TextFile] {
        var sources: [SourceFile] = []
        for file in files { sources.append(try Parser.parse(file.text, file: file.name)) }
        let model = try Model(sources, namespace: namespace)
        var printed: [TextFile] = []
        for source in sources {
            var printer = FilePrinter(model: model, source: source)
            let text = try printer.print()
            printed.append(TextFile(name: outputName(source.file), text: text))
        }
        return printed
    }

    /// `frame.x` as `Frame.generated.swift`.
    static func outputName(_ name: String) -> String {
        let base = name.hasSuffix(".x") ? String(name.dropLast(2)) : name
        return SwiftName.type(base) + ".generated.swift"
    }
}
