// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// `ctdb event script`: which of the scripts run that there are.
///
/// The scripts that ctdb brings along are in a folder of their own; one of them runs when the
/// folder of scripts has a link to it. A script of the administrator is in the folder of scripts
/// itself, and runs when it is executable, which is the event daemon's to change.
enum EventScriptVerbs {
    static let noun = Noun(
        "script", "The scripts that events run.",
        [
            Verb.read(
                "list", "List the scripts that there are, and which of them run.",
                options: [EventVerbs.component], scope: .none,
                schema: Schema(
                    "event.script.list", rows: "scripts",
                    [
                        Column("script", .text, "its name"),
                        Column("enabled", .flag, "whether it runs"),
                        Column("local", .flag, "whether it is not one that ctdb brings along"),
                    ])
            ) { context, invocation throws(Problem) in
                let component = try EventVerbs.component(invocation)
                let rows = try Folders(component, context).scripts().map {
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

    /// Where the scripts of a component are.
    struct Folders {
        let component: String
        /// Those that ctdb brings along.
        let provided: String
        /// Those that run, if they are executable.
        let own: String

        init(_ component: String, _ context: Context) throws(Problem) {
            self.component = component
            provided =
                try EventVerbs.folder(context, "/share", "/usr/share/ctdb") + "/events/" + component
            own = try EventVerbs.folder(context, "", "/etc/ctdb") + "/events/" + component
        }

        /// The scripts, in the order in which they run.
        func scripts() throws(Problem) -> [Script] {
            let brought = Self.names(in: provided)
            let present = Self.names(in: own)
            guard !brought.isEmpty || !present.isEmpty else {
                throw Problem(.failed, "list event scripts", "there are none in \(component)")
            }
            return Set(brought + present).sorted().map { name in
                let path = "\(own)/\(name).script"
                return Script(
                    name: name,
                    path: present.contains(name) ? path : "\(provided)/\(name).script",
                    isEnabled: present.contains(name) && Program.identity(of: path) != nil,
                    isLocal: !brought.contains(name))
            }
        }

        private static func names(in folder: String) -> [String] {
            Program.names(in: folder).filter { $0.hasSuffix(".script") }
                .map { String($0.dropLast(7)) }
        }
    }

    private static func change(
        _ verb: String, _ summary: String, _ action: EventScriptRequest.Action
    ) -> Verb {
        .change(
            verb, summary, [Parameter("script", .script, "its name, without .script")],
            options: [EventVerbs.component], scope: .none
        ) { context, invocation throws(Problem) in
            let folders = try Folders(try EventVerbs.component(invocation), context)
            let script = try EventVerbs.name(try invocation.text("script"))
            let what = "\(verb) \(script)"
            let link: Linking
            do throws(SystemError) {
                link = try folders.link(script, action)
            } catch {
                throw Problem(.failed, what, "\(error)")
            }
            switch link {
            case .done: break
            case .isNone: try ask(action, script, folders.component, what, context)
            case .unknown:
                let near = NearestNames.of(script, among: try folders.scripts().map(\.name))
                throw Problem(
                    .failed, what, "there is nothing of that name in \(folders.component)",
                    advice: near.isEmpty
                        ? "ctdb event script list" : "did you mean \(near.alternatives)?")
            }
            return Runner.done(invocation, nodes: [])
        }
    }

    /// Has the event daemon change a script that is no link.
    private static func ask(
        _ action: EventScriptRequest.Action, _ script: String, _ component: String,
        _ what: String, _ context: Context
    ) throws(Problem) {
        let request = EventScriptRequest(component: component, script: script, action: action)
        guard case .script(let result) = try EventVerbs.ask(.script(request), context) else {
            throw Problem(.failed, what, "the answer is none to this question")
        }
        guard result == 0 else {
            throw Problem(
                .failed, what, EventQuestion.word(result, component: component),
                advice: "ctdb event script list")
        }
    }

    /// What came of changing a link.
    fileprivate enum Linking {
        case done
        /// The script is no link.
        case isNone
        /// There is no such script.
        case unknown
    }
}

extension EventScriptVerbs.Folders {
    /// Makes the link to a script that ctdb brings along, or takes it away.
    fileprivate func link(
        _ script: String, _ action: EventScriptRequest.Action
    ) throws(SystemError) -> EventScriptVerbs.Linking {
        let path = "\(own)/\(script).script"
        let origin = "\(provided)/\(script).script"
        switch try SymbolicLink.kind(of: path) {
        case .link:
            if action == .disable { try SymbolicLink.remove(path) }
            return .done
        case .nothing:
            guard Folder.target(of: origin) != nil else { return .unknown }
            if action == .enable {
                try WholeFile.link(path, to: try SymbolicLink.resolved(origin))
            }
            return .done
        case .file, .other: return .isNone
        }
    }
}
