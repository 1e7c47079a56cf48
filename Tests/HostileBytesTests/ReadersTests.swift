// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import HostileBytes
import Testing

/// That no reader of bytes is left out of what is made up and mutated.
@Suite struct ReadersTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("every type of the .x files is read")
    func peerTypes() throws {
        let folder = Self.root.appendingPathComponent("Sources/PeerWire/Generated")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        var types: Set<String> = []
        for file in files where file.hasSuffix(".swift") {
            let text = try String(
                contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count > 3, words[0] == "public",
                    words[1] == "struct" || words[1] == "enum", line.contains("XDR")
                else { continue }
                types.insert(String(words[2].dropLast()))
            }
        }
        #expect(types.count > 50)
        #expect(Set(Parser.peerTypeNames) == types)
    }

    @Test("every reader belongs to what libFuzzer is given")
    func targets() {
        let input: [UInt8] = [0]
        for parser in Parser.all {
            let isAlone = Parser.targets.contains { $0.name == parser.name }
            let isAmong = Parser.targets.contains { target in
                target.seeds([]).count >= parser.seeds([]).count && target.name != parser.name
            }
            #expect(isAlone || isAmong, "\(parser.name)")
        }
        for target in Parser.targets {
            #expect(target.examine(input[...], Meter()).complaint == nil, "\(target.name)")
            #expect(target.examine([], Meter()).complaint == nil, "\(target.name)")
        }
    }

    @Test("the first byte of an input chooses its reader")
    func choice() throws {
        let texts = try #require(Parser.targets.first { $0.name == "texts" })
        let seeds = texts.seeds([])
        #expect(Set(seeds.map { $0[0] }) == [0, 1, 2, 3])
        var read: Set<UInt8> = []
        for seed in seeds {
            let finding = texts.examine(seed[...], Meter())
            #expect(finding.complaint == nil, "\(seed)")
            if finding.isValue { read.insert(seed[0]) }
        }
        #expect(read == [0, 1, 2, 3])
    }
}
