// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import Foundation
import Glibc
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// The event daemon of the distribution, started by this process as ctdbd would start it, and a
/// connection to it as ctdbd has one.
final class LegacyLender {
    static let program = "/usr/libexec/ctdb/ctdb-eventd"
    static var isPossible: Bool {
        FileManager.default.isExecutableFile(atPath: program) && geteuid() == 0
    }
    static let reason: Comment = "needs root and the package ctdb"

    let scratch: ScratchTree
    let paths: EventPaths
    let process: ChildProcess
    private var wasReaped = false
    /// What stands for the connection of ctdbd.
    let ctdbd: TestClient

    init() throws {
        scratch = try ScratchTree()
        paths = EventPaths(
            configuration: scratch.path, run: scratch.path + "/run", hostName: "here")
        for folder in ["run", "var", "cwd", "events", "events/legacy"] {
            try scratch.makeFolder(folder)
        }
        try scratch.write("[logging]\n\tlocation = file:\(scratch.path)/log\n", to: "ctdb.conf")
        (process, ctdbd) = try Self.start(scratch, paths)
    }

    deinit {
        process.killGroup()
        while !hasEnded { sched_yield() }
    }

    /// Whether the legacy daemon has ended, and is taken leave of.
    var hasEnded: Bool {
        if !wasReaped { wasReaped = process.reap() != nil }
        return wasReaped
    }

    private static func start(
        _ scratch: ScratchTree, _ paths: EventPaths
    ) throws -> (ChildProcess, TestClient) {
        let variables = ["CTDB_TEST_MODE=1", "CTDB_BASE=\(scratch.path)", "PATH=/usr/bin:/bin"]
        let process = try ChildProcess(
            starting: Array(program.utf8),
            arguments: ["ctdb-eventd", "-P", "\(getpid())"].map { Array($0.utf8) },
            in: ChildProcess.Surroundings(
                environment: variables.map { Array($0.utf8) }, directory: scratch.file("cwd")))
        let end = EventLoop.clock().advanced(byMilliseconds: 20_000)
        while EventLoop.clock() < end {
            if let client = try? TestClient(paths.socket) { return (process, client) }
            sched_yield()
        }
        throw TestTrouble.noAnswer
    }

    /// Writes an event script for sh.
    func script(_ name: String, _ text: String) throws {
        try scratch.write("#!/bin/sh\n" + text + "\n", to: "events/legacy/\(name)")
        try scratch.setMode("events/legacy/\(name)", 0o755)
    }

    /// A script that leaves a line for each time it begins, and for each time it ends.
    func markingScript(_ more: String = "") throws {
        try script(
            "10.mark.script",
            "echo \"begin $*\" >>\(scratch.path)/marks\n\(more)\n"
                + "echo \"end $*\" >>\(scratch.path)/marks")
    }

    /// The lines that scripts have left.
    var marks: [String] {
        scratch.text("marks").split(separator: "\n").map(String.init)
    }

    /// What the kernel says the legacy daemon does: S for sleeping, t for frozen.
    var state: String {
        let text = FileManager.default.contents(atPath: "/proc/\(process.pid)/stat") ?? Data()
        let all = String(decoding: text, as: UTF8.self)
        return all.split(separator: ")").last.map { String($0.dropFirst().prefix(1)) } ?? ""
    }
}
