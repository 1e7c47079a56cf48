// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import HostileBytes

#if !FUZZING
    /// Where it begins; libFuzzer has a beginning of its own.
    @main
    enum Program {
        static func main() { Command.main() }
    }
#endif

/// Makes good bytes lie in every way, and looks at what their readers make of them.
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-mutate",
        abstract: "Give readers of bytes from outside the fixtures, made to lie in every way.",
        discussion: "What must be true of a reader is in Tests/HostileBytes.")

    @Option(help: "The folder of the fixtures.")
    var fixtures = "fixtures"

    @Option(help: "Only this reader.")
    var parser: String?

    @Option(help: "Write the good inputs of the reader as files into this folder.")
    var seeds: String?

    @Argument(help: "Give the reader these files as they are.")
    var files: [String] = []

    @Flag(help: "Print the names of the readers.")
    var list = false

    func run() throws {
        guard !list else { return Parser.all.forEach { print($0.name) } }
        let parsers = Parser.all.filter { parser == nil || $0.name == parser }
        guard !parsers.isEmpty else {
            throw ValidationError("no such reader; --list has their names")
        }
        let fixtures = try Files.fixtures(in: fixtures)
        var complaints = 0
        for parser in parsers {
            if let seeds {
                try Files.write(parser.seeds(fixtures), into: seeds)
            } else if !files.isEmpty {
                for file in files {
                    let finding = parser.examine(try Files.read(file)[...], .counting)
                    print("\(file): \(finding)")
                    if finding.complaint != nil { complaints += 1 }
                }
            } else {
                complaints += Corpus(parser).run(parser.seeds(fixtures)) ? 0 : 1
            }
        }
        if complaints > 0 { throw ExitCode.failure }
    }
}
