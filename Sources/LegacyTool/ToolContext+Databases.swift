// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// A database that a user named.
struct Database: Equatable {
    /// Its number.
    var id: DatabaseID
    /// Its name.
    var name: String
    /// What kind it is.
    var flags: DatabaseFlags
}

extension ToolContext {
    /// The database that an argument names, by `0x` and its number or by its name, as the local
    /// node knows it.
    ///
    /// - Throws: 1, after the complaint that there is none, or when ctdbd does not answer.
    func database(_ argument: RawText) throws(ToolExit) -> Database {
        do throws(ToolExit) {
            if let database = try find(argument) { return database }
        } catch {
            throw error.isFinal ? error : ToolExit(1)
        }
        complain("No database matching '\(argument)' found\n")
        throw ToolExit(1)
    }

    private func find(_ argument: RawText) throws(ToolExit) -> Database? {
        let map = try ask(.databaseMap, of: localNode)
        if argument.hasPrefix("0x") {
            let number = UInt32(truncatingIfNeeded: try CNumber.parse(argument, base: 0))
            let found = map.databases.first { $0.id.rawValue == number }
            guard let found else { return nil }
            let name = try ask(.databaseName(found.id), of: localNode)
            return Database(id: found.id, name: name, flags: found.flags)
        }
        for candidate in map.databases {
            let name: String
            do throws(ToolExit) {
                name = try ask(.databaseName(candidate.id), of: localNode)
            } catch {
                // The legacy tool then says that there is no such database.
                if error.isFinal { throw error }
                return nil
            }
            if argument == name {
                return Database(id: candidate.id, name: name, flags: candidate.flags)
            }
        }
        return nil
    }
}
