// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import PeerWire
import Testing
import XDR

/// Exchanges bytes with what rpcgen and a C compiler make of the same definitions.
@Suite(.enabled(if: Interop.missing.isEmpty, "\(Interop.missing) not found: no exchange with C"))
struct RPCGenInteropTests {
    @Test func valuesFromCAreReadAndWrittenAsTheyCame() throws {
        let driver = try Interop.driver.get()
        for seed in [1, 2, 3] as [UInt64] {
            let lines = try driver.run(["make", "\(seed)", "20"]).split(separator: "\n")
            try #require(lines.count == 20 * WireType.all.count)
            var random = SplitMix(state: seed)
            for (line, index) in zip(lines, 0...) {
                let type = WireType.all[index / 20]
                let parts = line.split(separator: " ")
                try #require(parts.count == 2 && parts[0] == type.name)
                let bytes = Interop.bytes(parts[1])
                #expect(try type.isMadeUp(bytes, &random), "\(type.name), seed \(seed)")
                #expect(try type.recode(bytes) == bytes, "\(type.name), seed \(seed)")
            }
        }
    }

    @Test func valuesFromSwiftAreReadAndWrittenByCAsTheyCame() throws {
        let driver = try Interop.driver.get()
        var random = SplitMix(state: 99)
        var lines: [String] = []
        for type in WireType.all {
            for _ in 0..<50 { lines.append("\(type.name) \(Interop.hex(try type.make(&random)))") }
        }
        let answers = try driver.run(["recode"], input: lines.joined(separator: "\n") + "\n")
            .split(separator: "\n")
        try #require(answers.count == lines.count)
        for (line, answer) in zip(lines, answers) {
            #expect(line.hasSuffix(" " + answer))
        }
    }

    /// Whatever C refuses has to be refused here too.
    ///
    /// C is laxer: it takes text that is not UTF-8, padding that is not zero, and any word for
    /// true.
    @Test func damagedBytesThatCRefusesAreRefusedHere() throws {
        let driver = try Interop.driver.get()
        var random = SplitMix(state: 5)
        var damaged: [(type: WireType, bytes: [UInt8])] = []
        for type in WireType.all {
            for _ in 0..<100 {
                var bytes = try type.make(&random)
                if Bool.random(using: &random) {
                    bytes.removeLast(Int.random(in: 1...bytes.count / 2, using: &random))
                } else {
                    bytes[Int.random(in: bytes.indices, using: &random)] ^= 0x80
                }
                damaged.append((type, bytes))
            }
        }
        let input = damaged.map { "\($0.type.name) \(Interop.hex($0.bytes))\n" }.joined()
        let answers = try driver.run(["recode"], input: input).split(separator: "\n")
        try #require(answers.count == damaged.count)
        var bothRefuse = 0
        for ((type, bytes), answer) in zip(damaged, answers) {
            let again = try? type.recode(bytes)
            if answer == "refused" {
                #expect(again == nil, "\(type.name): \(Interop.hex(bytes))")
                bothRefuse += 1
            } else if let again {
                #expect(Interop.hex(again) == answer, "\(type.name)")
            }
        }
        #expect(bothRefuse > 0)
    }
}

/// The C side: built once per run from the definitions, in a folder of its own.
enum Interop {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct Driver: Sendable {
        let path: URL

        func run(_ arguments: [String], input: String = "") throws -> String {
            try Interop.run(path, arguments, input: input)
        }
    }

    static let missing = ["rpcgen", "cc"].filter { find($0) == nil }.joined(separator: " and ")

    static let driver = Result { try build() }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    static func bytes(_ hex: Substring) -> [UInt8] {
        var digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }[...]
        var bytes: [UInt8] = []
        while let high = digits.popFirst(), let low = digits.popFirst() {
            bytes.append(UInt8(high * 16 + low))
        }
        return bytes
    }

    private static func find(_ name: String) -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        return path.split(separator: ":")
            .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static func build() throws -> Driver {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let definitions = tests.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/PeerWire/Protocol")
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("rpcgen-interop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: tests.appendingPathComponent("Interop/driver.c"),
            to: folder.appendingPathComponent("driver.c"))
        guard let rpcgen = find("rpcgen"), let compiler = find("cc") else {
            throw Failure(description: "\(missing) not found")
        }
        var sources = ["driver.c"]
        for name in ["address", "frame", "packet", "proxy"] {
            try FileManager.default.copyItem(
                at: definitions.appendingPathComponent("\(name).x"),
                to: folder.appendingPathComponent("\(name).x"))
            _ = try run(rpcgen, ["-h", "-o", "\(name).h", "\(name).x"], in: folder)
            _ = try run(rpcgen, ["-c", "-o", "\(name)_xdr.c", "\(name).x"], in: folder)
            sources.append("\(name)_xdr.c")
        }
        _ = try run(
            compiler, ["-O1", "-I/usr/include/tirpc", "-o", "driver"] + sources + ["-ltirpc"],
            in: folder)
        return Driver(path: folder.appendingPathComponent("driver"))
    }

    /// Runs a program to its end; input and output go through files, which cannot fill up.
    private static func run(
        _ program: URL, _ arguments: [String], in folder: URL? = nil, input: String = ""
    ) throws -> String {
        let base = FileManager.default.temporaryDirectory
            .appendingPathComponent("rpcgen-interop-\(UUID().uuidString)")
        let files = ["in", "out", "err"].map { base.appendingPathExtension($0) }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        try Data(input.utf8).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
            throw Failure(description: "\(program.lastPathComponent) \(arguments): \(text)")
        }
        return String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }
}
