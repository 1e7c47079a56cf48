// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb event`: event scripts of this node.
enum EventVerbs {
    static let noun = Noun(
        "event", "Event scripts of this node, which follow what happens in the cluster.",
        [status, run, EventReplayVerb.replay], nouns: [script, CallbackVerbs.noun])

    private static let component = Option(
        "component", value: Parameter("component", .text, "a folder of scripts"),
        "The folder of the scripts; legacy if not given.")

    private static func component(_ invocation: Invocation) throws(Problem) -> String {
        try name(invocation.text(ifGiven: "component") ?? "legacy")
    }

    /// A name that stays in its folder.
    private static func name(_ name: String) throws(Problem) -> String {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw Problem(.usage, "event", "\"\(CommandParser.shortened(name))\" is no name")
        }
        return name
    }

    static func ask(
        _ request: EventRequest, _ context: Context
    ) throws(Problem) -> EventReply {
        let base = try folder(context, "CTDB_BASE", "/run", "/run/ctdb")
        if let reply = try EventPeer.ask(
            request, in: base + "/tablecloth", until: context.deadline)
        {
            return reply
        }
        return try EventQuestion.ask(
            request, at: base + "/eventd.socket", until: context.deadline,
            interruption: context.conversation.interruption)
    }

    /// A folder of ctdb, which test mode moves.
    private static func folder(
        _ context: Context, _ variable: String, _ part: String, _ usual: String
    ) throws(Problem) -> String {
        guard context.surroundings.variable("CTDB_TEST_MODE") != nil else { return usual }
        guard let base = context.surroundings.variable(variable) else {
            throw Problem(.usage, "event", "CTDB_TEST_MODE is set, and \(variable) is not")
        }
        return base + part
    }

    static let status = Verb.read(
        "status", "Show how the scripts of an event went when it last ran.",
        [
            Parameter(
                "event", .text, "such as monitor or takeip; monitor if not given",
                isOptional: true)
        ],
        options: [component], scope: .none,
        schema: Schema(
            "event.status", rows: "scripts",
            [
                Column("script", .text, "its name"),
                Column("result", .text, "`ok`, `error`, `timed_out`, `cannot_run` or `disabled`"),
                Column("code", .number, "its exit code, or a negative errno"),
                Column("seconds", .real, "how long it took"),
                Column("began", .text, "when it began, UTC"),
                Column("output", .text, "what it wrote"),
            ]),
        details: "The exit code is 1 when a script failed."
    ) { context, invocation throws(Problem) in
        let component = try component(invocation)
        let event = invocation.text(ifGiven: "event") ?? "monitor"
        let request = EventStatusRequest(component: component, event: event)
        switch try ask(.status(request), context) {
        case .status(let status):
            let problems =
                status.summary == 0
                ? []
                : [
                    Problem(
                        .failed, "event \(event)",
                        EventQuestion.word(status.summary, component: component),
                        advice: "the output of the script says why")
                ]
            return Report(
                invocation.verb.schema, rows: status.scripts.map(row), problems: problems)
        case .statusFailed(let result):
            throw Problem(
                .failed, "event \(event)", EventQuestion.word(result, component: component))
        default: throw Problem(.failed, "event \(event)", "the answer is none to this question")
        }
    }

    private static func row(_ script: EventScriptResult) -> Row {
        Row(
            [
                Value(script.name), .text(EventQuestion.word(script.result)),
                .number(Int64(script.result)), seconds(script),
                Describe.moment(script.begin),
                Value(script.output.flatMap { $0.isEmpty ? nil : $0 }),
            ],
            tone: script.result == 0
                ? .good : script.result == -EventQuestion.errnoOfDisabled ? .plain : .bad)
    }

    /// How long a script took; none for one that did not end.
    static func seconds(_ script: EventScriptResult) -> Value {
        guard script.result >= 0 else { return .none }
        return .real(
            Double(script.end.seconds) - Double(script.begin.seconds)
                + (Double(script.end.microseconds) - Double(script.begin.microseconds)) / 1e6)
    }

    static let run = Verb.change(
        "run", "Run the scripts of an event now.",
        [Parameter("event", .text, "such as monitor")],
        options: [
            component,
            Option(
                "arguments", value: Parameter("text", .text, "separated by spaces"),
                "What the scripts are given."),
        ], scope: .none
    ) { context, invocation throws(Problem) in
        let component = try component(invocation)
        let event = try invocation.text("event")
        let limit = context.settings.timeoutSeconds ?? Settings.usualTimeoutOfChanges
        let request = EventRunRequest(
            component: component, event: event,
            arguments: invocation.text(ifGiven: "arguments"),
            timeoutSeconds: UInt32(clamping: limit), flags: 0)
        guard case .run(let result) = try ask(.run(request), context) else {
            throw Problem(.failed, "event \(event)", "the answer is none to this question")
        }
        guard result == 0 else {
            throw Problem(
                .failed, "run event \(event)", EventQuestion.word(result, component: component),
                advice: "ctdb event status \(event)")
        }
        return Runner.done(invocation, nodes: [])
    }

    // MARK: Scripts

    private static let scriptParameter = Parameter(
        "script", .script, "its name, without .script")

    static let script = Noun(
        "script", "The scripts that events run.",
        [
            Verb.read(
                "list", "List the scripts that there are, and which of them run.",
                options: [component], scope: .none,
                schema: Schema(
                    "event.script.list", rows: "scripts",
                    [
                        Column("script", .text, "its name"),
                        Column("enabled", .flag, "whether it runs"),
                        Column("local", .flag, "whether it is not one that ctdb brings along"),
                    ])
            ) { context, invocation throws(Problem) in
                let component = try component(invocation)
                let rows = try scripts(of: component, context).map {
                    Row(
                        [.text($0.name), .flag($0.isEnabled), .flag($0.isLocal)],
                        tone: $0.isEnabled ? .good : .plain)
                }
                return Report(invocation.verb.schema, rows: rows)
            },
            change("enable", "Have a script run.", .enable),
            change("disable", "Have a script not run any more.", .disable),
        ])

    /// An event script of this node.
    struct Script {
        var name: String
        var path: String
        var isEnabled: Bool
        /// Whether it is not one that ctdb brings along.
        var isLocal: Bool
    }

    /// The scripts of a component, in the order in which they run.
    static func scripts(
        of component: String, _ context: Context
    ) throws(Problem) -> [Script] {
        let data = try folder(context, "CTDB_BASE", "/share", "/usr/share/ctdb")
        let etc = try folder(context, "CTDB_BASE", "", "/etc/ctdb")
        let provided = scripts(in: "\(data)/events/\(component)")
        let enabled = scripts(in: "\(etc)/events/\(component)")
        guard !provided.isEmpty || !enabled.isEmpty else {
            throw Problem(.failed, "list event scripts", "there are none in \(component)")
        }
        return Set(provided + enabled).sorted().map { name in
            let own = "\(etc)/events/\(component)/\(name).script"
            return Script(
                name: name,
                path: enabled.contains(name) ? own : "\(data)/events/\(component)/\(name).script",
                isEnabled: enabled.contains(name) && Program.identity(of: own) != nil,
                isLocal: !provided.contains(name))
        }
    }

    private static func scripts(in folder: String) -> [String] {
        Program.names(in: folder).filter { $0.hasSuffix(".script") }.map { String($0.dropLast(7)) }
    }

    private static func change(
        _ verb: String, _ summary: String, _ action: EventScriptRequest.Action
    ) -> Verb {
        .change(verb, summary, [scriptParameter], options: [component], scope: .none) {
            context, invocation throws(Problem) in
            let component = try component(invocation)
            let script = try name(try invocation.text("script"))
            let request = EventScriptRequest(
                component: component, script: script, action: action)
            guard case .script(let result) = try ask(.script(request), context) else {
                throw Problem(.failed, "\(verb) \(script)", "the answer is none to this question")
            }
            guard result == 0 else {
                throw Problem(
                    .failed, "\(verb) \(script)",
                    EventQuestion.word(result, component: component),
                    advice: "ctdb event script list")
            }
            return Runner.done(invocation, nodes: [])
        }
    }
}
