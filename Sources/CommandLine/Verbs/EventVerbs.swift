// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Presentation
import Vocabulary

/// `ctdb event`: event scripts of this node.
enum EventVerbs {
    static let noun = Noun(
        "event", "Event scripts of this node, which follow what happens in the cluster.",
        [status, run, EventReplayVerb.replay], nouns: [EventScriptVerbs.noun, CallbackVerbs.noun])

    static let component = Option(
        "component", value: Parameter("component", .text, "a folder of scripts"),
        "The folder of the scripts; legacy if not given.")

    static func component(_ invocation: Invocation) throws(Problem) -> String {
        try name(invocation.text(ifGiven: "component") ?? "legacy")
    }

    /// A name that stays in its folder.
    static func name(_ name: String) throws(Problem) -> String {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw Problem(.usage, "event", "\"\(CommandParser.shortened(name))\" is no name")
        }
        return name
    }

    static func ask(
        _ request: EventRequest, _ context: Context
    ) throws(Problem) -> EventReply {
        let base = try folder(context, "/run", "/run/ctdb")
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
    static func folder(
        _ context: Context, _ part: String, _ usual: String
    ) throws(Problem) -> String {
        guard context.surroundings.variable("CTDB_TEST_MODE") != nil else { return usual }
        guard let base = context.surroundings.variable("CTDB_BASE") else {
            throw Problem(.usage, "event", "CTDB_TEST_MODE is set, and CTDB_BASE is not")
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
}
