// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// What is not sent to a daemon unless it is named, for it takes something away from those who use
/// the cluster.
public enum DestructiveControls {
    /// The controls, and what they do.
    public static let list: [(opcode: ControlOpcode, effect: String)] = [
        (.shutdown, "ends ctdbd"),
        (.setBanState, "bans a node"),
        (.stopNode, "stops a node"),
        (.disableNode, "takes a node's addresses away"),
        (.modifyFlags, "changes the flags of a node"),
        (.startup, "says that a node has started"),
        (.enableMonitor, "changes whether a node is watched"),
        (.disableMonitor, "changes whether a node is watched"),
        (.enableScript, "changes which event scripts run"),
        (.disableScript, "changes which event scripts run"),
        (.runEventScripts, "has event scripts run"),
        (.setLeader, "says who leads"),
        (.setClusterLock, "changes what decides who leads"),
        (.setNATGatewayState, "changes what a node may do"),
        (.setRecoveryMode, "begins or ends a recovery"),
        (.startRecovery, "has event scripts run as at a recovery"),
        (.endRecovery, "has event scripts run as at a recovery"),
        (.setVNNMap, "changes who serves the databases"),
        (.wipeDatabase, "removes all records"),
        (.detachDatabase, "takes a database away"),
        (.setDatabaseHealthy, "declares a damaged database whole"),
        (.setDatabaseReadOnly, "changes how a database is used, until it is detached"),
        (.setDatabaseSticky, "changes how a database is used, until it is detached"),
        (.setDatabasePriority, "changes how a database is used, until it is detached"),
        (.setCall, "changes how a database is used, until it is detached"),
        (.setDmaster, "gives all records to a node"),
        (.freeze, "keeps everybody out of all databases"),
        (.thaw, "ends what keeps a recovery to itself"),
        (.transactionStart, "keeps everybody out of all databases"),
        (.transactionCommit, "writes what a recovery has put together"),
        (.transactionCancel, "drops what a recovery has put together"),
        (.pushDatabase, "replaces all records"),
        (.freezeDatabase, "keeps everybody out of a database"),
        (.thawDatabase, "ends what keeps a recovery to itself"),
        (.databaseTransactionStart, "keeps everybody out of a database"),
        (.databaseTransactionCommit, "writes what a recovery has put together"),
        (.databaseTransactionCancel, "drops what a recovery has put together"),
        (.databasePull, "belongs to a recovery, and is refused outside of one"),
        (.databasePushStart, "replaces all records"),
        (.databasePushConfirm, "replaces all records"),
        (.trans3Commit, "writes to a database that all nodes keep"),
        (.updateRecord, "writes to a database that all nodes keep"),
        (.persistentStore, "writes to a database that all nodes keep"),
        (.startPersistentUpdate, "writes to a database that all nodes keep"),
        (.cancelPersistentUpdate, "drops what was written to a database that all nodes keep"),
        (.trans2Commit, "writes to a database that all nodes keep"),
        (.trans2CommitRetry, "writes to a database that all nodes keep"),
        (.trans2Finished, "writes to a database that all nodes keep"),
        (.trans2Error, "drops what was written to a database that all nodes keep"),
        (.pushRecord, "writes a record past its owner"),
        (.receiveRecords, "writes records past their owner"),
        (.tryDeleteRecords, "removes records"),
        (.vacuumFetch, "moves records"),
        (.databaseVacuum, "removes records, and ends ctdbd 4.17 for some databases"),
        (.takeoverIP, "moves an address"),
        (.releaseIP, "takes an address away"),
        (.takeoverIPv4, "moves an address"),
        (.releaseIPv4, "takes an address away"),
        (.startIPReallocate, "has event scripts run as in front of a takeover run"),
        (.ipReallocated, "has event scripts run as behind a takeover run"),
        (.addPublicIP, "adds an address until ctdbd ends"),
        (.deletePublicIP, "takes an address away"),
        (.reloadPublicIPs, "reads the addresses again"),
        (.reloadNodesFile, "reads the nodes again"),
        (.setInterfaceLinkState, "declares an interface broken or whole"),
        (.killTCP, "ends a connection"),
        (.setTunable, "changes how ctdbd works"),
        (.setLmasterRole, "changes what a node may do"),
        (.setLeaderRole, "changes what a node may do"),
        (.setTickleList, "replaces what is told to clients of an address"),
        (.resetStatistics, "sets counters to 0"),
    ]

