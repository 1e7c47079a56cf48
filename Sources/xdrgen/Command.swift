// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import Foundation
import XDRGenerator

/// Prints Swift for `.x` files.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xdrgen",
        abstract: "Turn XDR definitions (RFC 4506) into Swift, and into Lua for Wireshark.")

    @Option(help: "The folder that the Swift files are put into.")
    var output = "Sources/PeerWire/Generated"

    @Option(help: "The dissector for Wireshark; it is made of dissector.lua beside the .x files.")
    var dissector = "Sources/PeerWire/Wireshark/tablecloth.lua"

    @Option(help: "The enumeration that holds constants.")
    var namespace = "PeerProtocol"

    @Argument(help: "The .x files; they may use each other's names. Default: all of PeerWire.")
    var files: [String] = []

    func run() throws {
        let folder = "Sources/PeerWire/Protocol"
        let paths = try files.isEmpty ? Self.definitions(in: folder) : files
        let sources = try paths.map { path in
            TextFile(
                name: URL(fileURLWithPath: path).lastPathComponent,
                text: try String(contentsOfFile: path, encoding: .utf8))
        }
        do {
            let printed = try XDRGenerator.generate(sources, namespace: namespace)
            for file in printed {
                let path = output + "/" + file.name
                try file.text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            guard files.isEmpty else { return }
            let frame = try String(contentsOfFile: folder + "/dissector.lua", encoding: .utf8)
            try XDRGenerator.dissector(sources, frame: frame, namespace: namespace)
                .write(toFile: dissector, atomically: true, encoding: .utf8)
        } catch let error as GeneratorError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
    }

    private static func definitions(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".x") }.sorted().map { "\(folder)/\($0)" }
    }
}
