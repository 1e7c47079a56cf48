// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// `ctdb service`: the services that event scripts start, stop and watch on this node.
enum ServiceVerbs {
    static let noun = Noun(
        "service", "Services of this node, which event scripts start, stop and watch.",
        [list, status])

    /// Longer files are no scripts.
    private static let limit = 1 << 20
    /// Where the scripts of ctdbd are.
    private static let component = "legacy"

    /// A service, and the script that manages it.
    private struct Service {
        var name: String
        var script: EventScriptVerbs.Script
    }

    private static let columns = [
        Column("service", .text, "its name: that of the script, without its number"),
        Column("script", .text, "the event script that manages it"),
        Column("enabled", .flag, "whether that script runs"),
    ]

    /// The services, in the order in which they are started.
    private static func services(_ context: Context) throws(Problem) -> [Service] {
        try EventScriptVerbs.Folders(component, context).scripts().compactMap { script in
            guard let bytes = try? SmallFile.read(script.path, limit: limit),
                isManager(String(decoding: bytes, as: UTF8.self)),
                let dot = script.name.firstIndex(of: ".")
            else { return nil }
            return Service(
                name: String(script.name[script.name.index(after: dot)...]), script: script)
        }
    }

    /// Whether a script says, as ctdb's own do, that it manages a service, and not addresses.
    static func isManager(_ text: String) -> Bool {
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        return lines.contains { $0.hasPrefix("service_name=") }
            && !lines.contains { $0.hasPrefix("ctdb_setup_state_dir \"failover\"") }
    }

    static let list = Verb.read(
        "list", "List the services that event scripts can manage on this node.",
        scope: .none, schema: Schema("service.list", rows: "services", columns),
        details: "A script that sets service_name manages a service. ctdb event script enable "
            + "lets it."
    ) { context, invocation throws(Problem) in
        let rows = try services(context).map { service in
            Row(cells(service), tone: service.script.isEnabled ? .good : .plain)
        }
        return Report(invocation.verb.schema, rows: rows)
    }

    private static func cells(_ service: Service) -> [Value] {
        [.text(service.name), .text(service.script.name), .flag(service.script.isEnabled)]
    }

    static let status = Verb.read(
        "status", "Show how the services of this node are, as they were last looked at.",
        [Parameter("service", .text, "only this one", isOptional: true)],
        scope: .none,
        schema: Schema(
            "service.status", rows: "services",
            columns + [
                Column(
                    "result", .text,
                    "`ok`, `error`, `timed_out`, `cannot_run`, `disabled`, or `not_run`: a script "
                        + "in front of it failed, or nothing was looked at yet"),
                Column("looked", .text, "when it was looked at, UTC"),
                Column("seconds", .real, "how long that took"),
                Column("output", .text, "what the script wrote"),
            ]),
        details: "The results are those of the event monitor. The exit code is 1 when a service "
            + "is not well."
    ) { context, invocation throws(Problem) in
        var services = try services(context)
        if let name = invocation.text(ifGiven: "service") {
            let known = services
            services = known.filter { $0.name == name || $0.script.name == name }
            guard !services.isEmpty else {
                let near = NearestNames.of(name, among: known.map(\.name))
                throw Problem(
                    .usage, "service", "there is no service \"\(CommandParser.shortened(name))\"",
                    advice: near.isEmpty
                        ? "ctdb service list lists them"
                        : "did you mean \(near.alternatives)?")
            }
        } else {
            services.removeAll { !$0.script.isEnabled }
        }
        let results = try looked(context)
        var problems: [Problem] = []
        let rows = services.map { service in
            let isOn = service.script.isEnabled
            guard let result = results[service.script.name], isOn else {
                return Row(
                    cells(service) + [.text(isOn ? "not_run" : "disabled"), .none, .none, .none])
            }
            let word = EventQuestion.word(result.result)
            if result.result != 0, word != "disabled" {
                problems.append(
                    Problem(
                        .failed, "service \(service.name)", "its script says \(word)",
                        advice: "ctdb event status monitor; the service's own log"))
            }
            return Row(
                cells(service) + [
                    .text(word), Describe.moment(result.begin), EventVerbs.seconds(result),
                    Value(result.output.flatMap { $0.isEmpty ? nil : $0 }),
                ], tone: result.result == 0 ? .good : .bad)
        }
        return Report(invocation.verb.schema, rows: rows, problems: problems)
    }

    /// How the scripts went when the node was last looked at, by their names.
    private static func looked(
        _ context: Context
    ) throws(Problem) -> [String: EventScriptResult] {
        let request = EventStatusRequest(component: component, event: "monitor")
        switch try EventVerbs.ask(.status(request), context) {
        case .status(let status):
            return Dictionary(
                status.scripts.compactMap { script in script.name.map { ($0, script) } },
                uniquingKeysWith: { first, _ in first })
        // Nothing ran yet.
        case .statusFailed: return [:]
        default:
            throw Problem(.failed, "service status", "the answer is none to this question")
        }
    }
}
