// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import LegacyWire
import Testing
import Vocabulary

/// Compares the encoder with legacy/oracle/oracle.c: what a C compiler makes of the same values.
@Suite struct OracleTests {
    @Test(arguments: LegacyLayout.all)
    func theEncoderAgreesWithTheCompiler(layout: LegacyLayout) throws {
        guard let lines = try Oracle.lines(for: layout) else { return }
        let big = layout.byteOrder == .big ? "big" : "little"
        let bits = layout.wordSize == .bits64 ? "64" : "32"
        #expect(lines["layout"] == "\(big) \(bits)")
        let values = try OracleValues.all(layout: layout)
        #expect(Set(lines.keys).subtracting(["layout"]) == Set(values.keys))
        for (name, bytes) in values.sorted(by: { $0.key < $1.key }) {
            let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(lines[name] == hex, "\(name), \(layout)")
        }
    }
}

/// Compiles and runs the oracle in a temporary folder.
enum Oracle {
    /// What the oracle prints for a layout, by name; nil, said aloud, when it cannot be built here.
    static func lines(for layout: LegacyLayout) throws -> [String: String]? {
        guard ByteOrder.native == .little else {
            return skip(layout, "the oracle names byte orders for little-endian machines")
        }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tablecloth-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("legacy/oracle/oracle.c")
        let program = folder.appendingPathComponent("oracle")

        var command = [layout.byteOrder == .big ? "gcc" : "cc", "-o", program.path, source.path]
        if layout.byteOrder == .big { command.append("-DORACLE_BIG") }
        if layout.wordSize == .bits32 { command += ["-m32", "-DORACLE_PLAIN"] }
        if layout.wordSize == .bits64 { command += ["-ltalloc", "-ltdb"] }
        guard let built = try run(["/usr/bin/env"] + command), built.status == 0 else {
            return skip(layout, command.joined(separator: " ") + " failed")
        }
        guard let ran = try run([program.path]), ran.status == 0 else {
            return skip(layout, "the compiled oracle does not run")
        }
        var lines: [String: String] = [:]
        for line in ran.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.count == 2 { lines[parts[0]] = parts[1] }
        }
        return lines
    }

    private static func skip(_ layout: LegacyLayout, _ reason: String) -> [String: String]? {
        print("skipped: OracleTests for \(layout.byteOrder) \(layout.wordSize): \(reason)")
        return nil
    }

    private static func run(_ command: [String]) throws -> (status: Int32, output: String)? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
