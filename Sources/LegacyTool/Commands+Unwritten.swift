// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Commands {
    static func attach(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func backupDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func catDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func catLocalDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func deleteKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func detach(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func dumpBackup(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func fileFetch(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func fileStore(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func persistentDelete(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func persistentFetch(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func persistentStore(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func persistentTransaction(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func readKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func restoreDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func sequenceNumber(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func wipeDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func writeKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

}
