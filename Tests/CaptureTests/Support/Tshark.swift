// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation

/// Wireshark's reader of captures: somebody else's idea of the same bytes.
enum Tshark {
    /// What a program wrote, and how it ended.
    struct Answer {
        var output: String
        var errors: String
        var code: Int32

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs tshark on a file; nothing of the user's own settings is read.
    static func run(_ path: String, _ arguments: [String]) throws -> Answer {
        try program("tshark", ["-n", "-r", path] + arguments)
    }

    /// Runs a program to its end.
    static func program(_ program: String, _ arguments: [String]) throws -> Answer {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tablecloth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "LC_ALL": "C"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let paths = ["out", "err"].map { folder.appendingPathComponent($0) }
        for path in paths {
            _ = FileManager.default.createFile(atPath: path.path, contents: nil)
        }
        process.standardOutput = try FileHandle(forWritingTo: paths[0])
        process.standardError = try FileHandle(forWritingTo: paths[1])
        try process.run()
        process.waitUntilExit()
        let texts = try paths.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Answer(output: texts[0], errors: texts[1], code: process.terminationStatus)
    }

    /// Gives bytes a place in a file while something is done with it.
    static func withFile<Result>(
        _ bytes: [UInt8], _ body: (String) throws -> Result
    ) throws -> Result {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("tablecloth-\(UUID().uuidString).pcapng")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try body(path.path)
    }
}
