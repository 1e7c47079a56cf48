// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationShell
import Presentation
import Sockets

/// `ctdb config`: the files in /etc/ctdb, and whether nodes agree.
enum ConfigVerbs {
    static let noun = Noun(
        "config", "The configuration of this node, and whether nodes agree.",
        [show, check, ConfigDiffVerb.verb, ConfigMigrateVerb.verb])

    static let directory = Option(
        "directory", value: Parameter("directory", .file, "a path"),
        "Where ctdb.conf is; the variable CTDB_BASE, or /etc/ctdb, if not given.")

    /// Where ctdb.conf is.
    static func path(_ context: Context, _ invocation: Invocation) -> String {
        let path =
            invocation.text(ifGiven: "directory") ?? context.surroundings.variable("CTDB_BASE")
        return path ?? "/etc/ctdb"
    }

    private static func folder(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> ConfigurationFolder {
        let path = path(context, invocation)
        guard Folder.isFolder(path) else {
            throw Problem(
                .failed, "read \(path)", "there is no such folder",
                advice: "--directory names another")
        }
        return .read(path)
    }

    static let show = Verb.read(
        "show", "Show every setting, what it is, and which file says so.",
        options: [directory], scope: .none,
        schema: Schema(
            "config.show", rows: "settings",
            [
                Column("reader", .text, "`ctdbd`, or `daemons` for those beside it"),
                Column("section", .text, "the section"),
                Column("name", .text, "the setting"),
                Column("value", .text, "its value"),
                Column("file", .text, "the file that says so; none when it is the usual value"),
                Column("line", .number, "the line there"),
            ]),
        details: "`ctdb config check` says whether the values make sense."
    ) { context, invocation throws(Problem) in
        let settings = EffectiveSetting.all(of: try folder(context, invocation))
        return Report(
            invocation.verb.schema,
            rows: settings.map { one in
                Row([
                    .text(one.reader.rawValue), .text(one.section), .text(one.name),
                    Value(one.value), Value(one.file),
                    one.line.map { .number(Int64($0)) } ?? .none,
                ])
            })
    }

    /// The columns of a complaint.
    static let complaintColumns = [
        Column("file", .text, "the file"),
        Column("line", .number, "the line, from 1; none when it is about the whole file"),
        Column("severity", .text, "`error` or `warning`"),
        Column("key", .text, "the setting, tunable, variable or address"),
        Column("what", .text, "what is wrong"),
        Column("nearest", .text, "what was likely meant"),
    ]

    /// A complaint as a row.
    static func row(_ one: Complaint) -> Row {
        Row(
            [
                .text(one.file), one.line.map { .number(Int64($0)) } ?? .none,
                .text(one.severity.rawValue), Value(one.key), .text(one.what),
                Value(one.nearest),
            ], tone: one.severity == .error ? .bad : .warning)
    }

    static let check = Verb.read(
        "check", "Look for what is wrong in the files of this node.",
        options: [directory], scope: .none,
        schema: Schema("config.check", rows: "complaints", complaintColumns),
        details: "Reads ctdb.conf, ctdb.conf.d, nodes, public_addresses, ctdb.tunables, "
            + "script.options and the options of single event scripts. The exit code is 1 when "
            + "there is an error; warnings alone leave it at 0."
    ) { context, invocation throws(Problem) in
        let folder = try folder(context, invocation)
        let complaints = folder.complaints()
        let errors = complaints.count { $0.severity == .error }
        var problems: [Problem] = []
        if errors > 0 {
            problems.append(
                Problem(
                    .failed, "check \(folder.path)",
                    errors == 1 ? "there is an error" : "there are \(errors) errors"))
        }
        return Report(
            invocation.verb.schema, rows: complaints.map(row), problems: problems)
    }
}
