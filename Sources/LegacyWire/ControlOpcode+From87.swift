// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension ControlOpcode {
    /// A sign of life of the recovery daemon.
    public static let recoveryDaemonPing = ControlOpcode(rawValue: 87)
    /// Release a public address.
    public static let releaseIP = ControlOpcode(rawValue: 88)
    /// Take a public address.
    public static let takeoverIP = ControlOpcode(rawValue: 89)
    /// The public addresses and where they are.
    public static let getPublicIPs = ControlOpcode(rawValue: 90)
    /// The nodes, their flags and addresses.
    public static let getNodeMap = ControlOpcode(rawValue: 91)
    /// Obsolete since 4.6.
    public static let getEventScriptStatus = ControlOpcode(rawValue: 96)
    /// End a traversal.
    public static let traverseKill = ControlOpcode(rawValue: 97)
    /// How long the check of the cluster lock took.
    public static let clusterLockLatency = ControlOpcode(rawValue: 98)
    /// The setting of the cluster lock, GET_RECLOCK_FILE.
    public static let getClusterLock = ControlOpcode(rawValue: 99)
    /// Obsolete since 4.5, SET_RECLOCK_FILE.
    public static let setClusterLock = ControlOpcode(rawValue: 100)
    /// Stop taking part.
    public static let stopNode = ControlOpcode(rawValue: 101)
    /// Take part again.
    public static let continueNode = ControlOpcode(rawValue: 102)
    /// Obsolete since 4.5.
    public static let setNATGatewayState = ControlOpcode(rawValue: 103)
    /// Whether the node may be a location master.
    public static let setLmasterRole = ControlOpcode(rawValue: 104)
    /// Whether the node may lead, SET_RECMASTERROLE.
    public static let setLeaderRole = ControlOpcode(rawValue: 105)
    /// Obsolete since 4.6.
    public static let enableScript = ControlOpcode(rawValue: 107)
    /// Obsolete since 4.6.
    public static let disableScript = ControlOpcode(rawValue: 108)
    /// Ban a node or end its ban.
    public static let setBanState = ControlOpcode(rawValue: 109)
    /// How long a node is banned.
    public static let getBanState = ControlOpcode(rawValue: 110)
    /// Obsolete since 4.5.
    public static let setDatabasePriority = ControlOpcode(rawValue: 111)
    /// Obsolete since 4.5.
    public static let getDatabasePriority = ControlOpcode(rawValue: 112)
    /// Obsolete since 4.5.
    public static let transactionCancel = ControlOpcode(rawValue: 113)
    /// Send a message when this client goes.
    public static let registerNotify = ControlOpcode(rawValue: 114)
    /// Do not send it.
    public static let deregisterNotify = ControlOpcode(rawValue: 115)
    /// Obsolete.
    public static let trans2Active = ControlOpcode(rawValue: 116)
    /// Obsolete.
    public static let getLog = ControlOpcode(rawValue: 117)
    /// Obsolete.
    public static let clearLog = ControlOpcode(rawValue: 118)
    /// Commit a transaction on a persistent database.
    public static let trans3Commit = ControlOpcode(rawValue: 119)
    /// Sequence number of a persistent database.
    public static let getDatabaseSequenceNumber = ControlOpcode(rawValue: 120)
    /// A database is whole.
    public static let setDatabaseHealthy = ControlOpcode(rawValue: 121)
    /// Why a database is not whole.
    public static let getDatabaseHealth = ControlOpcode(rawValue: 122)
    /// One public address and its interfaces.
    public static let getPublicIPInfo = ControlOpcode(rawValue: 123)
    /// The interfaces and their links.
    public static let getInterfaces = ControlOpcode(rawValue: 124)
    /// Set the state of an interface's link.
    public static let setInterfaceLinkState = ControlOpcode(rawValue: 125)
    /// A connection on another node; the others are told later.
    public static let tcpAddDelayedUpdate = ControlOpcode(rawValue: 126)
    /// Older counters of the daemon.
    public static let getStatisticsHistory = ControlOpcode(rawValue: 127)
    /// Vacuum a record soon.
    public static let scheduleForDeletion = ControlOpcode(rawValue: 128)
    /// Allow read-only copies of records.
    public static let setDatabaseReadOnly = ControlOpcode(rawValue: 129)
    /// Obsolete since 4.8: which srvids are registered.
    public static let checkSrvIDs = ControlOpcode(rawValue: 130)
    /// Begin a traversal.
    public static let traverseStartExtended = ControlOpcode(rawValue: 131)
    /// Counters of a database.
    public static let getDatabaseStatistics = ControlOpcode(rawValue: 132)
    /// Keep hot records in place for a while.
    public static let setDatabaseSticky = ControlOpcode(rawValue: 133)
    /// Read the public addresses file again.
    public static let reloadPublicIPs = ControlOpcode(rawValue: 134)
    /// A traversal on one node.
    public static let traverseAllExtended = ControlOpcode(rawValue: 135)
    /// Obsolete since 4.10.
    public static let receiveRecords = ControlOpcode(rawValue: 136)
    /// Run the event at the end of a takeover run.
    public static let ipReallocated = ControlOpcode(rawValue: 137)
    /// How far the daemon's start has come.
    public static let getRunState = ControlOpcode(rawValue: 138)
    /// Close a database and forget it.
    public static let detachDatabase = ControlOpcode(rawValue: 139)
    /// The nodes as the file has them.
    public static let getNodesFile = ControlOpcode(rawValue: 140)
    /// Freeze a database.
    public static let freezeDatabase = ControlOpcode(rawValue: 141)
    /// Thaw a database.
    public static let thawDatabase = ControlOpcode(rawValue: 142)
    /// Begin a recovery's transaction on a database.
    public static let databaseTransactionStart = ControlOpcode(rawValue: 143)
    /// Commit it.
    public static let databaseTransactionCommit = ControlOpcode(rawValue: 144)
    /// Cancel it.
    public static let databaseTransactionCancel = ControlOpcode(rawValue: 145)
    /// Send records of a recovery in messages, since 4.5.
    public static let databasePull = ControlOpcode(rawValue: 146)
    /// Take records of a recovery from messages, since 4.5.
    public static let databasePushStart = ControlOpcode(rawValue: 147)
    /// How many of them came, since 4.5.
    public static let databasePushConfirm = ControlOpcode(rawValue: 148)
    /// Flags that a database is open with, since 4.7.
    public static let databaseOpenFlags = ControlOpcode(rawValue: 149)
    /// Open or create a replicated database, since 4.7.
    public static let attachReplicatedDatabase = ControlOpcode(rawValue: 150)
    /// Whether a process has registered a srvid, since 4.8.
    public static let checkPIDSrvID = ControlOpcode(rawValue: 151)
    /// Deliver messages for a tunnel to this client, since 4.8.
    public static let registerTunnel = ControlOpcode(rawValue: 152)
    /// Deliver them no more, since 4.8.
    public static let deregisterTunnel = ControlOpcode(rawValue: 153)
    /// Fetch records for vacuuming, since 4.12.
    public static let vacuumFetch = ControlOpcode(rawValue: 154)
    /// Vacuum a database, since 4.12.
    public static let databaseVacuum = ControlOpcode(rawValue: 155)
    /// Answer with the same data, after a time, since 4.13.
    public static let echoData = ControlOpcode(rawValue: 156)
    /// Host no addresses, since 4.15.
    public static let disableNode = ControlOpcode(rawValue: 157)
    /// Host addresses again, since 4.15.
    public static let enableNode = ControlOpcode(rawValue: 158)
    /// A connection of this client is gone, since 4.20.
    public static let tcpClientDisconnected = ControlOpcode(rawValue: 159)
    /// A connection was passed to another client, since 4.20.
    public static let tcpClientPassed = ControlOpcode(rawValue: 160)
    /// Run the event at the start of a takeover run, since 4.21.
    public static let startIPReallocate = ControlOpcode(rawValue: 161)
    /// In the development version.
    public static let pushRecord = ControlOpcode(rawValue: 162)
}
