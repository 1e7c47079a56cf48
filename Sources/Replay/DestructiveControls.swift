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
        (.setRecoveryMode, "begins or ends a recovery"),
        (.startRecovery, "has event scripts run as at a recovery"),
        (.endRecovery, "has event scripts run as at a recovery"),
        (.setVNNMap, "changes who serves the databases"),
        (.wipeDatabase, "removes all records"),
        (.detachDatabase, "takes a database away"),
        (.setDatabaseHealthy, "declares a damaged database whole"),
        (.setDatabaseReadOnly, "changes how a database is used, until it is detached"),
        (.setDatabaseSticky, "changes how a database is used, until it is detached"),
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
        (.databaseVacuum, "removes records, and ends ctdbd 4.17 for some databases"),
        (.takeoverIP, "moves an address"),
        (.releaseIP, "takes an address away"),
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
        (.banning, "banning", "counts towards a ban of a node"),
        (.election, "election", "begins an election of the leader"),
        (.leader, "leader", "says who leads"),
        (.setNodeFlags, "setNodeFlags", "changes the flags of a node"),
        (.pushNodeFlags, "pushNodeFlags", "changes the flags of a node"),
        (.detachDatabase, "detachDatabaseMessage", "has a recovery daemon forget a database"),
        (.reloadNodes, "reloadNodes", "reads the nodes again"),
        (.takeoverRun, "takeoverRun", "may move addresses"),
        (.rebalanceNode, "rebalanceNode", "moves addresses"),
        (.disableTakeoverRuns, "disableTakeoverRuns", "holds failover off"),
        (.disableRecoveries, "disableRecoveries", "holds recoveries off"),
    ]

    /// What a packet of a client does that is not sent unless its name is given; nil for others.
    public static func danger(_ packet: LegacyPacket) -> (name: String, effect: String)? {
        switch packet.body {
        case .requestControl(let control)
        where control.opcode == .tcpClient && packet.destination != .current:
            ("tcpClient", "ends ctdbd 4.17 on another node")
        case .requestControl(let control):
            list.first { $0.opcode == control.opcode }.map { ("\($0.opcode)", $0.effect) }
        case .requestMessage(let message):
            messages.first { $0.srvid == message.srvid }.map { ($0.name, $0.effect) }
        default: nil
        }
    }

    /// The name of a control or message as it is in the lists, whatever its case, with or without
    /// dashes; nil when there is none.
    public static func name(of text: String) -> String? {
        let wanted = plain(text)
        return names.first { plain($0) == wanted }
    }

    /// The names of all of them.
    public static var names: [String] {
        list.map { "\($0.opcode)" } + ["tcpClient"] + messages.map(\.name)
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "-" && $0 != "_" }
    }
}
