// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Testing

/// Everything public is explained, and the README fits the package.
@Suite struct DocumentationTests {
    /// The comment in front of a line, attributes in between left out.
    static func comment(above number: Int, in file: TextFile) -> [String] {
        var at = number - 1
        let line = { (at: Int) in file.lines[at].trimmingCharacters(in: .whitespaces) }
        while at >= 0, line(at).hasPrefix("@") { at -= 1 }
        var comment: [String] = []
        while at >= 0, line(at).hasPrefix("///") {
            comment.insert(line(at), at: 0)
            at -= 1
        }
        return comment
    }

    @Test func everyPublicDeclarationIsExplained() {
        for file in Tree.sources {
            let code = file.code
            for number in code.indices
            where code[number].fits("^\\s*(@[A-Za-z_()]+ )*(public|open) (?!extension|import)") {
                #expect(
                    !Self.comment(above: number, in: file).isEmpty,
                    "\(file.path):\(number + 1): \(file.lines[number])")
            }
        }
    }

    @Test func everyLegacyTypeNamesItsSource() {
        // The layout of a machine, and what all types have in common, have no C struct.
        let own = ["LegacyLayout", "LegacyCoding"]
        for file in Tree.sources where file.target == "LegacyWire" {
            for number in file.lines.indices {
                let types = file.lines[number].groups("^public (?:struct|enum) ([A-Za-z]+)")
                guard let type = types.first, !own.contains(type) else { continue }
                let comment = Self.comment(above: number, in: file)
                #expect(
                    comment.contains { $0.contains("- Source:") },
                    "\(file.path):\(number + 1): \(type) has no Source field")
            }
        }
    }

    // MARK: The README

    /// Rooms that later work fills.
    static let waiting: Set<String> = [
        "AddressCore", "ServiceCore", "DatabaseCore",
    ]
    static let readme = Tree.file("README.md")?.text ?? ""

    /// The names in the first column of the layout's tables.
    static let rows: [String] = {
        let layout = readme.components(separatedBy: "\n## Layout\n").dropFirst().first ?? ""
        let section = layout.components(separatedBy: "\n## ")[0]
        return section.components(separatedBy: "\n").flatMap { line in
            (line.components(separatedBy: "|").dropFirst().first ?? "").groups("`([^`]+)`")
        }
    }()

    @Test func theReadmeListsEveryTargetOnce() {
        let names = Manifest().names
        for name in names {
            #expect(Self.rows.count { $0 == name } == 1, "\(name) in the README's layout")
        }
        let known = Set(names).union(Self.waiting)
        #expect(Self.rows.filter { !known.contains($0) } == [])
    }

    @Test func theReadmeListsTargetsBelowWhatTheyUse() {
        for target in Manifest().targets {
            guard let row = Self.rows.firstIndex(of: target.name) else { continue }
            for used in target.dependencies {
                let place = Self.rows.firstIndex(of: used) ?? .max
                #expect(place < row, "\(target.name) stands above \(used)")
            }
        }
    }

    @Test func theCommandsOfTheReadmeAreThere() throws {
        let makefile = try #require(Tree.file("Makefile"))
        let targets = makefile.lines.flatMap { $0.groups("^([a-z-]+):") }
        let commands = Self.readme.groups("(?:`|\\n    )make ([a-z-]+)")
        #expect(Set(["demo", "test", "bench"]).isSubset(of: commands))
        for command in commands { #expect(targets.contains(command), "make \(command)") }
    }

    @Test func theFilesOfTheReadmeAreThere() {
        let paths = Self.readme.groups("`((?:Sources|Tests|legacy|fixtures)/[A-Za-z0-9./_-]+)`")
        #expect(!paths.isEmpty)
        for path in paths {
            let found = FileManager.default.fileExists(
                atPath: Tree.root.appendingPathComponent(path).path)
            #expect(found, "\(path)")
        }
    }
}
