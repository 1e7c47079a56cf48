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
        var nodes: [NodeMap.Node]
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
        do throws(Problem) {
            try take(try ListLine.words(of: line), line.number)
        } catch {
            fail(error, line.number)
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
            guard invocation.settings.isFailFast == settings.isFailFast else {
                throw Problem(
                    .usage, "--fail-fast", "is about a whole list",
                    advice: "give it on the command line")
            }
            do throws(Problem) {
                try take(invocation, line)
            } catch {
                fail(error, line, invocation.settings)
            }
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
        let context = runner.context(invocation.settings)
        let request = try plan(context, invocation).request
        let nodes = try context.targets(invocation.verb.scope)
        // What goes out together has one connection and one time limit.
        if let last = pending.last?.invocation.settings,
            last.socketPath != invocation.settings.socketPath
                || last.timeoutSeconds != invocation.settings.timeoutSeconds
        {
            flush()
        }
        pending.append(
            Pending(line: line, invocation: invocation, request: request, nodes: nodes))
        if pending.count >= (settings.isFailFast ? 1 : Self.batch) { flush() }
    }

    /// Sends what was collected and tells what became of it.
    private func flush() {
        guard let first = pending.first else { return }
        let sent = pending
        pending = []
        let questions = sent.flatMap { one in
            one.nodes.filter { $0.flags.isConnected }.map {
                LegacySession.Question<UInt32>(.command(one.request), of: $0.pnn)
            }
        }
        do throws(Problem) {
            let context = runner.context(first.invocation.settings)
            runner.conversation.command = first.invocation.path
            var results = try context.session().ask(questions, within: context.rest)[...]
            for one in sent { finish(one, &results) }
        } catch {
            for one in sent { fail(error, one.line, one.invocation.settings) }
        }
    }

    /// Tells what became of a line; takes its results from the front.
    private func finish(
        _ one: Pending, _ results: inout ArraySlice<Result<UInt32, LegacyFailure>>
    ) {
        var done: [PNN] = []
        var failures: [LegacyFailure] = []
        for node in one.nodes {
            guard node.flags.isConnected, let result = results.popFirst() else {
                failures.append(.disconnected(node.pnn, one.request.opcode))
                continue
            }
            switch result {
            case .success: done.append(node.pnn)
            case .failure(let failure): failures.append(failure)
            }
        }
        let invocation = one.invocation
        let isTold = invocation.settings.format == .json && !isOver
        guard !failures.isEmpty else {
            lineCount += 1
            guard isTold else { return }
            runner.write(
                Runner.done(invocation, nodes: done), invocation.settings, line: one.line)
            return
        }
        do throws(Problem) {
            if done.isEmpty {
                try invocation.verb.check?(runner.context(invocation.settings), invocation)
            }
            let what = Words.join(invocation.words)
            let context = runner.context(invocation.settings)
            let problems = failures.map { context.problem($0, what) }
            guard one.nodes.count > 1 else { throw problems[0] }
            let report = Runner.done(
                invocation, isDone: false, nodes: done, problems: problems)
            runner.write(report, invocation.settings, line: one.line)
            count(report.exitCode)
        } catch {
            fail(error, one.line, invocation.settings)
        }
    }

    private func fail(_ problem: Problem, _ line: Int, _ own: Settings? = nil) {
        // Lines in front of this one have their outcome first.
        if !pending.isEmpty { flush() }
        guard !isOver else { return }
        runner.complain(problem, own ?? settings, line: line)
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
