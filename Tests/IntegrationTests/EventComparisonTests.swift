// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// The event daemon of the distribution, and its tool.
enum LegacyEvents {
    static let daemon = "/usr/libexec/ctdb/ctdb-eventd"
    static let tool = "/usr/libexec/ctdb/ctdb-event"
    static var isThere: Bool { Places.isProgram(daemon) && Places.isProgram(tool) }
}

/// The same scripts and the same commands with the legacy event daemon and with ours.
@Suite(.serialized, .enabled(if: LegacyEvents.isThere, "needs the package ctdb"))
@MainActor
struct EventComparisonTests {
    private let deepScratch: DeepScratch
    private var scratch: ScratchDirectory { deepScratch.directory }

    init() throws { deepScratch = try DeepScratch() }

    /// Every kind of ending; "last" shows whether it is reached.
    nonisolated static let scripts: [(name: String, text: String)] =
        [0, 1, 63, 64, 65, 66, 72, 77, 100, 174, 189, 253, 254, 255].map {
            ("20.exit", "[ $1 != exit\($0) ] || exit \($0)")
        } + [
            ("05.silent", "true"), ("10.words", "[ $1 != words ] || { echo \"$# $*\"; exit 1; }"),
            ("30.latin", "[ $1 != latin ] || { printf '\\351t\\351'; exit 1; }"),
            ("31.nul", "[ $1 != nul ] || { printf 'a\\0b\\n'; exit 1; }"),
            ("32.empty", "[ $1 != empty ] || { printf '\\n\\nx\\n\\n'; exit 1; }"),
            ("33.many", "[ $1 != many ] || { seq 1 3000; exit 3; }"),
            ("34.closed", "[ $1 != closed ] || { exec >&- 2>&-; exit 3; }"),
            ("35.both", "[ $1 != both ] || { echo out; echo err >&2; echo out; exit 3; }"),
            ("36.signal", "[ $1 != signal ] || kill -KILL $$"),
            ("37.late", "[ $1 != late ] || { echo so far; sleep 60; }"),
            ("38.zero", "[ $1 != gone ] || exit 4"),
            ("39.stays", "[ $1 != stays ] || { sleep 2 & echo x; exit 1; }"), ("90.last", "true"),
        ]

    nonisolated static let commands: [[String]] =
        (["plain", "latin", "nul", "empty", "many", "closed", "both", "signal", "stays"]
        + [0, 1, 63, 64, 65, 66, 72, 77, 100, 174, 189, 253, 254, 255].map { "exit\($0)" })
        .flatMap { [["run", "10", "legacy", $0], ["status", "legacy", $0]] }
        + [
            ["run", "10", "legacy", "words", "a  b", " c", "$(id)", "x;y", "'", "\"", "a\nb", ""],
            ["status", "legacy", "words"], ["run", "1", "legacy", "late"],
            ["status", "legacy", "late"], ["run", "0", "legacy", "now"],
            ["status", "legacy", "now"], ["run", "4294967295", "legacy", "plain"],
            ["run", "-1", "legacy", "plain"], ["run", "10", "none", "x"],
            ["status", "none", "x"], ["status", "legacy", "never"], ["run", "10", "file", "x"],
            ["status", "file", "x"], ["run", "10", "empty", "x"], ["status", "empty", "x"],
            ["run", "10", "legacy", "monitor"], ["status", "legacy", "monitor"],
            ["script", "disable", "legacy", "90.last"], ["run", "10", "legacy", "plain"],
            ["status", "legacy", "plain"], ["script", "enable", "legacy", "90.last"],
            ["script", "list", "legacy"], ["run", "10", "bad", "x"], ["status", "bad", "x"],
            ["run", "10", "dangling", "x"], ["status", "dangling", "x"],
        ]

    @Test func bothSayTheSame() async throws {
        let theirs = try await answers(of: LegacyEvents.daemon, in: "legacy")
        let ours = try await answers(of: Places.eventDaemon, in: "ours")
        #expect(theirs.count == Self.commands.count && ours.count == theirs.count)
        for (old, new) in zip(theirs, ours) { #expect(old == new) }
        // The endings that the scripts were written for did come about.
        let all = theirs.joined()
        for word in ["OK", "ERROR", "DISABLED", "CANNOT RUN", "TIMEDOUT", "words a b c $(id) x;y"] {
            #expect(all.contains(word), "\(word)")
        }
    }

    /// Starts a daemon in a folder of its own, and gives what each command says.
    private func answers(of program: String, in name: String) async throws -> [String] {
        let base = scratch.file(name)
        try await furnish(base)
        let environment = ["CTDB_TEST_MODE": "1", "CTDB_BASE": base]
        let daemon = try Child(
            program, ["-P", "\(getpid())"], environment: environment, directory: scratch.path)
        try await eventually("it listens") {
            FileManager.default.fileExists(atPath: base + "/run/eventd.socket")
        }
        var answers: [String] = []
        for command in Self.commands {
            let (status, output, errors) = try await scratch.run(
                LegacyEvents.tool, command, environment: environment)
            answers.append(
                Normal.text("\(command): \(status)\n\(output)\(errors)")
                    .replacingOccurrences(of: base, with: "BASE"))
        }
        daemon.signal(SIGTERM)
        #expect(try await daemon.end() == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: base + "/run")
        #expect(left == [], "\(program)")
        return answers
    }

    private func furnish(_ base: String) async throws {
        let files = FileManager.default
        for folder in ["run", "var", "share/events/legacy", "events/legacy", "events/empty"] {
            try files.createDirectory(
                atPath: "\(base)/\(folder)", withIntermediateDirectories: true)
        }
        func write(_ path: String, _ text: String, _ mode: Int = 0o755) async throws {
            let path = "\(base)/\(path)"
            guard mode != 0o755 else { return try await scratch.writeProgram(text, to: path) }
            _ = files.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        }
        try await write("ctdb.conf", "[logging]\n\tlocation = file:\(base)/log\n", 0o644)
        try await write("events/file", "", 0o644)
        var texts: [String: String] = [:]
        for (name, text) in Self.scripts { texts[name, default: "#!/bin/sh\n"] += text + "\n" }
        for (name, text) in texts { try await write("events/legacy/\(name).script", text) }
        try await write("events/legacy/40.disabled.script", "#!/bin/sh\nexit 1\n", 0o644)
        try await write("events/legacy/41.text.script", "no program", 0o755)
        try await write("events/legacy/5.name.script", "#!/bin/sh\nexit 1\n")
        try files.createDirectory(
            atPath: "\(base)/events/legacy/42.folder.script", withIntermediateDirectories: false)
        for folder in ["bad", "dangling"] {
            try files.createDirectory(
                atPath: "\(base)/events/\(folder)", withIntermediateDirectories: false)
        }
        try await write("events/bad/10.shebang.script", "#!/nowhere/sh\n")
        try await write("events/bad/20.later.script", "#!/bin/sh\n")
        try files.createSymbolicLink(
            atPath: "\(base)/events/dangling/10.link.script", withDestinationPath: "/nowhere")
    }
}
