// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Presentation
import Replay
import ReplayShell
import Sockets
import Vocabulary

/// `ctdb capture replay`: says again what clients said, and compares the answers.
enum ReplayVerb {
    private static func text(_ name: String, _ what: String, _ summary: String) -> Option {
        Option(name, value: Parameter(what, .text, what), summary)
    }

    private static let options = [
        text(
            "speed", "factor",
            "How fast: from 0.1 to 100 times as fast as it was, or `full`: as fast as ctdbd "
                + "answers. 1 if not given."),
        Option(
            "order", value: Parameter("order", .choice(["whole", "client"]), "whole or client"),
            "What is sent waits for all answers that came before it, or for those of its own "
                + "client only; `whole` if not given."),
        Option("twice", "Play twice, and tell differences to the capture from noise."),
        text("allow", "names", "Send these destructive controls, too; `all` allows all."),
        text("clients", "numbers", "Play only these clients, by their numbers in the capture."),
        text("controls", "names", "Play only these controls."),
        text("databases", "names", "Play only what is about these databases."),
        text("from", "seconds", "Play only what was sent so many seconds after the beginning."),
        text("until", "seconds", "Play only what was sent before so many seconds."),
        text(
            "bind-nodes", "pairs",
            "Nodes of the capture and what stands for them, such as `2=0,1=0`."),
        text(
            "bind-databases", "pairs",
            "Databases of the capture and what stands for them, such as `a.tdb=b.tdb`."),
        text(
            "bind-addresses", "pairs",
            "Public addresses of the capture and what stands for them; where there are as many, "
                + "they stand for each other in their order."),
        Option(
            "patience", value: Parameter("seconds", .number(1...3_600), "seconds"),
            "Wait so long for an answer beyond the time that it took; 10 if not given."),
        Option(
            "samples", value: Parameter("folder", .file, "a folder that is there"),
            "Write a file for each question whose answer differs, that plays it alone."),
    ]

    static let verb = Verb.change(
        "replay", "Say to ctdbd again what clients said, and compare the answers.",
        [Parameter("file", .file, "a recording of a relay")], options: options, scope: .none,
        schema: schema,
        details: "Request numbers, the instance of the cluster, databases (by name; those that "
            + "are missing are attached), the node and processes of clients are bound to those of "
            + "the daemon. What clients sent is sent in its order, and what was outstanding at the "
            + "same time is so again. Controls and messages that take something away from the "
            + "users of the cluster are left out unless they are named: "
            + DestructiveControls.names.joined(separator: ", ")
            + ". `--dry-run` shows what would be played. The exit code is 0 when all answers are "
            + "the same but for fields that may differ (see below), 1 when not.\n\nFields that may "
            + "differ: " + tolerances + "."
    ) { context, invocation throws(Problem) in
        try play(context, invocation)
    }.rehearsed { context, invocation throws(Problem) in
        try rehearse(context, invocation)
    }

    /// The fields that may differ, and why, as the code has them.
    private static var tolerances: String {
        ToleratedField.list.map { field in
            switch field.scope {
            case .every: "`\(field.path)` \(field.reason)"
            case .calls: "`\(field.path)` of calls: \(field.reason)"
            case .controls(let opcodes):
                "`\(field.path)` of \(opcodes.map { "\($0)" }.joined(separator: ", ")): "
                    + field.reason
            }
        }.joined(separator: "; ")
    }

