// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import Sockets

/// The settings of ctdb.conf, which belongs to ctdbd.
///
/// ctdbd reads the same file and says what is wrong in it. This reader takes what it understands,
/// so that no file with which ctdbd starts keeps the event daemon from starting.
///
/// - Source: ctdb.conf(5).
struct SharedSettings: Equatable {
    private var values: [String: String] = [:]

    /// Reads text; what is neither section nor setting is passed over, the last of two wins.
    init(parsing bytes: [UInt8], source: String) {
        for setting in ConfigurationText(parsing: bytes, source: source).settings {
            guard let section = setting.section, let value = setting.value else { continue }
            values["\(section)/\(setting.name)"] = value
        }
    }

    /// Reads a file; one that is missing has no settings.
    init(readingFrom path: String) throws(SystemError) {
        do throws(SystemError) {
            self.init(parsing: try SmallFile.read(path, limit: 1 << 20), source: path)
        } catch {
            guard error.isMissingFile else { throw error }
            self.init(parsing: [], source: path)
        }
    }

    /// The value of a setting, or nil when it is not there or empty.
    func value(_ key: String, in section: String) -> String? {
        values["\(section)/\(key)"].flatMap { $0.isEmpty ? nil : $0 }
    }
}
