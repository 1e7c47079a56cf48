// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import CallbackCore
import PeerWire
import Presentation
import XDR

/// `ctdb event callback`: the programs that ctdb-clusterd of this node tells of changes.
enum CallbackVerbs {
    static let noun = Noun(
        "callback", "Programs that are told when something has another state.", [list, states])

    private static func ask<Reply: XDRCodable>(
        _ procedure: UInt32, _ type: Reply.Type, _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Reply {
        let directory =
            invocation.text(ifGiven: "run-directory") ?? ProxyQuestion.usualDirectory
        let answers = DaemonQuestions.ask(
            [.init(node: nil, service: .cluster, procedure: procedure)], directory: directory,
            within: context.rest)
        switch answers.first {
        case .success(let payload)?:
            do throws(WireError) { return try Reply.decode(payload) } catch {
                throw Problem(
                    .failed, "ask ctdb-clusterd", "the answer cannot be read: \(error)")
            }
        case .failure(let silence)?:
            throw Problem(
                .notConnected, "ask ctdb-clusterd", silence.why,
                advice: "systemctl start ctdb-clusterd; --run-directory names another directory")
        case nil: throw Problem(.failed, "ask ctdb-clusterd", "it was not asked")
        }
    }

    private static let topic = Column(
        "topic", .text, "`node`, `leader`, `address`, `service` or `stage`")
    private static let subject = Column("subject", .text, "which one")

    static let list = Verb.read(
        "list", "Show the registered programs, what each has been told, and what failed.",
        options: [ProxyVerbs.directory], scope: .none,
        schema: Schema(
            "event.callback.list",
            tables: [
                Schema.Table(
                    "callbacks",
                    [
                        Column("callback", .text, "its name in the configuration"),
                        Column("program", .text, "the program"),
                        Column("on", .words, "what it is told of"),
                        Column("timeout", .real, "how long it may take, in seconds"),
                    ]),
                Schema.Table(
                    "runs",
                    [
                        Column("callback", .text, "its name in the configuration"), topic, subject,
                        Column("told", .text, "the state that it is told, or has been"),
                        Column(
                            "state", .text,
                            "`done`, `running`, `waiting`, `retrying` or `given_up`"),
                        Column("runs", .number, "how often it was run"),
                        Column("failures", .number, "runs that failed, of this state"),
                        Column(
                            "passed_over", .number, "states that it was not told for later ones"),
                        Column("ended", .text, "when it last ended, UTC"),
                        Column("problem", .text, "what was wrong then"),
                        Column("output", .text, "what it printed then"),
                    ]),
            ]),
        details: "Programs are registered in ctdb.conf.d, each in a section [callback NAME]."
    ) { context, invocation throws(Problem) in
        let reply = try ask(
            PeerProtocol.clusterCallbacks, CallbacksReply.self, context, invocation)
        let callbacks = reply.callbacks.map { one in
            Row([
                .text(one.name), .text(one.program), .words(one.topics.map(\.name)),
                .real(Double(one.timeoutMilliseconds) / 1000),
            ])
        }
        let runs = reply.statuses.map { one in
            let output = String(decoding: one.output, as: UTF8.self)
            return Row(
                [
                    .text(one.name), .text(one.topic.name), .text(one.subject), .text(one.told),
                    .text(word(one.state)), .unsigned(one.runs), .number(one.failures),
                    .unsigned(one.passedOver), StageVerbs.moment(one.ended),
                    Value(one.problem.isEmpty ? nil : one.problem),
                    Value(output.isEmpty ? nil : output),
                ], tone: tone(one.state))
        }
        return Report(invocation.verb.schema, tables: [callbacks, runs])
    }

    static let states = Verb.read(
        "states", "Show the states that programs are told of.", options: [ProxyVerbs.directory],
        scope: .none,
        schema: Schema(
            "event.callback.states", rows: "states",
            [
                topic, subject, Column("state", .text, "its state now"),
                Column("since", .text, "since when, UTC"),
                Column("details", .objects, "more, by topic: `name` and `value`"),
            ])
    ) { context, invocation throws(Problem) in
        let reply = try ask(PeerProtocol.clusterStates, StatesReply.self, context, invocation)
        return Report(
            invocation.verb.schema,
            rows: reply.states.map { one in
                Row([
                    .text(one.topic.name), .text(one.subject), .text(one.state),
                    StageVerbs.moment(one.time),
                    .list(
                        one.details.map {
                            .object([
                                Field("name", .text($0.name)), Field("value", .text($0.value)),
                            ])
                        }),
                ])
            })
    }

    private static func word(_ state: CallbackState) -> String {
        switch state {
        case .waiting: "waiting"
        case .running: "running"
        case .done: "done"
        case .retrying: "retrying"
        case .givenUp: "given_up"
        case .unknown(let number): "unknown_\(number)"
        }
    }

    private static func tone(_ state: CallbackState) -> Row.Tone {
        switch state {
        case .done: .good
        case .waiting, .running: .plain
        case .retrying: .warning
        case .givenUp, .unknown: .bad
        }
    }
}
