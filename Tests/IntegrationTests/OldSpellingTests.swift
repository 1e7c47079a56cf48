// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// Old command lines are handed to the legacy tool as they are: needs no ctdbd.
@Suite(.serialized) @MainActor
struct OldSpellingTests {
    /// A stand-in for the legacy tool.
    static func tool(_ scratch: ScratchDirectory, _ text: String) throws -> String {
        try scratch.write(Array("#!/bin/bash\n\(text)\n".utf8), to: "tool")
        let path = scratch.file("tool")
        try Self.allow(path)
        return path
    }

    /// Makes a script a program.
    static func allow(_ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    @Test func argumentsStreamsAndExitCodeAreExact() async throws {
        let scratch = try ScratchDirectory()
        let tool = try Self.tool(
            scratch, "printf '<%s>' \"$@\"; echo \"$CTDB_TIMEOUT\"; echo oops >&2; exit 37")
        let (status, output, errors) = try await scratch.run(
            Places.command, ["-X", "-n", "1", "ip", "all", "", "a b", "-t5"],
            environment: ["CTDB_CLI_LEGACY": tool, "CTDB_TIMEOUT": "9"])
        #expect(status == 37)
        #expect(output == "<-X><-n><1><ip><all><><a b><-t5>9\n")
        #expect(errors == "oops\n")
    }

    @Test func aSignalEndsItAsItEndsTheTool() async throws {
        let scratch = try ScratchDirectory()
        let tool = try Self.tool(scratch, "kill -ALRM $$")
        let (status, _, _) = try await scratch.run(
            Places.command, ["status"], environment: ["CTDB_CLI_LEGACY": tool])
        #expect(status == 128 + SIGALRM)
    }

    @Test func standardInputIsTheTools() async throws {
        let scratch = try ScratchDirectory()
        let tool = try Self.tool(scratch, "cat")
        let pipe = Pipe()
        let child = try Child(
            Places.command, ["addtickle"], environment: ["CTDB_CLI_LEGACY": tool],
            directory: scratch.path, input: pipe)
        try pipe.fileHandleForWriting.write(contentsOf: Data("two\nlines\n".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(try await child.end() == 0)
        #expect(child.output == "two\nlines\n")
    }

    /// Whoever calls the tool with nothing gets its usage; lines are commands.
    @Test func nothingAtAllIsTheToolsUnlessThereAreLines() async throws {
        let scratch = try ScratchDirectory()
        let tool = try Self.tool(scratch, "echo \"usage $#\"; exit 1")
        let environment = ["CTDB_CLI_LEGACY": tool]
        func run(_ input: String) async throws -> (status: Int32, output: String) {
            let (status, output, _) = try await scratch.run(
                "/bin/bash", ["-c", "\(input) \(Places.command)"], environment: environment)
            return (status, output)
        }
        let nothing = try await run("</dev/null")
        #expect(nothing.status == 1)
        #expect(nothing.output == "usage 0\n")
        let lines = try await run("echo explain status --porcelain |")
        #expect(lines.status == 0)
        #expect(lines.output == "ctdb status\tctdb cluster status\t\n")
    }

    @Test func commandsOfOtherReleasesAreTheTools() async throws {
        let scratch = try ScratchDirectory()
        let tool = try Self.tool(scratch, "echo \"tool $*\"; exit 9")
        for words in [["recmaster"], ["-X", "nosuch"], ["version", "x"]] {
            let (status, output, _) = try await scratch.run(
                Places.command, words, environment: ["CTDB_CLI_LEGACY": tool])
            #expect(status == 9)
            #expect(output == "tool \(words.joined(separator: " "))\n")
        }
    }

    @Test func aLoopIsRefused() async throws {
        let scratch = try ScratchDirectory()
        // Itself, by another name.
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("itself"), withDestinationPath: Places.command)
        // Through a script, in the same process and in others.
        let chain = try Self.tool(scratch, "exec \(Places.command) \"$@\"")
        try scratch.write(
            Array("#!/bin/bash\n\(Places.command) \"$@\"\nexit $?\n".utf8), to: "children")
        try Self.allow(scratch.file("children"))
        for tool in [Places.command, scratch.file("itself"), chain, scratch.file("children")] {
            let (status, output, errors) = try await scratch.run(
                Places.command, ["status"], environment: ["CTDB_CLI_LEGACY": tool])
            #expect(status == 2)
            #expect(output == "")
            #expect(errors.contains("name the legacy tool, or native"), "\(tool): \(errors)")
        }
    }

    /// The legacy tool runs scripts, and these run `ctdb`, which is this program by then.
    @Test func aScriptOfTheToolMayRunItAgain() async throws {
        let scratch = try ScratchDirectory()
        let tool = try Self.tool(
            scratch, "[ \"$1\" = natgw ] && { \(Places.command) status; exit; }; echo \"tool $1\"")
        let (status, output, _) = try await scratch.run(
            Places.command, ["natgw"], environment: ["CTDB_CLI_LEGACY": tool])
        #expect(status == 0)
        #expect(output == "tool status\n")
    }

    @Test func withoutTheToolItIsAnsweredNatively() async throws {
        let scratch = try ScratchDirectory()
        let (status, _, errors) = try await scratch.run(
            Places.command, ["pnn"],
            environment: [
                "CTDB_CLI_LEGACY": "native", "CTDB_SOCKET": scratch.file("nothing"),
            ])
        #expect(status == 1)
        #expect(errors.contains("Failed to connect to CTDB daemon"))
        let (wrong, _, complaint) = try await scratch.run(
            Places.command, ["pnn"], environment: ["CTDB_CLI_LEGACY": scratch.file("nothing")])
        #expect(wrong == 2)
        #expect(complaint.contains("is no program"))
    }

    @Test(.enabled(if: Places.isProgram("/usr/bin/ctdb"), "needs the legacy tool"))
    func everyOldCommandIsKnown() async throws {
        let scratch = try ScratchDirectory()
        let (_, usage, _) = try await scratch.run("/usr/bin/ctdb", [])
        let (_, known, _) = try await scratch.run(Places.command, ["explain", "--porcelain"])
        let names = known.split(separator: "\n").map {
            $0.split(separator: "\t")[0].dropFirst("ctdb ".count)
        }
        let listed = usage.components(separatedBy: "Commands:\n").last ?? ""
        let old = listed.split(separator: "\n").map { $0.split(separator: " ")[0] }
        #expect(old.count > 60)
        #expect(Set(old) == Set(names))
    }
}
