// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyWire
import Vocabulary

// Databases come and go.

extension Commands {
    static func attach(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (1...2).contains(arguments.count) else { throw context.usage("attach") }
        let words: [String: DatabaseFlags] = [
            "persistent": .persistent, "readonly": .readOnly, "sticky": .sticky,
            "replicated": .replicated,
        ]
        var flags: DatabaseFlags = []
        if arguments.count == 2 {
            guard let flag = words.first(where: { arguments[1] == $0.key })?.value else {
                throw context.usage("attach")
            }
            flags = flag
        }
        _ = try context.attached(arguments[0].string, flags)
        return 0
    }

    static func detach(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard !arguments.isEmpty else { throw context.usage("detach") }
        guard try context.ask(.recoveryMode) != .active else {
            context.complain("Database cannot be detached when recovery is active\n")
            return 1
        }
        try context.checkThatNodesAllowDetaching()
        let client = DatabaseSession(session: try context.session, limit: context.options.limit)
        var code: Int32 = 0
        for argument in arguments {
            let database: Database
            do throws(ToolExit) {
                database = try context.database(argument)
            } catch {
                if error.isFinal { throw error }
                continue
            }
            guard database.flags.isDisjoint(with: [.persistent, .replicated]) else {
                context.complain("Only volatile databases can be detached\n")
                return 1
            }
            do throws(DatabaseFailure) {
                try client.detach(database.id)
            } catch {
                let exit = context.logged(error)
                if exit.isFinal { throw exit }
                context.complain("Database \(database.name) detach failed\n")
                code = exit.code
            }
        }
        return code
    }

    static func sequenceNumber(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("getdbseqnum") }
        let database = try context.database(arguments[0])
        let number = try context.ask(
            .sequenceNumber(database.id),
            complaint: "Failed to get sequence number for DB \(database.name)\n")
        context.print("0x\(String(number, radix: 16))\n")
        return 0
    }
}

extension ToolContext {
    fileprivate func checkThatNodesAllowDetaching() throws(ToolExit) {
        for node in try nodeMap().nodes where node.flags.isConnected {
            let number = node.pnn.rawValue
            guard !node.flags.isInactive else {
                complain(
                    """
                    Database cannot be detached on inactive (stopped or banned) node \
                    \(number)\n
                    """)
                throw ToolExit(1)
            }
            let value = try ask(
                .tunable("AllowClientDBAttach"), of: node.pnn,
                complaint:
                    "Unable to get tunable AllowClientDBAttach from node \(number)\n")
            guard value != 1 else {
                complain(
                    """
                    Database access is still active on node \(number). Set \
                    AllowclientDBAttach=0 on all nodes.\n
                    """)
                throw ToolExit(1)
            }
        }
    }
}
