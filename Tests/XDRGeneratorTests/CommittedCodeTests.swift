// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Testing
import XDRGenerator

@Suite struct CommittedCodeTests {
    /// The folder that holds the package.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let peer = [
        "address.x", "cluster.x", "event.x", "frame.x", "ip.x", "packet.x", "proxy.x",
        "recording.x", "stage.x",
    ]

    @Test(arguments: [
        ("Sources/PeerWire", "PeerProtocol", Self.peer),
        ("Tests/XDRTests", "FileProtocol", ["file.x"]),
        ("Tests/XDRTests", "ShapesProtocol", ["shapes.x"]),
    ])
    func committedCodeIsWhatTheGeneratorPrints(
        folder: String, namespace: String, names: [String]
    ) throws {
        let base = Self.root.appendingPathComponent(folder)
        let sources = try names.map { name in
            TextFile(
                name: name,
                text: try String(
                    contentsOf: base.appendingPathComponent("Protocol/\(name)"), encoding: .utf8))
        }
        for file in try XDRGenerator.generate(sources, namespace: namespace) {
            let committed = try String(
                contentsOf: base.appendingPathComponent("Generated/\(file.name)"), encoding: .utf8)
            #expect(committed == file.text, "\(file.name): run `swift run xdrgen`")
        }
    }

    @Test func theCommittedDissectorIsWhatTheGeneratorPrints() throws {
        let base = Self.root.appendingPathComponent("Sources/PeerWire")
        func text(_ path: String) throws -> String {
            try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
        }
        let sources = try Self.peer.map { TextFile(name: $0, text: try text("Protocol/\($0)")) }
        let printed = try XDRGenerator.dissector(
            sources, frame: try text("Protocol/dissector.lua"), namespace: "PeerProtocol")
        #expect(try text("Wireshark/tablecloth.lua") == printed, "run `swift run xdrgen`")
    }

    @Test func everyDefinitionOfThePeerProtocolIsGenerated() throws {
        let folder = Self.root.appendingPathComponent("Sources/PeerWire/Protocol")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(
            names.filter { $0.hasSuffix(".x") }.sorted()
                == Self.peer)
    }
}