    /// Messages to recovery daemons, and what they do.
    public static let messages: [(srvid: SrvID, name: String, effect: String)] = [
        (.recovery, "recovery", "adds records to those of a recovery"),
        (.banning, "banning", "counts towards a ban of a node"),
        (.election, "election", "begins an election of the leader"),
        (.leader, "leader", "says who leads"),
        (.setNodeFlags, "setNodeFlags", "changes the flags of a node"),
        (.pushNodeFlags, "pushNodeFlags", "changes the flags of a node"),
        (.releaseIP, "releaseIPMessage", "has smbd end the sessions of an address"),
        (.updateIP, "updateIP", "tells a recovery daemon where an address is"),
        (.vacuumFetch, "vacuumFetchMessage", "moves records"),
        (.disableIPCheck, "disableIPCheck", "holds checks of addresses off"),
        (.detachDatabase, "detachDatabaseMessage", "has a recovery daemon forget a database"),
        (.reloadNodes, "reloadNodes", "reads the nodes again"),
        (.takeoverRun, "takeoverRun", "may move addresses"),
        (.rebalanceNode, "rebalanceNode", "moves addresses"),
        (.disableTakeoverRuns, "disableTakeoverRuns", "holds failover off"),
        (.disableRecoveries, "disableRecoveries", "holds recoveries off"),
    ]

    /// The controls that may be sent: they ask, or what they do ends with their client or harms
    /// nobody.
    public static let harmless: Set<ControlOpcode> = [
        .processExists, .statistics, .ping, .getDatabasePath, .getVNNMap, .getDebug, .setDebug,
        .getDatabaseMap, .getNodeMapIPv4, .pullDatabase, .getRecoveryMode, .attachDatabase,
        .traverseStart, .traverseAll, .traverseData, .registerSrvID, .deregisterSrvID,
        .getDatabaseName, .enableSequenceNumber, .updateSequenceNumber, .dumpMemory, .getPID,
        .getLeader, .getPNN, .getMonitorMode, .tcpClient, .tcpAdd, .tcpRemove, .getTunable,
        .listTunables, .getPublicIPsIPv4, .getAllTunables, .getTickleList, .registerServerID,
        .unregisterServerID, .checkServerID, .getServerIDList, .attachPersistentDatabase,
        .sendGratuitousARP, .uptime, .getCapabilities, .recoveryDaemonPing, .getPublicIPs,
        .getNodeMap, .getEventScriptStatus, .traverseKill, .clusterLockLatency, .getClusterLock,
        .continueNode, .getBanState, .getDatabasePriority, .registerNotify, .deregisterNotify,
        .trans2Active, .getLog, .clearLog, .getDatabaseSequenceNumber, .getDatabaseHealth,
        .getPublicIPInfo, .getInterfaces, .tcpAddDelayedUpdate, .getStatisticsHistory,
        .scheduleForDeletion, .checkSrvIDs, .traverseStartExtended, .getDatabaseStatistics,
        .traverseAllExtended, .getRunState, .getNodesFile, .databaseOpenFlags,
        .attachReplicatedDatabase, .checkPIDSrvID, .registerTunnel, .deregisterTunnel, .echoData,
        .enableNode, .tcpClientDisconnected, .tcpClientPassed,
    ]
    private static let unknown = (
        name: "unknown", effect: "does what nobody here knows"
    )

    /// What a packet of a client does that is not sent unless its name is given; nil for others.
    public static func danger(_ packet: LegacyPacket) -> (name: String, effect: String)? {
        switch packet.body {
        case .requestControl(let control)
        where control.opcode == .tcpClient && packet.destination != .current:
            ("tcpClient", "ends ctdbd 4.17 on another node")
        case .requestControl(let control):
            harmless.contains(control.opcode)
                ? nil
                : list.first { $0.opcode == control.opcode }.map { ("\($0.opcode)", $0.effect) }
                    ?? unknown
        case .requestMessage(let message):
            messages.first { isMeant($0.srvid, by: message.srvid) }.map { ($0.name, $0.effect) }
        // What nodes say to each other is no client's business.
        case .requestDmaster, .replyDmaster, .requestKeepalive, .shortKeepalive, .unknown: unknown
        default: nil
        }
    }

    /// A recovery chooses the lower bits of its srvids.
    private static func isMeant(_ listed: SrvID, by srvid: SrvID) -> Bool {
        listed == srvid || listed == .recovery && srvid.rawValue >> 48 == listed.rawValue >> 48
    }

    /// The name of a control or message as it is in the lists, whatever its case, with or without
    /// dashes; nil when there is none.
    public static func name(of text: String) -> String? {
        let wanted = plain(text)
        return names.first { plain($0) == wanted }
    }

    /// The names of all of them.
    public static var names: [String] {
        list.map { "\($0.opcode)" } + ["tcpClient"] + messages.map(\.name) + [unknown.name]
    }

    static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "-" && $0 != "_" }
    }
}
