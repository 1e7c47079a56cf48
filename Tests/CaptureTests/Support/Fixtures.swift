// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import LegacyWire

/// Packets that a real ctdbd and the real tool wrote.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("fixtures")

    /// The names of all legacy packets.
    static let names: [String] = {
        let path = folder.appendingPathComponent("legacy").path
        let files = try? FileManager.default.contentsOfDirectory(atPath: path)
        return (files ?? []).filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }
            .sorted()
    }()

    private static func text(_ name: String) throws -> String {
        try String(
            contentsOf: folder.appendingPathComponent("legacy/\(name).hex"), encoding: .utf8)
    }

    /// The bytes: in each line those in front of the first two spaces.
    static func bytes(_ name: String) throws -> [UInt8] {
        try text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }.flatMap { line in
            line.prefix(48).split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    /// The opcode that the head of a reply's file names.
    static func answeredOpcode(_ name: String) throws -> ControlOpcode? {
        guard let line = try text(name).split(separator: "\n").first,
            line.contains("answering"),
            let number = line.split(separator: " ").last.flatMap({ UInt32($0) })
        else { return nil }
        return ControlOpcode(rawValue: number)
    }

    /// All packets, each answer behind a request that it can be the answer to.
    static func conversation() throws -> [[UInt8]] {
        try names.flatMap { name -> [[UInt8]] in
            let bytes = try bytes(name)
            guard let opcode = try answeredOpcode(name) else { return [bytes] }
            let reply = try LegacyPacket.decode(bytes[...], layout: little64)
            let request = LegacyPacket(
                generation: reply.generation, destination: reply.source,
                source: reply.destination, reqid: reply.reqid,
                body: .requestControl(RequestControl(opcode: opcode)))
            return [try request.encode(layout: little64), bytes]
        }
    }
}
