// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// Runs commands of the new structure and writes what they give.
public final class Runner {
    let structure: Structure
    let surroundings: Surroundings
    let conversation: Conversation
    /// False as soon as nobody reads what is written.
    private(set) var isRead = true

    /// Makes a runner; nothing is connected to yet.
    public init(_ structure: Structure, _ surroundings: Surroundings) {
        self.structure = structure
        self.surroundings = surroundings
        conversation = Conversation(variable: surroundings.variable)
    }

    /// Runs a command line.
    ///
    /// - Parameter words: without the name of the program.
    /// - Returns: the exit code.
    public func run(_ words: [String]) -> Int32 {
        let parser = CommandParser(structure: structure)
        do throws(Problem) {
            return try run(try parser.parse(words))
        } catch {
            // An error is JSON for those who asked for JSON, even when the words make no sense.
            var settings = Settings()
            settings.format = words.contains("--json") ? .json : .table
            complain(error, settings, line: nil)
            return error.kind.rawValue
        }
    }

    private func run(_ request: CommandParser.Request) throws(Problem) -> Int32 {
        switch request {
        case .help(let place):
            write(HelpText.text(place, structure))
            return 0
        case .run(let invocation):
            guard let pause = invocation.settings.watchSeconds else {
                return run(invocation)
            }
            return watch(invocation, pause: pause)
        case .list(let invocation):
            guard !surroundings.isInputTerminal else {
                let missing = invocation.verb.parameters.first { !$0.isOptional }
                throw Problem(
                    .usage, invocation.path.joined(separator: " "),
                    "\(missing?.placeholder ?? "an argument") is missing",
                    advice: "usage: \(HelpText.synopsis(invocation.verb, invocation.path)); "
                        + "a list may come from standard input")
            }
            return ListRunner(self, base: invocation.path, invocation.settings).run()
        case .commands(let path, let settings):
            if surroundings.isInputTerminal {
                return Prompt(self, path: path, settings).run()
            }
            return ListRunner(self, base: path, settings).run()
        }
    }

    /// Runs a verb once and writes its report.
    ///
    /// - Returns: the exit code.
    func run(_ invocation: Invocation, line: Int? = nil) -> Int32 {
        do throws(Problem) {
            let report = try report(invocation)
            write(report, invocation.settings, line: line)
            return report.exitCode
        } catch {
            complain(error, invocation.settings, line: line)
            return error.kind.rawValue
        }
    }

    /// Does what a verb does.
    func report(_ invocation: Invocation) throws(Problem) -> Report {
        var settings = invocation.settings
        if settings.timeoutSeconds == nil, invocation.verb.effect == .changes {
            settings.timeoutSeconds = Settings.usualTimeoutOfChanges
        }
        let context = Context(conversation, surroundings, settings, structure)
        if invocation.settings.isDryRun, invocation.verb.effect == .changes {
            if case .control(let plan) = invocation.verb.action {
                _ = try plan(context, invocation)
            }
            return Self.done(invocation, isDone: false, nodes: [])
        }
        switch invocation.verb.action {
        case .report(let function): return try function(context, invocation)
        case .control(let plan):
            let plan = try plan(context, invocation)
            let nodes = try context.targets(invocation.verb.scope)
            var done: [PNN] = []
            var problems: [Problem] = []
            for answered in try context.ask(.command(plan.request), ofEach: nodes) {
                switch answered.result {
                case .success: done.append(answered.node.pnn)
                case .failure(let failure):
                    problems.append(Context.problem(failure, among: nodes.count))
                }
            }
            return Self.done(invocation, isDone: !done.isEmpty, nodes: done, problems: problems)
        }
    }

    /// The report of a verb that changes something.
    static func done(
        _ invocation: Invocation, isDone: Bool = true, nodes: [PNN], problems: [Problem] = [],
        notes: [String] = []
    ) -> Report {
        Report(
            .done,
            facts: [
                .text(Words.join(invocation.words)), .flag(isDone),
                .list(nodes.map { .number($0.rawValue) }),
            ], problems: problems, notes: notes)
    }

    // MARK: Writing

    /// Writes a report; what went wrong goes to standard error, or into the JSON.
    func write(_ report: Report, _ settings: Settings, line: Int? = nil) {
        switch settings.format {
        case .json: write(JSONText.render(report, line: line) + "\n")
        case .porcelain: write(PorcelainText.render(report))
        case .table:
            if report.schema == .done {
                // What was asked for is done: there is nothing to say but in a dry run.
                if settings.isDryRun, case .text(let action)? = report.facts.first {
                    write("would do: ctdb \(Plain.line(action))\n")
                }
                for note in report.notes { write(Plain.line(note) + "\n") }
            } else {
                let isColourful =
                    settings.hasColour
                    ?? (surroundings.isOutputTerminal && surroundings.variable("NO_COLOR") == nil
                        && surroundings.variable("TERM") != "dumb")
                let width = surroundings.isOutputTerminal ? surroundings.width() : nil
                write(TableText(width: width, hasColour: isColourful).render(report))
            }
        }
        guard settings.format != .json else { return }
        for problem in report.problems { complain(problem, settings, line: line) }
    }

    /// Writes why there is no report.
    func complain(_ problem: Problem, _ settings: Settings, line: Int?) {
        if settings.format == .json {
            write(JSONText.render(problem, line: line) + "\n")
        } else {
            let place = line.map { "line \($0): " } ?? ""
            surroundings.error("ctdb: \(place)\(problem)\n")
        }
    }

    /// Writes to standard output.
    func write(_ text: String) {
        if isRead { isRead = surroundings.output(text) }
    }

    /// Runs a verb again and again.
    private func watch(_ invocation: Invocation, pause: UInt64) -> Int32 {
        var code: Int32 = 0
        repeat {
            if invocation.settings.format == .table {
                let text = "every \(pause) s: ctdb \(Words.join(invocation.words))\n\n"
                write((surroundings.isOutputTerminal ? "\u{1B}[H\u{1B}[2J" : "") + text)
            }
            code = run(invocation)
            if invocation.settings.format != .json { write("\n") }
        } while isRead && surroundings.pause(pause)
        return code
    }
}
