// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Commands {
    static func addAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func addTickle(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func announceAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func attach(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func backupDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func ban(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func capabilities(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func catDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func catLocalDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func checkPort(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func clusterLock(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func continueNode(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func databaseMap(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func databaseStatistics(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func databaseStatus(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func deleteAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func deleteKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func deleteTickle(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func detach(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func disable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func dumpBackup(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func dumpMemory(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func dumpRecoveryMemory(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func enable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func event(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func fileFetch(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func fileStore(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func getDebug(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func getTunable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func interfaces(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func leader(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func listNodes(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func listTickles(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func listTunables(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func lvs(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func moveAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func natgw(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func nodeNumber(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func nodeStatus(
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

    static func ping(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func processExists(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func processID(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func publicAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func publicAddresses(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func readKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func reallocate(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func recover(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func reloadAddresses(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func reloadNodes(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func resetStatistics(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func restoreDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func runState(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func scriptStatus(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func sequenceNumber(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setDatabaseReadOnly(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setDatabaseSticky(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setDebug(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setInterfaceLink(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setLeaderRole(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setLmasterRole(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func setTunable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func shutdown(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func statistics(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func statisticsHistory(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func status(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func stop(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func tickle(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func unban(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func uptime(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func version(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func wipeDatabase(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

    static func writeKey(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 { throw ToolExit(1) }

}
