// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import NetworkWire
import Testing
import Vocabulary

/// Reads fixtures/network: what the kernel, `ip`, `ss` and ctdbd really said.
enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("fixtures/network")

    /// The names of all fixtures.
    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }
            .sorted()
    }()

    /// The names of those that are of netlink.
    static let netlink = names.filter { name in
        ["address", "dump", "link", "sockets"].contains { name.hasPrefix($0) }
    }

    /// The bytes: in each line those in front of the offset.
    static func bytes(_ name: String) throws -> [UInt8] {
        let text = try String(
            contentsOf: folder.appendingPathComponent(name + ".hex"), encoding: .utf8)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.flatMap { line in
            line.prefix(48).split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    static func messages(_ name: String) throws -> [NetlinkMessage] {
        try NetlinkMessage.decodeAll(try bytes(name)[...])
    }

    /// The only message.
    static func message(_ name: String) throws -> NetlinkMessage {
        let all = try messages(name)
        return try #require(all.count == 1 ? all.first : nil)
    }

    static func address(_ name: String) throws -> AddressMessage {
        var reader = ByteReader(try message(name).body, order: .native)
        return try AddressMessage.decode(from: &reader)
    }
}

/// An address that is known to be right.
func address(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> IPAddress
{
    try #require(IPAddress(text), sourceLocation: sourceLocation)
}

/// Everything that bytes may be tampered with: each interesting number at each place, each cut.
func tampered(_ bytes: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = (0..<bytes.count).map { Array(bytes[..<$0]) }
    for at in bytes.indices {
        for value in [0, 1, 2, 3, 4, 5, 0x7F, 0x80, 0xFE, 0xFF] as [UInt8] where bytes[at] != value
        {
            var copy = bytes
            copy[at] = value
            result.append(copy)
        }
    }
    return result
}
