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

    @Option(help: "Only this reader, or these that libFuzzer is given together.")
    var parser: String?

    @Option(help: "Write the good inputs of the reader as files into this folder.")
    var seeds: String?

    @Argument(help: "Give the reader these files as they are.")
    var files: [String] = []

    @Flag(help: "Print the names of the readers.")
    var list = false

    @Flag(help: "Print the names of what libFuzzer is given.")
    var targets = false

    func run() throws {
        guard !list else { return Parser.all.forEach { print($0.name) } }
        guard !targets else { return Parser.targets.forEach { print($0.name) } }
        let all = try Files.fixtures(in: fixtures)
        let good = all.filter { !$0.isHostile }
        let fixtures = good + Fixture.packets(ofCapturesIn: good)
        var complaints = 0
        for parser in try chosen() {
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
        if parser == nil, files.isEmpty {
            for target in Parser.targets {
                let inputs = all.filter { $0.isFound(by: target) }
                complaints += Corpus(target).read(inputs.map(\.bytes)) ? 0 : 1
            }
        }
        if complaints > 0 { throw ExitCode.failure }
    }

    private func chosen() throws -> [Parser] {
        guard let parser else { return Parser.all }
        guard let found = (Parser.all + Parser.targets).first(where: { $0.name == parser }) else {
            throw ValidationError("no such reader; --list and --targets have their names")
        }
        return [found]
    }
}

extension Fixture {
    /// Whether it was made up, and once was not read as it must be.
    fileprivate var isHostile: Bool { name.hasPrefix("hostile/") }

    /// Whether it was made up for a target.
    fileprivate func isFound(by target: Parser) -> Bool {
        name.hasPrefix("hostile/\(target.name)/")
    }
}
