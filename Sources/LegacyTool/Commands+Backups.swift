// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import Bytes
import DatabaseClient
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

// Databases as files, and without contents.

extension Commands {
    static func backupDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("backupdb") }
        let database = try context.attached(try context.database(arguments[0]))
        let file: RegularFile
        do throws(SystemError) {
            file = try RegularFile(
                path: arguments[1].string, for: .overwriting(permissions: 0o600))
        } catch {
            context.complain("Failed to open file \(arguments[1]) for writing\n")
            return error.errno
        }
        do throws(DatabaseFailure) {
            let seconds = ProcessEnvironment.wallClockMilliseconds() / 1000
            try database.backUp(to: file, time: Int64(clamping: seconds))
        } catch {
            switch error.step {
            case .traverse:
                context.complain("Failed to collect records from DB \(database.name)\n")
            default: context.complain("Failed to write header to file \(arguments[1])\n")
            }
            return error.code.code
        }
        context.print("Database backed up to \(arguments[1])\n")
        return 0
    }

    static func restoreDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (1...2).contains(arguments.count) else { throw context.usage("restoredb") }
        let backup = try context.openedBackup(arguments[0])
        let name = arguments.count == 2 ? arguments[1] : RawText(bytes: backup.header.name)
        let time = BackupTime.text(backup.header.time)
        context.print("Restoring database \(name) from backup @ \(time)\n")
        let flags = backup.header.databaseFlags
        let database = try context.attached(
            Database(id: DatabaseID(rawValue: 0), name: name.string, flags: flags))
        let participants = try context.participants()
        do throws(DatabaseFailure) {
            try database.restore(
                backup, on: participants, isKeepingDeleted: true, within: context.options.limit)
        } catch {
            if case .wrongCount(let node, let received, let sent) = error.cause {
                context.complain(
                    "Node \(node.rawValue) received \(received) of \(sent) records\n")
            }
            throw context.exit(afterReplacing: error)
        }
        context.print("Database \(name) restored\n")
        return 0
    }

    static func dumpBackup(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("dumpbackup") }
        let backup = try context.openedBackup(arguments[0])
        let name = RawText(bytes: backup.header.name)
        let time = BackupTime.text(backup.header.time)
        context.print("Dumping database \(name) from backup @ \(time)\n")
        var count = 0
        for _ in 0..<backup.header.bufferCount {
            do throws(DatabaseFailure) {
                for record in try backup.next().records {
                    let (header, value) = try context.split(record)
                    context.print(RecordText.dump(header, key: record.key, value: value))
                    count += 1
                }
            } catch {
                guard case .unreadable(let problem) = error.cause else {
                    context.complain("Failed to read records\n")
                    return error.code.code
                }
                guard problem.type == "RecordData" || problem.type == "RecordHeader" else {
                    context.complain("Failed to read records\n")
                    // EIO.
                    return 5
                }
                context.complain("Failed to dump records\n")
                return error.code.code
            }
        }
        context.print("Dumped \(count) record(s)\n")
        return 0
    }

    static func wipeDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("wipedb") }
        let database = try context.attached(try context.database(arguments[0]))
        let participants = try context.participants()
        do throws(DatabaseFailure) {
            try database.wipe(on: participants, within: context.options.limit)
        } catch {
            throw context.exit(afterReplacing: error)
        }
        context.print("Database \(database.name) wiped\n")
        return 0
    }
}

extension ToolContext {
    /// Opens a backup and reads its header.
    fileprivate func openedBackup(_ path: RawText) throws(ToolExit) -> BackupReader {
        let file: RegularFile
        do throws(SystemError) {
            file = try RegularFile(path: path.string, for: .reading)
        } catch {
            complain("Failed to open file \(path) for reading\n")
            throw ToolExit(error.errno)
        }
        do throws(DatabaseFailure) {
            return try BackupReader(file)
        } catch {
            switch error.cause {
            case .system(let problem):
                complain("Failed to read db header from file \(path)\n")
                throw ToolExit(problem.errno)
            case .wrongVersion(let version): complainOfVersion(version)
            // What a file is too short for has no value in the legacy tool.
            default: complainOfVersion(0)
            }
            throw ToolExit(CNumber.invalid)
        }
    }

    private func complainOfVersion(_ version: UInt64) {
        complain(
            """
            Wrong version of backup file, expected \(BackupHeader.currentVersion), \
            got \(version)\n
            """)
    }

    fileprivate func split(
        _ record: RecordData
    ) throws(DatabaseFailure) -> (RecordHeader, ArraySlice<UInt8>) {
        do throws(WireError) {
            return try record.split(layout: .native)
        } catch {
            throw DatabaseFailure(.backup, "", .unreadable(error))
        }
    }

    /// The nodes that take part in databases, and the generation that the leader has.
    fileprivate func participants() throws(ToolExit) -> Participants {
        let map: NodeMap
        do throws(ToolExit) {
            map = try nodeMap()
        } catch {
            if error.isFinal { throw error }
            complain("Failed to get nodemap\n")
            throw ToolExit(12)
        }
        do throws(ToolExit) {
            let generation = try administer { (administrator) throws(AdministrationFailure) in
                try administrator.settledGeneration()
            }
            let nodes = map.nodes.filter { !$0.flags.isInactive }.map(\.pnn)
            return Participants(nodes: nodes, generation: generation)
        } catch {
            if !error.isFinal { complain("Failed to get current generation\n") }
            throw error
        }
    }

    /// The end of a command that could not give a database other contents.
    fileprivate func exit(afterReplacing failure: DatabaseFailure) -> ToolExit {
        if let cleanup = failure.cleanup { _ = logged(cleanup) }
        return failure.code
    }
}

/// The time of a backup as the legacy tool prints it.
enum BackupTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Year, month and day, then the time, in the local zone.
    static func text(_ seconds: Int64) -> String {
        // The day of the week, the month, the day, the time, the year.
        let words = (ProcessEnvironment.localTime(seconds: seconds) ?? "")
            .split { $0 == " " || $0 == "\n" }
        guard words.count == 5, let month = months.firstIndex(of: String(words[1])) else {
            return ""
        }
        let date = [month + 1, Int(words[2]) ?? 0].map { ($0 < 10 ? "0" : "") + String($0) }
        return "\(words[4])/\(date[0])/\(date[1]) \(words[3])"
    }
}
