// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CommandLine
import Foundation
import Testing

/// Completions, man pages and schemas are those of the definitions, and work.
@Suite struct GeneratedTests {
    static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources/ctdb/Generated/"

    @Test func theCommittedFilesAreCurrent() throws {
        let names = Generated.names(.ctdb)
        for name in names {
            let committed = try? String(contentsOfFile: Self.folder + name, encoding: .utf8)
            #expect(committed == Generated.text(name, .ctdb), "\(name): make generated")
        }
        let there = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(Set(there) == Set(names))
    }

    /// Runs a program on a text.
    static func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, text: String)
    {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    static func isThere(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }

    /// What is typed, and what completes its last word.
    static let completions: [([String], [String])] = [
        (["clus"], ["cluster"]),
        (["node", "li"], ["list"]),
        (["node", "un"], ["unban"]),
        (["ip", "connection", ""], ["list", "add", "del", "tickle"]),
        (["-n", "1", "node", "pi"], ["ping"]),
        (["help", "tun"], ["tunable"]),
        (["node", "list", "--wa"], ["--watch"]),
        (["proxy", "status", "--run"], ["--run-directory"]),
        (["ip", "interface", "set", "eth0", ""], ["up", "down"]),
        (["db", "show", "ct"], ["ctdb.tdb"]),
        (["db", "attach", "x", "per"], ["persistent"]),
        (["node", "list", "--node", "al"], ["all"]),
        (["ip", "move", "10.1.0.100", ""], ["0", "1", "all"]),
        (["node", "pnn", ""], []),
    ]

    /// In place of the program, which would ask a cluster.
    static let names =
        "ctdb() { case $2 in database) echo ctdb.tdb ;; *) echo 0; echo 1; "
        + "echo all ;; esac; }\n"

    @Test(arguments: completions)
    func bashCompletes(words: [String], expected: [String]) throws {
        let quoted = (["ctdb"] + words).map { "'\($0)'" }.joined(separator: " ")
        let script = """
            source \(Self.folder)ctdb.bash
            \(Self.names)
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count); _ctdb
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let (code, text) = try Self.run("/bin/bash", ["-c", script])
        #expect(code == 0)
        let found = text.split(separator: "\n").map(String.init)
        #expect(found == expected, "\(words)")
    }

    @Test(.enabled(if: isThere("/usr/bin/fish"), "needs fish"), arguments: completions)
    func fishCompletes(words: [String], expected: [String]) throws {
        let line = (["ctdb"] + words).joined(separator: " ")
        let script = """
            function ctdb; switch $argv[2]; case database; echo ctdb.tdb; case '*'; \
            printf '%s\\n' 0 1 all; end; end
            source \(Self.folder)ctdb.fish
            complete -C '\(line)'
            """
        let (code, text) = try Self.run("/usr/bin/fish", ["--no-config", "-c", script])
        #expect(code == 0, "\(text)")
        let found = text.split(separator: "\n").map {
            String($0.split(separator: "\t", omittingEmptySubsequences: false)[0])
        }
        #expect(Set(found) == Set(expected), "\(words)")
    }

    @Test(.enabled(if: isThere("/usr/bin/zsh"), "needs zsh"), arguments: completions)
    func zshCompletes(words: [String], expected: [String]) throws {
        let quoted = (["ctdb"] + words).map { "'\($0)'" }.joined(separator: " ")
        // The functions that zsh offers words with tell what they were given.
        let script = """
            compdef() { : }
            offered=()
            compadd() { offered+=("${(@P)2}") }
            _describe() { offered+=("${(@)${(@P)2}%%:*}") }
            \(Self.names)
            source \(Self.folder)_ctdb
            words=(\(quoted)); CURRENT=\(words.count + 1)
            _ctdb
            print -rl -- ${(M)offered:#${words[CURRENT]}*}
            """
        let (code, text) = try Self.run("/usr/bin/zsh", ["-f", "-c", script])
        #expect(code == 0, "\(text)")
        let found = text.split(separator: "\n").map(String.init)
        #expect(Set(found) == Set(expected), "\(words) \(text)")
    }

    @Test(.enabled(if: isThere("/usr/bin/groff"), "needs groff"))
    func manPagesAreRead() throws {
        for name in Generated.names(.ctdb) where name.hasSuffix(".1") {
            let (code, text) = try Self.run(
                "/usr/bin/groff", ["-man", "-Tutf8", "-ww", "-z", Self.folder + name])
            #expect(code == 0)
            #expect(text == "", "\(name)")
        }
        let (_, page) = try Self.run(
            "/usr/bin/groff", ["-man", "-Tascii", "-P-cbou", Self.folder + "ctdb.1"])
        #expect(page.contains("CTDB_CLI_LEGACY"))
        #expect(page.contains("Some nodes did not answer"))
    }

    @Test func schemasHaveNamesOfTheirOwn() {
        var seen: [String: String] = [:]
        for (path, verb) in Structure.ctdb.verbs where verb.schema.name != "done" {
            let place = path.joined(separator: " ")
            #expect(seen[verb.schema.identifier] == nil, "\(place)")
            seen[verb.schema.identifier] = place
            let names = verb.schema.facts.map(\.name) + verb.schema.tables.map(\.name)
            #expect(Set(names).count == names.count, "\(place)")
            #expect(Set(names).isDisjoint(with: ["schema", "ok", "line", "problems", "notes"]))
        }
    }
}
