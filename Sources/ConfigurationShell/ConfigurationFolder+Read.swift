// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import Sockets

extension ConfigurationFolder {
    /// Reads everything in a folder that a daemon or a script reads; what is missing is left out.
    public static func read(_ path: String) -> ConfigurationFolder {
        var files = names.compactMap { file($0, in: path) }
        files += listed("ctdb.conf.d", in: path, suffix: ".conf")
        files += listed("events/legacy", in: path, suffix: ".options")
        return ConfigurationFolder(path: path, files: files) { look($0, in: path) }
    }

    private static func file(_ name: String, in path: String) -> File? {
        do throws(SystemError) {
            return File(
                name, try SmallFile.read("\(path)/\(name)", limit: Configuration.byteLimit))
        } catch {
            return error.isMissingFile ? nil : File(name, failure: "\(error)")
        }
    }

    private static func listed(_ name: String, in path: String, suffix: String) -> [File] {
        do throws(SystemError) {
            return try Folder.names(in: "\(path)/\(name)")
                .filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
                .compactMap { file("\(name)/\($0)", in: path) }
        } catch {
            return error.isMissingFile ? [] : [File("\(name)/", failure: "\(error)")]
        }
    }

    private static func look(_ name: String, in path: String) -> PathTarget? {
        switch Folder.target(of: name.hasPrefix("/") ? name : "\(path)/\(name)") {
        case .folder: .folder
        case .file(let isExecutable): .file(isExecutable: isExecutable)
        case .other: .other
        case nil: nil
        }
    }
}
