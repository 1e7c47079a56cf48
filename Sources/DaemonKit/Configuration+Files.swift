// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import Sockets

extension Configuration {
    /// Reads a file, or the files of a folder whose names end in `.conf`, in the order of their
    /// names.
    public init(readingFrom path: String) throws(ConfigurationError) {
        if Folder.isFolder(path) {
            var texts: [ConfigurationText] = []
            let names = try Self.attempt(path) { () throws(SystemError) in
                try Folder.names(in: path)
            }
            for name in names where name.hasSuffix(".conf") && !name.hasPrefix(".") {
                let file = "\(path)/\(name)"
                texts.append(ConfigurationText(parsing: try Self.bytes(of: file), source: file))
            }
            try self.init(merging: texts, source: path)
        } else {
            try self.init(parsing: try Self.bytes(of: path), source: path)
        }
    }

    private static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
        try attempt(path) { () throws(SystemError) in
            try SmallFile.read(path, limit: byteLimit)
        }
    }

    private static func attempt<Value>(
        _ path: String, _ read: () throws(SystemError) -> Value
    ) throws(ConfigurationError) -> Value {
        do throws(SystemError) {
            return try read()
        } catch {
            throw ConfigurationError(
                source: path, line: nil,
                problem: .unreadable(reason: "\(error)", isMissing: error.isMissingFile))
        }
    }
}
