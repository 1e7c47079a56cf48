// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// Runs commands of the new structure and writes what they give.
public final class Runner {
    let structure: Structure
    var surroundings: Surroundings
    let conversation: Conversation
    /// False as soon as nobody reads what is written.
    private(set) var isRead = true

    /// Makes a runner; nothing is connected to yet.
    public init(_ structure: Structure, _ surroundings: Surroundings) {
        self.structure = structure
        self.surroundings = surroundings
        conversation = Conversation(surroundings)
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
            if invocation.mayHaveList, !surroundings.isInputTerminal {
                // Whoever pipes nodes into a command does not mean the local one.
                let first = surroundings.input()
                if !first.isEmpty {
                    return try ListRunner(self, base: invocation.path, invocation.settings)
                        .run(first)
                }
            }
            return runOrWatch(invocation)
        case .list(let invocation):
            guard !surroundings.isInputTerminal else {
                let missing = invocation.verb.parameters.first { !$0.isOptional }
                throw Problem(
                    .usage, invocation.path.joined(separator: " "),
                    "\(missing?.placeholder ?? "an argument") is missing",
                    advice: "usage: \(HelpText.synopsis(invocation.verb, invocation.path)); "
                        + "a list may come from standard input")
            }
            return try ListRunner(self, base: invocation.path, invocation.settings).run()
        case .commands(let path, let settings):
            if surroundings.isInputTerminal {
                return Prompt(self, path: path, settings).run()
            }
            return try ListRunner(self, base: path, settings).run()
        }
    }

    /// Runs a verb once and writes its report.
    ///
    /// - Returns: the exit code.
    func run(_ invocation: Invocation, line: Int? = nil) -> Int32 {
        do throws(Problem) {
            if case .reports(let function) = invocation.verb.action {
                return try follow(invocation, function, line: line)
            }
            if case .lines(let function) = invocation.verb.action {
                let problems = try function(context(invocation.settings), invocation) { text in
                    write(text)
                    return isRead
                }
                for problem in problems { complain(problem, invocation.settings, line: line) }
                return Report.exitCode(of: problems)
            }
            let report = try report(invocation)
            write(report, invocation.settings, line: line, of: invocation)
            return report.exitCode
        } catch {
            complain(error, invocation.settings, line: line)
            return error.kind.rawValue
        }
    }

    /// Writes the reports of a verb as they come.
    private func follow(
        _ invocation: Invocation,
        _ function: (Context, Invocation, (Report) -> Bool) throws(Problem) -> Void, line: Int?
    ) throws(Problem) -> Int32 {
        var problems: [Problem] = []
        let context = context(invocation.settings)
        try function(context, invocation) { report in
            problems = report.problems
            write(report, invocation.settings, line: line, of: invocation)
            return isRead
        }
        return Report.exitCode(of: problems)
    }

    /// What a command has to work with.
    func context(_ settings: Settings) -> Context {
        Context(conversation, surroundings, settings, structure)
    }

    /// Does what a verb does.
    func report(_ invocation: Invocation) throws(Problem) -> Report {
        conversation.command = invocation.path
        var settings = invocation.settings
        if settings.timeoutSeconds == nil, invocation.verb.effect == .changes {
            settings.timeoutSeconds = Settings.usualTimeoutOfChanges
        }
        let context = context(settings)
        let isRehearsal = invocation.settings.isDryRun && invocation.verb.effect == .changes
        if isRehearsal, !invocation.verb.tellsItsSteps {
            return try rehearse(context, invocation)
        }
        switch invocation.verb.action {
        case .reports, .lines:
            throw Problem(
                .usage, invocation.path.joined(separator: " "), "it goes on until interrupted")
        case .report(let function):
            try invocation.verb.check?(context, invocation)
            return try function(context, invocation)
        case .control(let plan):
            let plan = try plan(context, invocation)
            let report = try Self.change(
                context, invocation, plan.request, on: context.targets(invocation.verb.scope))
            // A control is cheap to try; why it was refused is asked when it was.
            if !report.problems.isEmpty, !Self.isSomeDone(report) {
                try invocation.verb.check?(context, invocation)
            }
            return report
        }
    }

    /// Has each of some nodes do the same.
    static func change(
        _ context: Context, _ invocation: Invocation, _ request: ControlRequest,
        on nodes: [NodeMap.Node]
    ) throws(Problem) -> Report {
        var done: [PNN] = []
        var problems: [Problem] = []
        for answered in try context.ask(.command(request), ofEach: nodes) {
            switch answered.result {
            case .success: done.append(answered.node.pnn)
            case .failure(let failure): problems.append(context.problem(failure))
            }
        }
        return Self.done(invocation, isDone: problems.isEmpty, nodes: done, problems: problems)
    }

    /// Looks as the real run would, and says what that would do.
    private func rehearse(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Report {
        let verb = invocation.verb
        if let rehearsal = verb.rehearsal { return try rehearsal(context, invocation) }
        if case .control(let plan) = verb.action { _ = try plan(context, invocation) }
        var nodes: [NodeMap.Node] = []
        if verb.parameters.contains(where: { $0.kind == .nodes }) {
            nodes = try NodeChangeVerbs.meant(context, invocation)
        } else if let node = invocation.node(ifGiven: "node") {
            nodes = try context.these([node])
        } else if verb.scope != .none {
            nodes = try context.targets(verb.scope)
        }
        for node in nodes where !node.flags.isConnected {
            throw Context.disconnected(node.pnn, invocation.path.joined(separator: " "))
        }
        try verb.check?(context, invocation)
        return Self.done(invocation, isDone: false, nodes: nodes.map(\.pnn))
    }

    /// The report of a verb that changes something.
    static func done(
        _ invocation: Invocation, isDone: Bool = true, nodes: [PNN], problems: [Problem] = [],
        notes: [String] = []
    ) -> Report {
        Report(
            .done,
            facts: [
                .text(Words.join(invocation.words.filter { $0 != "--dry-run" })),
                .flag(isDone), .list(nodes.map { .number($0.rawValue) }),
            ], problems: Context.settled(problems, isSomeDone: !nodes.isEmpty), notes: notes)
    }

    /// What a report says is done, or would be: `disable node 2`.
    private static func sentence(_ report: Report, _ invocation: Invocation) -> String {
        guard case .text(let action)? = report.facts.first,
            case .list(let nodes)? = report.facts.last
        else { return "" }
        let numbers = nodes.compactMap { node -> String? in
            if case .number(let number) = node { "\(number)" } else { nil }
        }
        let place =
            numbers.isEmpty
            ? "" : "\(numbers.count == 1 ? "node" : "nodes") \(numbers.joined(separator: ", "))"
        if invocation.path.first == "node", !place.isEmpty, invocation.path.count == 2,
            invocation.verb.parameters.allSatisfy({ $0.kind == .nodes })
        {
            return "\(invocation.verb.name) \(place)"
        }
        return "run ctdb \(Plain.line(action))" + (place.isEmpty ? "" : " on \(place)")
    }

    // MARK: Writing

    /// Writes a report; what went wrong goes to standard error, or into the JSON.
    func write(
        _ report: Report, _ settings: Settings, line: Int? = nil, of invocation: Invocation? = nil
    ) {
        switch settings.format {
        case .json: write(JSONText.render(report, line: line) + "\n")
        case .porcelain: write(PorcelainText.render(report))
        case .table:
            if report.schema == .done {
                // A script sees by the exit code that what it asked for is done.
                if settings.isDryRun, let invocation {
                    write("would \(Self.sentence(report, invocation))\n")
                } else if surroundings.isOutputTerminal, let invocation, Self.isSomeDone(report) {
                    write("done: \(Self.sentence(report, invocation))\n")
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

    private static func isSomeDone(_ report: Report) -> Bool {
        if case .list(let nodes)? = report.facts.last, !nodes.isEmpty { return true }
        return report.facts.dropFirst().first == .flag(true)
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

    /// Runs a verb once, or as often as it says.
    func runOrWatch(_ invocation: Invocation) -> Int32 {
        guard let pause = invocation.settings.watchSeconds else { return run(invocation) }
        return watch(invocation, pause: pause)
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
