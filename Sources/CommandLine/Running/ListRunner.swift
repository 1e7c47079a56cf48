// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// Runs what comes in lines: commands under a noun, or arguments of a verb.
///
/// What can be done by one control is collected, and goes out together: ten thousand lines need
/// one connection and few round trips. Order is kept, and each line has its own outcome.
final class ListRunner {
    /// So many lines are on their way at once.
    private static let batch = 1_024

    private struct Pending {
        var line: Int
        var invocation: Invocation
        var request: ControlRequest
        var node: PNN
    }

    private let runner: Runner
    private let base: [String]
    private let settings: Settings
    private var pending: [Pending] = []
    private var lineCount = 0
    private var isEmpty = true
    private var failedCount = 0
    private var kinds: Set<Int32> = []

    init(_ runner: Runner, base: [String], _ settings: Settings) {
        self.runner = runner
        self.base = base
        self.settings = settings
    }

    /// Whether the list has come to an early end.
    private var isOver: Bool { (settings.isFailFast && failedCount > 0) || !runner.isRead }

    /// Runs all lines.
    ///
    /// - Parameter first: what was read already; none when nothing was.
    /// - Returns: 0 when all were done, the code of the only kind of failure, or 1.
    /// - Throws: that there was no line.
    func run(_ first: [UInt8] = []) throws(Problem) -> Int32 {
        var splitter = LineSplitter()
        var first = first
        while !isOver {
            let bytes = first.isEmpty ? runner.surroundings.input() : first
            first = []
            if bytes.isEmpty {
                if let last = splitter.end() { take(last) }
                break
            }
            for line in splitter.append(bytes) where !isOver { take(line) }
            // Whoever writes line by line waits for the outcome of what has come so far.
            flush()
        }
        flush()
        if isEmpty { throw nothing() }
        if failedCount > 0, settings.format != .json {
            let rest = isOver ? "; the rest was not looked at" : ""
            runner.surroundings.error(
                "ctdb: \(failedCount) of \(lineCount) lines failed\(rest)\n")
        }
        guard let first = kinds.first else { return 0 }
        return kinds.count == 1 ? first : Problem.Kind.failed.rawValue
    }

    /// That neither the command line nor standard input says what to do.
    private func nothing() -> Problem {
        let what = base.joined(separator: " ")
        guard case .verb(let verb, let path) = runner.structure.find(base).place else {
            return Problem(
                .usage, what, "a verb is missing, and standard input is empty",
                advice: "usage: \((["ctdb"] + base).joined(separator: " ")) "
                    + "\(base.isEmpty ? "NOUN " : "")VERB [ARGUMENTS] [OPTIONS]; "
                    + "\((["ctdb"] + base).joined(separator: " ")) --help")
        }
        let missing = verb.parameters.first { !$0.isOptional }
        return Problem(
            .usage, what,
            "\(missing?.placeholder ?? "an argument") is missing, and standard input is empty",
            advice: "usage: \(HelpText.synopsis(verb, path))")
    }

    private func take(_ line: LineSplitter.Line) {
        switch line.content {
        case .text(let text):
            do throws(Problem) {
                try take(try Words.split(text), line.number)
            } catch {
                fail(error, line.number)
            }
        case .tooLong(let count):
            fail(
                Problem(
                    .usage, "", "a line of \(count) bytes; the limit is \(LineSplitter.lineLimit)"),
                line.number)
        case .notText: fail(Problem(.usage, "", "the line is not UTF-8"), line.number)
        }
    }

    private func take(_ words: [String], _ line: Int) throws(Problem) {
        guard !words.isEmpty else { return }
        isEmpty = false
        let parser = CommandParser(structure: runner.structure)
        switch try parser.parse(words, under: base, settings: settings) {
        case .run(let invocation):
            guard invocation.settings.watchSeconds == nil else {
                throw Problem(.usage, "--watch", "has no meaning in a list")
            }
            try take(invocation, line)
        case .help(let place):
            flush()
            runner.write(HelpText.text(place, runner.structure))
        case .list(let invocation):
            let missing = invocation.verb.parameters.first { !$0.isOptional }
            throw Problem(
                .usage, invocation.path.joined(separator: " "),
                "\(missing?.placeholder ?? "an argument") is missing")
        case .commands(let path, _):
            throw Problem(.usage, path.joined(separator: " "), "a verb is missing")
        }
    }

    private func take(_ invocation: Invocation, _ line: Int) throws(Problem) {
        guard case .control(let plan) = invocation.verb.action, !invocation.settings.isDryRun
        else {
            flush()
            guard !isOver else { return }
            count(runner.run(invocation, line: line))
            return
        }
        let context = Context(runner.conversation, runner.surroundings, invocation.settings)
        let request = try plan(context, invocation).request
        let node = try context.target()
        pending.append(
            Pending(line: line, invocation: invocation, request: request, node: node))
        if pending.count >= (settings.isFailFast ? 1 : Self.batch) { flush() }
    }

    /// Sends what was collected and tells what became of it.
    private func flush() {
        guard !pending.isEmpty else { return }
        let sent = pending
        pending = []
        let context = Context(runner.conversation, runner.surroundings, settings)
        do throws(Problem) {
            let session = try context.session()
            let results = session.ask(
                sent.map { LegacySession.Question(.command($0.request), of: $0.node) },
                within: context.rest)
            for (one, result) in zip(sent, results) {
                switch result {
                case .success:
                    lineCount += 1
                    guard settings.format == .json else { continue }
                    runner.write(
                        Runner.done(one.invocation, nodes: [one.node]), settings, line: one.line)
                case .failure(let failure):
                    do throws(Problem) {
                        let context = Context(
                            runner.conversation, runner.surroundings, one.invocation.settings)
                        try one.invocation.verb.check?(context, one.invocation)
                        fail(
                            Failures.problem(failure, Words.join(one.invocation.words)), one.line)
                    } catch {
                        fail(error, one.line)
                    }
                }
            }
        } catch {
            for one in sent { fail(error, one.line) }
        }
    }

    private func fail(_ problem: Problem, _ line: Int) {
        // Lines in front of this one have their outcome first.
        if !pending.isEmpty { flush() }
        guard !isOver else { return }
        runner.complain(problem, settings, line: line)
        count(problem.kind.rawValue)
    }

    private func count(_ code: Int32) {
        isEmpty = false
        lineCount += 1
        guard code != 0 else { return }
        failedCount += 1
        kinds.insert(code)
    }
}
