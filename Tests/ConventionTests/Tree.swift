// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation

/// A file of this package, as text.
struct TextFile: Sendable {
    /// From the top folder on.
    let path: String
    let text: String
    let lines: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.components(separatedBy: "\n")
    }

    var name: String { path.components(separatedBy: "/").last ?? path }
    var isGenerated: Bool { path.contains("/Generated/") }
    /// The folder of the target that it belongs to.
    var target: String { path.components(separatedBy: "/").dropFirst().first ?? "" }

    /// The lines with comments left out and texts emptied, so that only code is judged.
    var code: [String] {
        var isInText = false
        return lines.map { line in
            if line.components(separatedBy: "\"\"\"").count % 2 == 0 {
                isInText.toggle()
                return ""
            }
            return isInText ? "" : Self.code(of: line)
        }
    }

    private static func code(of line: String) -> String {
        var code = ""
        var isQuoted = false
        var last: Character = " "
        for character in line {
            if isQuoted {
                if character == "\"", last != "\\" { isQuoted = false }
                last = last == "\\" && character == "\\" ? " " : character
                continue
            }
            if character == "/", last == "/" { return String(code.dropLast()) }
            if character == "\"" { isQuoted = true }
            code.append(character)
            last = character
        }
        return code
    }

    /// The places, as `path:line`, where a line fits.
    func places(_ lines: [String]? = nil, where isMeant: (String) -> Bool) -> [String] {
        (lines ?? self.lines).enumerated().compactMap { number, line in
            isMeant(line) ? "\(path):\(number + 1)" : nil
        }
    }
}

/// The files of this package.
enum Tree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file that is text, but for what is built or fetched.
    static let all: [TextFile] = {
        let paths = FileManager.default.enumerator(atPath: root.path)
        var files: [TextFile] = []
        while let path = paths?.nextObject() as? String {
            if path.hasPrefix(".build") || path == ".git" || path == "Package.resolved" {
                paths?.skipDescendants()
                continue
            }
            let url = root.appendingPathComponent(path)
            if let text = try? String(contentsOf: url, encoding: .utf8) {
                files.append(TextFile(path: path, text: text))
            }
        }
        return files.sorted { $0.path < $1.path }
    }()

    /// Everything that people wrote, but for these tests, which name what is forbidden.
    static let judged = all.filter { !$0.path.hasPrefix("Tests/ConventionTests/") }

    static let swift = judged.filter { $0.path.hasSuffix(".swift") }
    static let sources = swift.filter { $0.path.hasPrefix("Sources/") }

    /// Source in every language; a script is known by its first line.
    static let program = judged.filter { file in
        ["swift", "c", "h", "x", "bash", "sh"].contains { file.name.hasSuffix(".\($0)") }
            || file.name == "Makefile" || file.text.hasPrefix("#!")
    }

    static func file(_ path: String) -> TextFile? { all.first { $0.path == path } }
}

extension String {
    /// Whether a regular expression fits anywhere.
    func fits(_ pattern: String) -> Bool {
        range(of: pattern, options: .regularExpression) != nil
    }

    /// What the first group of a regular expression has, at each place where it fits.
    func groups(_ pattern: String) -> [String] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
        let whole = NSRange(startIndex..., in: self)
        return expression.matches(in: self, range: whole).compactMap { match in
            Range(match.range(at: 1), in: self).map { String(self[$0]) }
        }
    }
}