    private static let schema = Schema(
        "capture.replay",
        facts: [
            Column("clients", .number, "clients of the capture"),
            Column("packets", .number, "what they sent"),
            Column("played", .number, "what was sent to the daemon"),
            Column("refused", .number, "destructive packets that were not sent"),
            Column("compared", .number, "answers that were compared"),
            Column("same", .number, "answers that are the same but for what may differ"),
            Column("different", .number, "answers that are not"),
            Column("missing", .number, "answers that did not come"),
            Column("noise", .number, "answers that differ between two plays; none for one play"),
            Column("captured_ms", .real, "how long it took in the capture"),
            Column("played_ms", .real, "how long it took now"),
            Column("verdict", .text, "`same`, `within_noise` or `different`"),
        ],
        tables: [
            Schema.Table(
                "differences",
                [
                    Column("packet", .text, "what was asked"),
                    Column("field", .text, "the field of the answer"),
                    Column("count", .number, "in how many answers"),
                    Column("number", .number, "the first question, by its number in the file"),
                    Column("captured", .text, "what the capture has there"),
                    Column("played", .text, "what came now"),
                    Column("tolerated", .text, "why it may differ; none when it may not"),
                    Column("sample", .text, "the file that plays it alone"),
                ]),
            Schema.Table(
                "unanswered",
                [
                    Column("packet", .text, "what was asked"),
                    Column("number", .number, "its number in the file"),
                    Column("why", .text, "why there is no answer"),
                ]),
            Schema.Table(
                "refusals",
                [
                    Column("name", .text, "the control or message, as `--allow` takes it"),
                    Column("count", .number, "how often it was not sent"),
                ]),
        ])
}

extension ReplayVerb {
    /// What is played, and how.
    struct Plan {
        var script: ReplayScript
        var choice: ReplaySelection.Choice
        var settings: ReplayMachine.Settings
        var wishes: ReplayBindings.Wishes
    }

