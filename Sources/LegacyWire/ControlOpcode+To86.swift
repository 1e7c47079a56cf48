// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension ControlOpcode {
    /// Whether a process exists on the node.
    public static let processExists = ControlOpcode(rawValue: 0)
    /// Counters of the daemon.
    public static let statistics = ControlOpcode(rawValue: 1)
    /// Whether the daemon is there, and how many clients it has.
    public static let ping = ControlOpcode(rawValue: 3)
    /// Path of a database's file.
    public static let getDatabasePath = ControlOpcode(rawValue: 4)
    /// The nodes that serve the databases.
    public static let getVNNMap = ControlOpcode(rawValue: 5)
    /// Set the nodes that serve the databases.
    public static let setVNNMap = ControlOpcode(rawValue: 6)
    /// The log level.
    public static let getDebug = ControlOpcode(rawValue: 7)
    /// Set the log level.
    public static let setDebug = ControlOpcode(rawValue: 8)
    /// The databases and their flags.
    public static let getDatabaseMap = ControlOpcode(rawValue: 9)
    /// The nodes; replaced by `getNodeMap`.
    public static let getNodeMapIPv4 = ControlOpcode(rawValue: 10)
    /// Obsolete.
    public static let setDmaster = ControlOpcode(rawValue: 11)
    /// Obsolete since 4.14: records for a recovery.
    public static let pullDatabase = ControlOpcode(rawValue: 13)
    /// Obsolete since 4.14: records from a recovery.
    public static let pushDatabase = ControlOpcode(rawValue: 14)
    /// Whether the node is in recovery.
    public static let getRecoveryMode = ControlOpcode(rawValue: 15)
    /// Begin or end recovery on the node.
    public static let setRecoveryMode = ControlOpcode(rawValue: 16)
    /// Set the counters to 0.
    public static let resetStatistics = ControlOpcode(rawValue: 17)
    /// Open or create a volatile database.
    public static let attachDatabase = ControlOpcode(rawValue: 18)
    /// Obsolete.
    public static let setCall = ControlOpcode(rawValue: 19)
    /// Begin a traversal; replaced by `traverseStartExtended`.
    public static let traverseStart = ControlOpcode(rawValue: 20)
    /// A traversal on one node; replaced by `traverseAllExtended`.
    public static let traverseAll = ControlOpcode(rawValue: 21)
    /// One record of a traversal.
    public static let traverseData = ControlOpcode(rawValue: 22)
    /// Deliver messages for a srvid to this client.
    public static let registerSrvID = ControlOpcode(rawValue: 23)
    /// Deliver them no more.
    public static let deregisterSrvID = ControlOpcode(rawValue: 24)
    /// Name of a database.
    public static let getDatabaseName = ControlOpcode(rawValue: 25)
    /// Tell other nodes when a database changes.
    public static let enableSequenceNumber = ControlOpcode(rawValue: 26)
    /// A database has changed.
    public static let updateSequenceNumber = ControlOpcode(rawValue: 27)
    /// What memory is used for.
    public static let dumpMemory = ControlOpcode(rawValue: 29)
    /// Process id of the daemon.
    public static let getPID = ControlOpcode(rawValue: 30)
    /// Obsolete since 4.16, GET_RECMASTER: the leader as the node knows it.
    public static let getLeader = ControlOpcode(rawValue: 31)
    /// Obsolete since 4.16, SET_RECMASTER.
    public static let setLeader = ControlOpcode(rawValue: 32)
    /// Freeze all databases.
    public static let freeze = ControlOpcode(rawValue: 33)
    /// Obsolete since 4.5: thaw all databases.
    public static let thaw = ControlOpcode(rawValue: 34)
    /// Number of the node.
    public static let getPNN = ControlOpcode(rawValue: 35)
    /// Stop the daemon.
    public static let shutdown = ControlOpcode(rawValue: 36)
    /// Obsolete since 4.8.
    public static let getMonitorMode = ControlOpcode(rawValue: 37)
    /// Replaced by `takeoverIP`.
    public static let takeoverIPv4 = ControlOpcode(rawValue: 42)
    /// Replaced by `releaseIP`.
    public static let releaseIPv4 = ControlOpcode(rawValue: 43)
    /// A connection of this client, to be tickled after a takeover.
    public static let tcpClient = ControlOpcode(rawValue: 44)
    /// A connection on another node.
    public static let tcpAdd = ControlOpcode(rawValue: 45)
    /// A connection on another node is gone.
    public static let tcpRemove = ControlOpcode(rawValue: 46)
    /// A node has started.
    public static let startup = ControlOpcode(rawValue: 47)
    /// Set a tunable.
    public static let setTunable = ControlOpcode(rawValue: 48)
    /// Value of a tunable.
    public static let getTunable = ControlOpcode(rawValue: 49)
    /// Names of the tunables.
    public static let listTunables = ControlOpcode(rawValue: 50)
    /// Replaced by `getPublicIPs`.
    public static let getPublicIPsIPv4 = ControlOpcode(rawValue: 51)
    /// The flags of a node have changed.
    public static let modifyFlags = ControlOpcode(rawValue: 52)
    /// Values of all tunables.
    public static let getAllTunables = ControlOpcode(rawValue: 53)
    /// Obsolete since 4.5.
    public static let killTCP = ControlOpcode(rawValue: 54)
    /// Connections to tickle for an address.
    public static let getTickleList = ControlOpcode(rawValue: 55)
    /// Set the connections to tickle for an address.
    public static let setTickleList = ControlOpcode(rawValue: 56)
    /// Obsolete since 4.5.
    public static let registerServerID = ControlOpcode(rawValue: 57)
    /// Obsolete since 4.5.
    public static let unregisterServerID = ControlOpcode(rawValue: 58)
    /// Obsolete since 4.5.
    public static let checkServerID = ControlOpcode(rawValue: 59)
    /// Obsolete since 4.5.
    public static let getServerIDList = ControlOpcode(rawValue: 60)
    /// Open or create a persistent database.
    public static let attachPersistentDatabase = ControlOpcode(rawValue: 61)
    /// Obsolete.
    public static let persistentStore = ControlOpcode(rawValue: 62)
    /// Store records of a persistent database.
    public static let updateRecord = ControlOpcode(rawValue: 63)
    /// Announce an address.
    public static let sendGratuitousARP = ControlOpcode(rawValue: 64)
    /// Obsolete since 4.5.
    public static let transactionStart = ControlOpcode(rawValue: 65)
    /// Obsolete since 4.5.
    public static let transactionCommit = ControlOpcode(rawValue: 66)
    /// Empty a database during recovery.
    public static let wipeDatabase = ControlOpcode(rawValue: 67)
    /// When the daemon and the last recovery started.
    public static let uptime = ControlOpcode(rawValue: 69)
    /// Run the event at the beginning of a recovery.
    public static let startRecovery = ControlOpcode(rawValue: 70)
    /// Run the event at the end of a recovery.
    public static let endRecovery = ControlOpcode(rawValue: 71)
    /// Read the nodes file again.
    public static let reloadNodesFile = ControlOpcode(rawValue: 72)
    /// Delete records if nobody uses them.
    public static let tryDeleteRecords = ControlOpcode(rawValue: 74)
    /// Obsolete since 4.8.
    public static let enableMonitor = ControlOpcode(rawValue: 75)
    /// Obsolete since 4.8.
    public static let disableMonitor = ControlOpcode(rawValue: 76)
    /// Add a public address.
    public static let addPublicIP = ControlOpcode(rawValue: 77)
    /// Remove a public address.
    public static let deletePublicIP = ControlOpcode(rawValue: 78)
    /// Obsolete since 4.6.
    public static let runEventScripts = ControlOpcode(rawValue: 79)
    /// What the node can be.
    public static let getCapabilities = ControlOpcode(rawValue: 80)
    /// Obsolete.
    public static let startPersistentUpdate = ControlOpcode(rawValue: 81)
    /// Obsolete.
    public static let cancelPersistentUpdate = ControlOpcode(rawValue: 82)
    /// Obsolete.
    public static let trans2Commit = ControlOpcode(rawValue: 83)
    /// Obsolete.
    public static let trans2Finished = ControlOpcode(rawValue: 84)
    /// Obsolete.
    public static let trans2Error = ControlOpcode(rawValue: 85)
    /// Obsolete.
    public static let trans2CommitRetry = ControlOpcode(rawValue: 86)
}
