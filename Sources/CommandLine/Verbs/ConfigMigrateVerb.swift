// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationShell
import Presentation
import Sockets

/// `ctdb config migrate`: from the variables of old configurations to the files of today.
enum ConfigMigrateVerb {
    private static let origin = [
        Column("file", .text, "the old file"), Column("line", .number, "the line there"),
        Column("variable", .text, "the old variable"),
    ]

    // A dry run shows all that a real one would write, so the verb decides by itself.
    static let verb = Verb.read(
        "migrate", "Turn the configuration of a ctdbd before 4.9 into that of today.",
        [
            Parameter(
                "files", .file,
                "old files; the usual ones that are there, if not given: "
                    + Migration.usualSources.joined(separator: ", "), isOptional: true,
                isRepeated: true)
        ],
        options: [
            ConfigVerbs.directory,
            Option("replace", "Replace files that are there; a copy of each is kept."),
        ],
        scope: .none,
        schema: Schema(
            "config.migrate",
            tables: [
                .init(
                    "lines",
                    [
                        Column("target", .text, "the file that is made"),
                        Column("section", .text, "its section"),
                        Column("text", .text, "the line"),
                    ] + origin),
                .init(
                    "scripts", [Column("script", .text, "the script that is enabled")] + origin),
                .init("steps", [Column("what", .text, "what is left to do by hand")] + origin),
                .init("leftovers", ConfigVerbs.complaintColumns),
                .init(
                    "written",
                    [
                        Column("path", .text, "what was written; nothing with `--dry-run`"),
                        Column("backup", .text, "what the file that was there is called now"),
                    ]),
            ]),
        details: "Writes ctdb.conf, ctdb.tunables and script.options, each as a whole, and "
            + "enables event scripts. With `--dry-run` it only shows what it would write. The "
            + "old files stay as they are. The exit code is 1 when a variable has no successor."
    ) { context, invocation throws(Problem) in
        guard context.settings.watchSeconds == nil else {
            throw Problem(.usage, "config migrate", "--watch is for commands that only look")
        }
        let folder = ConfigVerbs.path(context, invocation)
        let migration = try read(invocation, folder)
        var report = Report(
            invocation.verb.schema,
            tables: [
                migration.files.flatMap { file in
                    file.lines.map {
                        row([.text(file.name), Value($0.section), .text($0.text)], $0.origin)
                    }
                },
                migration.scripts.map { row([.text($0.name)], $0.origin) },
                migration.steps.map { row([.text($0.what)], $0.origin) },
                migration.leftovers.map(ConfigVerbs.row), [],
            ])
        if !context.settings.isDryRun {
            try write(migration, folder, invocation.has("replace"), into: &report)
        }
        let count = migration.leftovers.count { $0.severity == .error }
        if count > 0 {
            report.problems.append(
                Problem(
                    .failed, "migrate",
                    count == 1
                        ? "one line has no successor" : "\(count) lines have no successor",
                    advice: "the leftovers say which, and why"))
        }
        return report
    }

    private static func row(_ cells: [Value], _ origin: Migration.Origin) -> Row {
        Row(
            cells + [
                .text(origin.file), .number(Int64(origin.line)), .text(origin.variable),
            ])
    }

    private static func read(
        _ invocation: Invocation, _ folder: String
    ) throws(Problem) -> Migration {
        var files: [String] = []
        for case .text(let file) in invocation.all("files") { files.append(file) }
        if files.isEmpty { files = Migration.usualSources.filter { Folder.target(of: $0) != nil } }
        guard !files.isEmpty else {
            throw Problem(
                .failed, "migrate", "there is no old configuration in the usual places",
                advice: "name its files")
        }
        do throws(SystemError) {
            return try .read(files, folder: folder)
        } catch {
            throw Context.system(error, "read the old configuration")
        }
    }

    private static func write(
        _ migration: Migration, _ folder: String, _ replaces: Bool, into report: inout Report
    ) throws(Problem) {
        do throws(Migration.WriteFailure) {
            let written = try migration.write(to: folder, replaces: replaces)
            report.tables[4] = written.map { Row([.text($0.path), Value($0.backup)]) }
        } catch {
            guard let reason = error.reason else {
                throw Problem(
                    .failed, "write", "\(error.existing.joined(separator: ", ")) exist already",
                    advice: "--replace replaces them, and keeps a copy of each")
            }
            report.tables[4] = error.written.map { Row([.text($0.path), Value($0.backup)]) }
            report.problems.append(Problem(.failed, "write", "\(reason)"))
        }
    }
}