    private static func play(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Report {
        let plan = try plan(invocation)
        let player = ReplayPlayer(socketPath: try context.conversation.socketPath(context.settings))
        do throws(ReplayError) {
            var bindings = ReplayBindings(
                plan.script, to: try player.target(within: context.rest), wishes: plan.wishes)
            try player.attach(&bindings, within: context.rest)
            let machine = ReplayMachine(
                plan.script, bindings, skipping: plan.choice.skipped, settings: plan.settings)
            let first = try player.play(machine)
            var outcome = ReplayOutcome(plan, first, bindings.gaps)
            if invocation.has("twice") {
                // The first play has changed what numbers stand for.
                let bindings = ReplayBindings(
                    plan.script, to: try player.target(within: context.rest),
                    wishes: plan.wishes)
                outcome.take(
                    second: try player.play(
                        ReplayMachine(
                            plan.script, bindings, skipping: plan.choice.skipped,
                            settings: plan.settings)))
            }
            if let folder = invocation.text(ifGiven: "samples") {
                try outcome.writeSamples(to: folder)
            }
            return outcome.report(schema)
        } catch {
            throw problem(error)
        }
    }

    private static func rehearse(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Report {
        let plan = try plan(invocation)
        let player = ReplayPlayer(socketPath: try context.conversation.socketPath(context.settings))
        do throws(ReplayError) {
            let bindings = ReplayBindings(
                plan.script, to: try player.target(within: context.rest), wishes: plan.wishes)
            return ReplaySummary(plan, bindings).report
        } catch {
            throw problem(error)
        }
    }

    private static func problem(_ error: ReplayError) -> Problem {
        switch error {
        case .daemon(let failure): Failures.problem(failure, "replay")
        case .system(let error): RecordingVerbs.problem("replay", error)
        case .file(let error): Problem(.failed, "replay", "\(error)")
        case .foreignLayout: Problem(.failed, "replay", "\(error)")
        case .noConversation:
            Problem(
                .failed, "replay", "\(error)",
                advice: "ctdb capture start --relay records clients")
        }
    }

    // MARK: Options

    private static func plan(_ invocation: Invocation) throws(Problem) -> Plan {
        let path = try invocation.text("file")
        let script: ReplayScript
        do throws(ReplayError) {
            script = try ScriptFile.read(path)
        } catch {
            throw problem(error)
        }
        var settings = ReplayMachine.Settings()
        settings.pace = try pace(invocation)
        if invocation.text(ifGiven: "order") == "client" { settings.order = .client }
        if let seconds = invocation.number(ifGiven: "patience") {
            settings.patienceMilliseconds = seconds * 1_000
        }
        return Plan(
            script: script, choice: try selection(invocation, script).choose(script),
            settings: settings, wishes: try wishes(invocation))
    }

    private static func pace(_ invocation: Invocation) throws(Problem) -> ReplayMachine.Pace {
        guard let text = invocation.text(ifGiven: "speed") else { return .times(1) }
        if text == "full" { return .asAnswered }
        let number = text.hasPrefix("x") ? text.dropFirst() : text[...]
        guard let factor = Double(number), (0.1...100).contains(factor) else {
            throw Problem(
                .usage, "--speed", "\"\(text)\" is neither a factor from 0.1 to 100 nor full")
        }
        return .times(factor)
    }

    private static func words(_ invocation: Invocation, _ option: String) -> [String]? {
        invocation.text(ifGiven: option)?.split(separator: ",").map(String.init)
    }

    private static func selection(
        _ invocation: Invocation, _ script: ReplayScript
    ) throws(Problem) -> ReplaySelection {
        var selection = ReplaySelection()
        for word in words(invocation, "allow") ?? [] {
            if word == "all" {
                selection.allowed.formUnion(DestructiveControls.names)
            } else if let name = DestructiveControls.name(of: word) {
                selection.allowed.insert(name)
            } else {
                throw Problem(
                    .usage, "--allow", "\"\(word)\" is nothing that is refused",
                    advice: "ctdb capture replay --help lists what is")
            }
        }
        if let numbers = words(invocation, "clients") {
            selection.clients = Set(
                try numbers.map { text throws(Problem) in
                    guard let number = Int(text) else {
                        throw Problem(.usage, "--clients", "\"\(text)\" is no number")
                    }
                    return number
                })
        }
        if let names = words(invocation, "controls") {
            selection.controls = Set(
                try names.map { text throws(Problem) in
                    guard let opcode = ReplaySelection.control(named: text) else {
                        throw Problem(.usage, "--controls", "\"\(text)\" is no control")
                    }
                    return "\(opcode)"
                })
        }
        if let names = words(invocation, "databases") {
            selection.databases = []
            for text in names {
                let found = script.databases.filter { $0.value.name == text }.keys
                guard !found.isEmpty else {
                    throw Problem(
                        .usage, "--databases", "the capture names no database \"\(text)\"")
                }
                selection.databases?.formUnion(found)
            }
        }
        selection.from = try seconds(invocation, "from")
        selection.until = try seconds(invocation, "until")
        return selection
    }

    private static func seconds(
        _ invocation: Invocation, _ option: String
    ) throws(Problem) -> Int64? {
        guard let text = invocation.text(ifGiven: option) else { return nil }
        guard let number = Double(text), (0...1e9).contains(number) else {
            throw Problem(.usage, "--\(option)", "\"\(text)\" is no number of seconds")
        }
        return Int64(number * 1e9)
    }

    private static func wishes(
        _ invocation: Invocation
    ) throws(Problem) -> ReplayBindings.Wishes {
        var wishes = ReplayBindings.Wishes()
        for (first, second) in try pairs(invocation, "bind-nodes") {
            guard let one = UInt32(first), let other = UInt32(second),
                PNN(rawValue: one).isNode, PNN(rawValue: other).isNode
            else { throw Problem(.usage, "--bind-nodes", "\"\(first)=\(second)\": not two nodes") }
            wishes.nodes[PNN(rawValue: one)] = PNN(rawValue: other)
        }
        for (first, second) in try pairs(invocation, "bind-databases") {
            wishes.databases[first] = second
        }
        for (first, second) in try pairs(invocation, "bind-addresses") {
            guard let one = SocketAddress(text: first), let other = SocketAddress(text: second)
            else {
                throw Problem(
                    .usage, "--bind-addresses", "\"\(first)=\(second)\": not two addresses")
            }
            wishes.addresses[one] = other
        }
        return wishes
    }

    private static func pairs(
        _ invocation: Invocation, _ option: String
    ) throws(Problem) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for word in words(invocation, option) ?? [] {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw Problem(.usage, "--\(option)", "\"\(word)\" is not a pair with =")
            }
            pairs.append((String(parts[0]), String(parts[1])))
        }
        return pairs
    }
}
