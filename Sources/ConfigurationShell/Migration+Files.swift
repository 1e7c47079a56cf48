// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import Sockets

extension Migration {
    /// Where the old configuration is on the usual systems.
    public static let usualSources = [
        "/etc/default/ctdb", "/etc/sysconfig/ctdb", "/etc/ctdb/ctdbd.conf",
    ]

    /// What was put in place.
    public struct Written: Equatable, Sendable {
        /// The file or link.
        public var path: String
        /// What the file that was there is called now; nil when there was none.
        public var backup: String?
    }

    /// Why something was not put in place.
    public struct WriteFailure: Error, Equatable, Sendable {
        /// What is in place nevertheless.
        public var written: [Written]
        /// Files that are there, and that nobody allowed to replace.
        public var existing: [String]
        /// What the kernel refused.
        public var reason: SystemError?
    }

    /// Reads old files.
    public static func read(
        _ paths: [String], folder: String
    ) throws(SystemError) -> Migration {
        var sources: [(file: String, bytes: [UInt8])] = []
        for path in paths {
            sources.append((path, try SmallFile.read(path, limit: Configuration.byteLimit)))
        }
        return Migration(of: sources, folder: folder)
    }

    /// Puts the files into a folder, and enables the event scripts there.
    ///
    /// Each file is replaced as a whole. Without `replaces` nothing is written when one of them is
    /// there already.
    ///
    /// - Parameters:
    ///   - folder: where ctdb.conf is.
    ///   - scriptFolder: where the event scripts are installed.
    ///   - replaces: whether files may be replaced; a copy of each is kept.
    /// - Returns: what was put in place.
    /// - Throws: which files are there, or what the kernel refused.
    public func write(
        to folder: String, scriptFolder: String = "/usr/share/ctdb/events/legacy",
        replaces: Bool
    ) throws(WriteFailure) -> [Written] {
        let existing = files.map { "\(folder)/\($0.name)" }
            .filter { Folder.target(of: $0) != nil }
        guard replaces || existing.isEmpty else {
            throw WriteFailure(written: [], existing: existing, reason: nil)
        }
        var written: [Written] = []
        do throws(SystemError) {
            for file in files {
                let path = "\(folder)/\(file.name)"
                let backup = Folder.target(of: path) == nil ? nil : Self.freeName(path)
                try WholeFile.write(
                    Array(file.text.utf8), to: path, replaces: replaces, backup: backup)
                written.append(Written(path: path, backup: backup))
            }
            for script in scripts {
                let path = "\(folder)/events/legacy/\(script.name).script"
                guard Folder.target(of: path) == nil else { continue }
                try WholeFile.link(path, to: "\(scriptFolder)/\(script.name).script")
                written.append(Written(path: path, backup: nil))
            }
        } catch {
            throw WriteFailure(written: written, existing: [], reason: error)
        }
        return written
    }

    /// The name of a copy that nobody has yet.
    private static func freeName(_ path: String) -> String {
        var name = "\(path).backup"
        var number = 1
        while Folder.target(of: name) != nil {
            name = "\(path).backup.\(number)"
            number += 1
        }
        return name
    }
}
