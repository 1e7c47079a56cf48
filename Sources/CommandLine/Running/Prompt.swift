// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Presentation
import Vocabulary

/// The interactive command line: a prompt that shows the node and the noun one is in.
final class Prompt {
    private let runner: Runner
    private var path: [String]
    private let settings: Settings
    private lazy var completer = Completer(runner.structure, runner.conversation, settings)

    init(_ runner: Runner, path: [String], _ settings: Settings) {
        self.runner = runner
        self.path = path
        self.settings = settings
    }

    /// Reads and runs lines until there are no more.
    ///
    /// - Returns: the exit code: 0, or what is wrong with the terminal.
    func run() -> Int32 {
        guard
            let editor = LineEditor(
                program: "ctdb", historyPath: historyPath,
                completer: { [unowned self] in complete($0) })
        else {
            runner.write(HelpText.text(.top, runner.structure))
            return Problem.Kind.usage.rawValue
        }
        runner.write("Type help for what there is, exit or Control-D to leave.\n")
        while runner.isRead {
            switch editor.read(prompt: prompt()) {
            case .end:
                runner.write("\n")
                return 0
            case .interrupted: continue
            case .line(let line):
                let trimmed = line.filter { $0 != "\r" }
                guard trimmed.contains(where: { $0 != " " && $0 != "\t" }) else { continue }
                editor.remember(trimmed)
                guard run(trimmed) else { return 0 }
            }
        }
        return 0
    }

    private var historyPath: String? {
        if let path = runner.surroundings.variable("CTDB_HISTORY") {
            return path.isEmpty ? nil : path
        }
        return runner.surroundings.variable("HOME").map { $0 + "/.ctdb_history" }
    }

    private func prompt() -> String {
        var quick = settings
        quick.timeoutSeconds = 1
        let context = Context(runner.conversation, runner.surroundings, quick)
        let node = (try? context.session().pnn).map { "node \($0)" } ?? "no ctdbd"
        return (["ctdb", "[\(node)]"] + path).joined(separator: " ") + "> "
    }

    private func complete(_ before: String) -> LineEditor.Completion {
        let answer = completer.complete(before, under: path)
        if !answer.insertion.isEmpty { return .insert(answer.insertion) }
        return answer.candidates.isEmpty
            ? .nothing : .show(answer.candidates.joined(separator: "  "))
    }

    /// Runs a line; false when it says to leave.
    private func run(_ line: String) -> Bool {
        do throws(Problem) {
            let words = try Words.split(line)
            switch words.first {
            case nil: return true
            case "exit", "quit": return false
            case "help", "?": help(Array(words.dropFirst()))
            case "..":
                path = Array(path.dropLast())
            case "/":
                path = []
            default: try run(words)
            }
        } catch {
            runner.complain(error, settings, line: nil)
        }
        return true
    }

    private func help(_ words: [String]) {
        let (place, _) = runner.structure.find(words, from: path)
        runner.write(HelpText.text(place, runner.structure))
        if path.isEmpty, words.isEmpty {
            runner.write("A noun alone enters it; .. leaves it, / leaves all.\n")
        }
    }

    private func run(_ words: [String]) throws(Problem) {
        let parser = CommandParser(structure: runner.structure)
        let isTop = runner.structure.words.contains(words[0])
        let isHere = !isUnknown(words, under: path)
        let base = isHere || !isTop ? path : []
        switch try parser.parse(words, under: base, settings: settings) {
        case .help(let place): runner.write(HelpText.text(place, runner.structure))
        case .run(let invocation):
            runner.interruptible { _ = runner.runOrWatch(invocation) }
        case .list(let invocation):
            throw Problem(
                .usage, invocation.path.joined(separator: " "), "an argument is missing",
                advice: "usage: \(HelpText.synopsis(invocation.verb, invocation.path))")
        case .commands(let path, _): self.path = path
        }
    }

    private func isUnknown(_ words: [String], under path: [String]) -> Bool {
        if case .unknown = runner.structure.find(Array(words.prefix(1)), from: path).place {
            return true
        }
        return false
    }
}
