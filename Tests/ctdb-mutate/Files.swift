// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import HostileBytes
import Sockets

/// Fixtures and inputs as files.
enum Files {
    private static let limit = 64 << 20

    static func read(_ path: String) throws -> [UInt8] {
        try SmallFile.read(path, limit: limit)
    }

    /// Every fixture below a folder, in the order of their names.
    static func fixtures(in folder: String, below path: String = "") throws -> [Fixture] {
        var fixtures: [Fixture] = []
        for name in try Folder.names(in: "\(folder)/\(path)") {
            let place = path.isEmpty ? name : "\(path)/\(name)"
            if Folder.isFolder("\(folder)/\(place)") {
                fixtures += try Self.fixtures(in: folder, below: place)
            } else if name.hasSuffix(".hex") {
                let text = String(decoding: try read("\(folder)/\(place)"), as: UTF8.self)
                fixtures.append(Fixture(name: String(place.dropLast(4)), text: text))
            } else {
                fixtures.append(Fixture(name: place, bytes: try read("\(folder)/\(place)")))
            }
        }
        return fixtures
    }

    static func write(_ inputs: [[UInt8]], into folder: String) throws {
        for (number, input) in inputs.enumerated() {
            try WholeFile.write(input, to: "\(folder)/seed-\(number)", replaces: true, backup: nil)
        }
    }
}
