// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyClient
import LegacyWire
import TrivialDatabase
import Vocabulary

extension ToolContext {
    /// Longer than a run of the tool lasts.
    static let endless = Duration.seconds(100_000)

    /// Attaches to a database.
    ///
    /// - Throws: the number that it has for the legacy tool, after its words.
    func attached(_ database: Database) throws(ToolExit) -> DatabaseClient.Database {
        do throws(ToolExit) {
            return try attached(database.name, database.flags)
        } catch {
            if !error.isFinal { complain("Failed to attach to DB \(database.name)\n") }
            throw error
        }
    }

    /// Attaches to a database, which is made when it is missing.
    func attached(
        _ name: String, _ flags: DatabaseFlags
    ) throws(ToolExit) -> DatabaseClient.Database {
        let client = DatabaseSession(session: try session, limit: options.limit)
        do throws(DatabaseFailure) {
            return try client.attach(name, flags: flags)
        } catch {
            throw logged(error, flags: flags)
        }
    }

    /// Logs what the legacy client says of a failure, and gives the number that it has.
    func logged(_ failure: DatabaseFailure, flags: DatabaseFlags = []) -> ToolExit {
        if case .legacy(let legacy) = failure.cause, legacy.code.isFinal { return logged(legacy) }
        let code = failure.code
        let name = failure.database
        switch failure.step {
        case .attach, .path, .health, .nodes, .setReadOnly, .setSticky, .openFlags, .open,
            .attachLocks:
            logAttaching(failure, flags: flags)
        case .name: log(.error, "detach: \(name) GET_DBNAME failed, ret=\(code.code)\n")
        case .detach: log(.error, "detach: \(name) DB_DETACH failed, ret=\(code.code)\n")
        case .lockRecord:
            if case .file(let error) = failure.cause {
                log(.error, "fetch_lock: \(name) tdb_chainlock failed, \(error.detail)\n")
            }
        case .migrate:
            if case .callRefused = failure.cause {
            } else {
                log(.error, "fetch_lock: \(name) CALL failed, ret=\(code.code)\n")
            }
        case .writeRecord:
            if case .file(let error) = failure.cause {
                log(.error, "store_record: \(name) tdb_storev failed, \(error.detail)\n")
            }
        case .scheduleDeletion:
            log(
                .error,
                "delete_record: \(name) SCHEDULE_FOR_DELETION failed, ret=\(code.code)\n")
        case .sequenceNumber:
            log(
                .error, "transaction_commit: \(name) seqnum fetch failed, ret=\(code.code)\n")
        case .commit:
            if failure.cause == .undecided {
                log(
                    .error,
                    "transaction_commit: \(name) TRANS3_COMMIT failed, ret=\(code.code)\n")
            }
        case .traverse:
            if case .legacy(let legacy) = failure.cause {
                let isReply = legacy.isRefusal
                log(
                    .error,
                    "traverse: control \(isReply ? "reply " : "")failed, ret=\(code.code)\n")
            }
        case .list, .readRecord, .lock, .checkHolder, .unlock, .listen, .replace, .backup: break
        }
        return code
    }

    private func logAttaching(_ failure: DatabaseFailure, flags: DatabaseFlags) {
        let name = failure.database
        let code = failure.code.code
        let control: String
        switch failure.step {
        case .attach:
            if case .legacy(let legacy) = failure.cause, legacy.isRefusal {
                log(.error, "attach: \(name) failed to get db_id, ret=\(code)\n")
                return
            }
            control =
                flags.contains(.persistent)
                ? "DB_ATTACH_PERSISTENT"
                : flags.contains(.replicated) ? "DB_ATTACH_REPLICATED" : "DB_ATTACH"
        case .health:
            if case .unhealthy(let reason) = failure.cause {
                log(.error, "attach: \(name) database unhealthy (\(reason))\n")
                return
            }
            control = "DB_GET_HEALTH"
        case .open:
            log(.error, "attach: \(name) tdb_wrap_open failed\n")
            return
        case .nodes, .setReadOnly, .setSticky:
            let id = FixedPoint.hexadecimal(DatabaseID(name: name).rawValue)
            let word =
                switch failure.step {
                case .setReadOnly: "SET_DB_READONLY"
                case .setSticky: "SET_DB_STICKY"
                default: "GET_NODEMAP"
                }
            log(.error, "set_db_flags: 0x\(id) \(word) failed, ret=\(code)\n")
            let bits = FixedPoint.hexadecimal(UInt32(flags.rawValue))
            log(.error, "attach: \(name) set db flags 0x\(bits) failed\n")
            return
        case .path: control = "GETDBPATH"
        case .openFlags: control = "DB_OPEN_FLAGS"
        default: return
        }
        // A reply that says no is read and found to be none.
        var verb = "failed,"
        if case .legacy(let legacy) = failure.cause, legacy.isRefusal { verb = "parse failed," }
        log(.error, "attach: \(name) \(control) \(verb) ret=\(code)\n")
    }
}

extension LegacyFailure {
    /// Whether ctdbd answered that it did not do it.
    fileprivate var isRefusal: Bool {
        if case .refused = cause { true } else { false }
    }
}

extension DatabaseFailure {
    /// The number that the legacy client returns.
    var code: ToolExit {
        switch cause {
        case .legacy(let failure): failure.code
        // EIO, ENOMEM, EMSGSIZE, EINVAL, ETIMEDOUT, EDEADLK.
        case .file: ToolExit(step == .open ? 12 : 5)
        case .callRefused, .unhealthy, .conflict: ToolExit(5)
        case .noActiveNode: ToolExit(12)
        case .unreadable: ToolExit(90)
        case .system(let error): ToolExit(error.errno)
        case .wrongKind, .readOnlyRecord, .invalidUse, .wrongVersion: ToolExit(CNumber.invalid)
        case .timedOut, .undecided: ToolExit(110)
        case .deadlock: ToolExit(35)
        case .noSuchDatabase: ToolExit(1)
        // The legacy tool forgets that it has failed.
        case .wrongCount: ToolExit(0)
        }
    }
}
