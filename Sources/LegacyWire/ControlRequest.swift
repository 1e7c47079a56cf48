// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A control with what it needs to know, typed.
///
/// Every control that ctdbd 4.17 implements has a case, later ones too, and those older ones whose
/// data has a type anyway. The others are `.other`, and so are START_PERSISTENT_UPDATE and
/// CANCEL_PERSISTENT_UPDATE, whose data ctdbd does not read.
///
/// - Shape: the opcode, the srvid and the data of a `RequestControl`; each case says which.
/// - Errors: those of the payload types; `.badString` for a database name without a NUL.
/// - Source: `ctdb_control_dispatch`, ctdb/server/ctdb_control.c;
///   ctdb/protocol/protocol_control.c, Samba 4.17.
public enum ControlRequest: Equatable, Sendable {
    /// How a database is kept; each kind has its own opcode.
    public enum DatabaseKind: Sendable, CaseIterable {
        /// On the node that uses a record; lost when the cluster stops.
        case volatile
        /// All of it on every node; survives a restart.
        case persistent
        /// All of it on every node; lost when the cluster stops. Since 4.7.
        case replicated
    }

    /// PING; no data.
    case ping
    /// GET_PNN; no data.
    case getPNN
    /// GET_PID; no data.
    case getPID
    /// GET_RECMODE; no data.
    case getRecoveryMode
    /// GET_RECMASTER; no data; until 4.15.
    case getLeader
    /// GETVNNMAP; no data.
    case getVNNMap
    /// GET_NODEMAP; no data.
    case getNodeMap
    /// GET_DBMAP; no data.
    case getDatabaseMap
    /// UPTIME; no data.
    case uptime
    /// GET_CAPABILITIES; no data.
    case getCapabilities
    /// GET_RUNSTATE; no data.
    case getRunState
    /// GETDBPATH; the id.
    case getDatabasePath(DatabaseID)
    /// DB_ATTACH, DB_ATTACH_PERSISTENT or DB_ATTACH_REPLICATED; the name with its NUL.
    case attachDatabase(name: String, DatabaseKind)
    /// GET_TUNABLE; the count, the name and its NUL.
    case getTunable(name: String)
    /// SET_TUNABLE; `Tunable`.
    case setTunable(Tunable)
    /// MODIFY_FLAGS; `NodeFlagChange`.
    case modifyFlags(NodeFlagChange)
    /// SET_RECMODE; the mode in 32 bits.
    case setRecoveryMode(RecoveryMode)
    /// SETVNNMAP; `VNNMap`.
    case setVNNMap(VNNMap)
    /// REGISTER_SRVID; the srvid of the control.
    case registerSrvID(SrvID)
    /// DEREGISTER_SRVID; the srvid of the control.
    case deregisterSrvID(SrvID)
    /// CHECK_SRVIDS; 8 bytes for each srvid; until 4.7.
    case checkSrvIDs([SrvID])
    /// TUNNEL_REGISTER; the srvid of the control is the tunnel.
    case registerTunnel(UInt64)
    /// TUNNEL_DEREGISTER; the srvid of the control is the tunnel.
    case deregisterTunnel(UInt64)
    /// PROCESS_EXISTS; the process id in 32 bits.
    case processExists(pid: Int32)
    /// STATISTICS; no data.
    case statistics
    /// STATISTICS_RESET; no data.
    case resetStatistics
    /// GET_STAT_HISTORY; no data.
    case getStatisticsHistory
    /// GET_DEBUG; no data.
    case getDebug
    /// SET_DEBUG; the level in 32 bits.
    case setDebug(level: Int32)
    /// DUMP_MEMORY; no data.
    case dumpMemory
    /// SHUTDOWN; no data. ctdbd goes without an answer.
    case shutdown
    /// LIST_TUNABLES; no data.
    case listTunables
    /// GET_ALL_TUNABLES; no data.
    case getAllTunables
    /// CHECK_PID_SRVID; `ProcessSrvID`; since 4.8.
    case checkPIDSrvID(ProcessSrvID)
    /// REGISTER_NOTIFY; `NotifyRegistration`.
    case registerNotify(NotifyRegistration)
    /// DEREGISTER_NOTIFY; the srvid in the data.
    case deregisterNotify(SrvID)
    /// ECHO_DATA; `EchoData`; since 4.13.
    case echoData(EchoData)
    /// SET_RECMASTER; the pnn; until 4.15.
    case setLeader(PNN)
    /// STARTUP; no data; about the node that sends it.
    case startup
    /// FREEZE; no data.
    case freeze
    /// THAW; no data; until 4.4.
    case thaw
    /// GET_MONMODE; no data; until 4.7.
    case getMonitorMode
    /// ENABLE_MONITOR; no data; until 4.7.
    case enableMonitor
    /// DISABLE_MONITOR; no data; until 4.7.
    case disableMonitor
    /// START_RECOVERY; no data.
    case startRecovery
    /// END_RECOVERY; no data.
    case endRecovery
    /// RECD_PING; no data.
    case recoveryDaemonPing
    /// RECD_RECLOCK_LATENCY; `RealSeconds`.
    case clusterLockLatency(RealSeconds)
    /// GET_RECLOCK_FILE; no data.
    case getClusterLock
    /// STOP_NODE; no data.
    case stopNode
    /// CONTINUE_NODE; no data.
    case continueNode
    /// DISABLE_NODE; no data; since 4.15.
    case disableNode
    /// ENABLE_NODE; no data; since 4.15.
    case enableNode
    /// SET_LMASTERROLE; 32 bits, 0 for no.
    case setLmasterRole(Bool)
    /// SET_RECMASTERROLE; 32 bits, 0 for no.
    case setLeaderRole(Bool)
    /// SET_BAN_STATE; `BanState`.
    case setBanState(BanState)
    /// GET_BAN_STATE; no data.
    case getBanState
    /// RELOAD_NODES_FILE; no data.
    case reloadNodesFile
    /// GET_NODES_FILE; no data.
    case getNodesFile
    /// GET_PUBLIC_IPS; no data, but `RequestControl.Flags.onlyAvailable`.
    case getPublicIPs(onlyAvailable: Bool)
    /// GET_PUBLIC_IP_INFO; `SocketAddress`.
    case getPublicIPInfo(SocketAddress)
    /// TAKEOVER_IP; `PublicIP`.
    case takeoverIP(PublicIP)
    /// RELEASE_IP; `PublicIP`.
    case releaseIP(PublicIP)
    /// START_IPREALLOCATE; no data; since 4.21.
    case startIPReallocate
    /// IPREALLOCATED; no data.
    case ipReallocated
    /// ADD_PUBLIC_IP; `AddressInfo`.
    case addPublicIP(AddressInfo)
    /// DEL_PUBLIC_IP; `AddressInfo`.
    case deletePublicIP(AddressInfo)
    /// RELOAD_PUBLIC_IPS; no data.
    case reloadPublicIPs
    /// SEND_GRATUITOUS_ARP; `AddressInfo`.
    case sendGratuitousARP(AddressInfo)
    /// GET_IFACES; no data.
    case getInterfaces
    /// SET_IFACE_LINK_STATE; `NetworkInterface`, whose references are not used.
    case setInterfaceLinkState(NetworkInterface)
    /// TCP_CLIENT; `TCPConnection`.
    case tcpClient(TCPConnection)
    /// TCP_ADD; `TCPConnection`.
    case tcpAdd(TCPConnection)
    /// TCP_ADD_DELAYED_UPDATE; `TCPConnection`.
    case tcpAddDelayedUpdate(TCPConnection)
    /// TCP_REMOVE; `TCPConnection`.
    case tcpRemove(TCPConnection)
    /// TCP_CLIENT_DISCONNECTED; `TCPConnection`; since 4.20.
    case tcpClientDisconnected(TCPConnection)
    /// TCP_CLIENT_PASSED; `TCPConnection`; since 4.20.
    case tcpClientPassed(TCPConnection)
    /// KILL_TCP; `TCPConnection`; until 4.4.
    case killTCP(TCPConnection)
    /// GET_TCP_TICKLE_LIST; `SocketAddress`.
    case getTickleList(SocketAddress)
    /// SET_TCP_TICKLE_LIST; `TickleList`.
    case setTickleList(TickleList)
    /// GET_DBNAME; the id.
    case getDatabaseName(DatabaseID)
    /// DB_GET_HEALTH; the id.
    case getDatabaseHealth(DatabaseID)
    /// DB_SET_HEALTHY; the id.
    case setDatabaseHealthy(DatabaseID)
    /// GET_DB_STATISTICS; the id.
    case getDatabaseStatistics(DatabaseID)
    /// GET_DB_SEQNUM; the id and 4 bytes of 0.
    case getDatabaseSequenceNumber(DatabaseID)
    /// ENABLE_SEQNUM; the id.
    case enableSequenceNumber(DatabaseID)
    /// UPDATE_SEQNUM; the id.
    case updateSequenceNumber(DatabaseID)
    /// SET_DB_READONLY; the id.
    case setDatabaseReadOnly(DatabaseID)
    /// SET_DB_STICKY; the id.
    case setDatabaseSticky(DatabaseID)
    /// DB_DETACH; the id.
    case detachDatabase(DatabaseID)
    /// DB_OPEN_FLAGS; the id; since 4.7.
    case databaseOpenFlags(DatabaseID)
    /// DB_FREEZE; the id.
    case freezeDatabase(DatabaseID)
    /// DB_THAW; the id.
    case thawDatabase(DatabaseID)
    /// DB_TRANSACTION_START; `DatabaseTransaction`.
    case databaseTransactionStart(DatabaseTransaction)
    /// DB_TRANSACTION_COMMIT; `DatabaseTransaction`.
    case databaseTransactionCommit(DatabaseTransaction)
    /// DB_TRANSACTION_CANCEL; the id.
    case databaseTransactionCancel(DatabaseID)
    /// WIPE_DATABASE; `DatabaseTransaction`.
    case wipeDatabase(DatabaseTransaction)
    /// DB_PULL; `DatabaseTransfer`; since 4.5.
    case databasePull(DatabaseTransfer)
    /// DB_PUSH_START; `DatabaseTransfer`; since 4.5.
    case databasePushStart(DatabaseTransfer)
    /// DB_PUSH_CONFIRM; the id; since 4.5.
    case databasePushConfirm(DatabaseID)
    /// DB_VACUUM; `DatabaseVacuum`; since 4.12.
    case databaseVacuum(DatabaseVacuum)
    /// UPDATE_RECORD; `RecordBuffer`.
    case updateRecord(RecordBuffer)
    /// TRANS3_COMMIT; `RecordBuffer`.
    case trans3Commit(RecordBuffer)
    /// TRY_DELETE_RECORDS; `RecordBuffer`.
    case tryDeleteRecords(RecordBuffer)
    /// VACUUM_FETCH; `RecordBuffer`; since 4.12.
    case vacuumFetch(RecordBuffer)
    /// RECEIVE_RECORDS; `RecordBuffer`; until 4.9.
    case receiveRecords(RecordBuffer)
    /// PULL_DB; `DatabasePull`; until 4.13.
    case pullDatabase(DatabasePull)
    /// PUSH_DB; `RecordBuffer`; until 4.13.
    case pushDatabase(RecordBuffer)
    /// SCHEDULE_FOR_DELETION; `ScheduledDeletion`.
    case scheduleForDeletion(ScheduledDeletion)
    /// PUSH_RECORD; `PushedRecord`; in the development version.
    case pushRecord(PushedRecord)
    /// TRAVERSE_START; `TraverseStart`.
    case traverseStart(TraverseStart)
    /// TRAVERSE_START_EXT; `TraverseStartExtended`.
    case traverseStartExtended(TraverseStartExtended)
    /// TRAVERSE_KILL; `TraverseStart`.
    case traverseKill(TraverseStart)
    /// TRAVERSE_ALL; `TraverseAll`.
    case traverseAll(TraverseAll)
    /// TRAVERSE_ALL_EXT; `TraverseAllExtended`.
    case traverseAllExtended(TraverseAllExtended)
    /// TRAVERSE_DATA; `RecordData` and nothing behind it.
    case traverseData(RecordData)
    /// Any other control, byte for byte.
    case other(opcode: ControlOpcode, srvid: SrvID, data: ArraySlice<UInt8>)
}
