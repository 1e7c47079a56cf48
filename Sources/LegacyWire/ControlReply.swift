// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What a control answers, typed.
///
/// Some controls answer with the status, where a negative number is a failure, and some with data,
/// where any number but 0 is one.
///
/// - Shape: the status, the data and the error of a `ReplyControl`; each case says which.
/// - Errors: those of the payload types.
/// - Source: `ctdb_control_dispatch`, ctdb/server/ctdb_control.c;
///   ctdb/protocol/protocol_control.c, Samba 4.17.
public enum ControlReply: Equatable, Sendable {
    /// It is done; no data. SET_TUNABLE answers 1 for an obsolete tunable, the others 0.
    case done(status: UInt32)
    /// PING: the number of clients in the status.
    case clientCount(UInt32)
    /// GET_PNN: in the status.
    case pnn(PNN)
    /// GET_PID: in the status.
    case pid(UInt32)
    /// GET_RECMODE: in the status.
    case recoveryMode(RecoveryMode)
    /// GET_RECMASTER: in the status.
    case leader(PNN)
    /// GET_MONMODE: in the status.
    case monitorMode(UInt32)
    /// GETDBPATH: the path with its NUL, which may be missing.
    case databasePath(String)
    /// GET_DBNAME: the name with its NUL, which may be missing.
    case databaseName(String)
    /// DB_GET_HEALTH: why it is not whole, with its NUL, which may be missing; nil, and no data,
    /// when it is.
    case databaseHealth(String?)
    /// DUMP_MEMORY: the text with its NUL, which may be missing.
    case memoryDump(String)
    /// GET_RECLOCK_FILE: the setting with its NUL, which may be missing; nil, and no data, when
    /// there is none.
    case clusterLock(String?)
    /// GET_TUNABLE: the value.
    case tunable(UInt32)
    /// GET_CAPABILITIES: 32 bits.
    case capabilities(Capabilities)
    /// GET_RUNSTATE: 32 bits.
    case runState(RunState)
    /// GET_DEBUG: the level in 32 bits.
    case logLevel(Int32)
    /// GET_DB_SEQNUM: 64 bits.
    case sequenceNumber(UInt64)
    /// DB_PULL and DB_PUSH_CONFIRM: how many records went or came.
    case recordCount(UInt32)
    /// DB_OPEN_FLAGS: flags of the TDB library in 32 bits.
    case openFlags(Int32)
    /// CHECK_SRVIDS: a bit for each srvid asked about, the first one the lowest.
    case registrations([UInt8])
    /// GETVNNMAP: `VNNMap`.
    case vnnMap(VNNMap)
    /// GET_NODEMAP and GET_NODES_FILE: `NodeMap`.
    case nodeMap(NodeMap)
    /// GET_DBMAP: `DatabaseMap`.
    case databaseMap(DatabaseMap)
    /// DB_ATTACH and the others like it: the id.
    case databaseID(DatabaseID)
    /// UPTIME: `Uptime`.
    case uptime(Uptime)
    /// STATISTICS: `DaemonStatistics`.
    case statistics(DaemonStatistics)
    /// GET_STAT_HISTORY: `StatisticsHistory`.
    case statisticsHistory(StatisticsHistory)
    /// GET_DB_STATISTICS: `DatabaseStatistics`.
    case databaseStatistics(DatabaseStatistics)
    /// LIST_TUNABLES: `TunableNames`.
    case tunableNames(TunableNames)
    /// GET_ALL_TUNABLES: `TunableValues`.
    case tunableValues(TunableValues)
    /// GET_PUBLIC_IPS: `PublicIPList`.
    case publicIPs(PublicIPList)
    /// GET_PUBLIC_IP_INFO: `PublicIPInfo`.
    case publicIPInfo(PublicIPInfo)
    /// GET_IFACES: `NetworkInterfaceList`.
    case interfaces(NetworkInterfaceList)
    /// GET_TCP_TICKLE_LIST: `TickleList`.
    case tickles(TickleList)
    /// GET_BAN_STATE: `BanState`.
    case banState(BanState)
    /// TRY_DELETE_RECORDS and RECEIVE_RECORDS: the records that were left alone; PULL_DB: the
    /// database.
    case records(RecordBuffer)
    /// ECHO_DATA: `EchoData`.
    case echo(EchoData)
    /// It failed: the status, which is not 0, and the reason, which is mostly empty.
    case failed(status: Int32, reason: String)
    /// Success of any other control, byte for byte.
    case other(data: ArraySlice<UInt8>)
}
