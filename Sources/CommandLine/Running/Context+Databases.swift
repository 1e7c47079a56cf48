// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyClient
import Presentation
import Sockets

extension Context {
    /// Works on a database within the time limit.
    ///
    /// - Parameters:
    ///   - word: its name or number.
    ///   - what: what is tried, for people.
    ///   - work: does it.
    /// - Returns: what it gives.
    /// - Throws: why it was not done.
    @discardableResult
    func withDatabase<Answer>(
        _ word: String, _ what: String, _ work: (Database) throws(DatabaseFailure) -> Answer
    ) throws(Problem) -> Answer {
        let known = try database(word)
        return try withDatabases(what) { client throws(DatabaseFailure) in
            try work(try client.attach(known.name, flags: known.flags))
        }
    }

    /// Works on databases within the time limit.
    @discardableResult
    func withDatabases<Answer>(
        _ what: String, _ work: (DatabaseSession) throws(DatabaseFailure) -> Answer
    ) throws(Problem) -> Answer {
        // A file is opened once in a process; who works on many records does not open it again.
        let client = conversation.databaseSession(try session())
        client.limit = rest
        do throws(DatabaseFailure) {
            return try work(client)
        } catch {
            throw Self.problem(error, what)
        }
    }

    static func problem(_ failure: DatabaseFailure, _ what: String) -> Problem {
        let place = failure.database.isEmpty ? what : "\(what) of \(failure.database)"
        switch failure.cause {
        case .legacy(let failure): return Failures.problem(failure, place)
        case .timedOut:
            return Problem(
                .timedOut, place, "not in time",
                advice: "somebody holds a lock, or a recovery goes on; --timeout waits longer")
        case .unhealthy(let reason):
            return Problem(
                .failed, place, "the database is not whole: \(reason)",
                advice: "ctdb db restore it from a backup, or ctdb db wipe it")
        case .undecided:
            return Problem(
                .failed, place, "nobody can say whether it happened",
                advice: "look at the records before you try again")
        case .file(let error): return Problem(.failed, place, "\(error)")
        case .system(let error): return system(error, place)
        default: return Problem(.failed, place, "\(failure)")
        }
    }

    /// What the kernel refused.
    static func system(_ error: SystemError, _ what: String) -> Problem {
        Problem(
            .failed, "\(what)\(error.path.map { ", \($0)" } ?? "")", error.reason,
            advice: error.isForbidden ? "use sudo" : error.advice)
    }
}
