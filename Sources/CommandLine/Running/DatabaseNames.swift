// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// A database as people name it.
struct NamedDatabase {
    var id: DatabaseID
    var name: String
    var flags: DatabaseFlags
}

extension Context {
    /// The databases of a node, with their names.
    func databases(of node: PNN? = nil) throws(Problem) -> [NamedDatabase] {
        let session = try session()
        let map = try ask(.databaseMap, of: node).databases
        let questions = map.map {
            LegacySession.Question<String>(.databaseName($0.id), of: node ?? session.pnn)
        }
        var named: [NamedDatabase] = []
        for (database, answer) in zip(map, session.ask(questions, within: rest)) {
            do throws(LegacyFailure) {
                named.append(
                    NamedDatabase(
                        id: database.id, name: try answer.get(), flags: database.flags))
            } catch {
                throw Failures.problem(error, "name of database \(database.id)")
            }
        }
        return named
    }

    /// The database that a word means: its name, or its number in hexadecimal.
    func database(_ word: String) throws(Problem) -> NamedDatabase {
        let all = try databases()
        if let found = all.first(where: { $0.name == word }) { return found }
        if word.hasPrefix("0x"), let number = UInt32(word.dropFirst(2), radix: 16),
            let found = all.first(where: { $0.id.rawValue == number })
        {
            return found
        }
        let near = NearestNames.of(word, among: all.map(\.name))
        throw Problem(
            .failed, "db", "there is no database \"\(CommandParser.shortened(word))\"",
            advice: near.isEmpty
                ? "ctdb db list lists them" : "did you mean \(near.alternatives)?")
    }
}
