// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

extension ControlRequest {
    /// What to do.
    public var opcode: ControlOpcode {
        switch self {
        case .ping: .ping
        case .getPNN: .getPNN
        case .getPID: .getPID
        case .getRecoveryMode: .getRecoveryMode
        case .getLeader: .getLeader
        case .getVNNMap: .getVNNMap
        case .getNodeMap: .getNodeMap
        case .getDatabaseMap: .getDatabaseMap
        case .uptime: .uptime
        case .getCapabilities: .getCapabilities
        case .getRunState: .getRunState
        case .getDatabasePath: .getDatabasePath
        case .attachDatabase(_, .volatile): .attachDatabase
        case .attachDatabase(_, .persistent): .attachPersistentDatabase
        case .attachDatabase(_, .replicated): .attachReplicatedDatabase
        case .getTunable: .getTunable
        case .setTunable: .setTunable
        case .modifyFlags: .modifyFlags
        case .setRecoveryMode: .setRecoveryMode
        case .setVNNMap: .setVNNMap
        case .registerSrvID: .registerSrvID
        case .deregisterSrvID: .deregisterSrvID
        case .checkSrvIDs: .checkSrvIDs
        case .registerTunnel: .registerTunnel
        case .deregisterTunnel: .deregisterTunnel
        case .processExists: .processExists
        case .statistics: .statistics
        case .resetStatistics: .resetStatistics
        case .getStatisticsHistory: .getStatisticsHistory
        case .getDebug: .getDebug
        case .setDebug: .setDebug
        case .dumpMemory: .dumpMemory
        case .shutdown: .shutdown
        case .listTunables: .listTunables
        case .getAllTunables: .getAllTunables
        case .checkPIDSrvID: .checkPIDSrvID
        case .registerNotify: .registerNotify
        case .deregisterNotify: .deregisterNotify
        case .echoData: .echoData
        case .setLeader: .setLeader
        case .startup: .startup
        case .freeze: .freeze
        case .thaw: .thaw
        case .getMonitorMode: .getMonitorMode
        case .enableMonitor: .enableMonitor
        case .disableMonitor: .disableMonitor
        case .startRecovery: .startRecovery
        case .endRecovery: .endRecovery
        case .recoveryDaemonPing: .recoveryDaemonPing
        case .clusterLockLatency: .clusterLockLatency
        case .getClusterLock: .getClusterLock
        case .stopNode: .stopNode
        case .continueNode: .continueNode
        case .disableNode: .disableNode
        case .enableNode: .enableNode
        case .setLmasterRole: .setLmasterRole
        case .setLeaderRole: .setLeaderRole
        case .setBanState: .setBanState
        case .getBanState: .getBanState
        case .reloadNodesFile: .reloadNodesFile
        case .getNodesFile: .getNodesFile
        case .getPublicIPs: .getPublicIPs
        case .getPublicIPInfo: .getPublicIPInfo
        case .takeoverIP: .takeoverIP
        case .releaseIP: .releaseIP
        case .startIPReallocate: .startIPReallocate
        case .ipReallocated: .ipReallocated
        case .addPublicIP: .addPublicIP
        case .deletePublicIP: .deletePublicIP
        case .reloadPublicIPs: .reloadPublicIPs
        case .sendGratuitousARP: .sendGratuitousARP
        case .getInterfaces: .getInterfaces
        case .setInterfaceLinkState: .setInterfaceLinkState
        case .tcpClient: .tcpClient
        case .tcpAdd: .tcpAdd
        case .tcpAddDelayedUpdate: .tcpAddDelayedUpdate
        case .tcpRemove: .tcpRemove
        case .tcpClientDisconnected: .tcpClientDisconnected
        case .tcpClientPassed: .tcpClientPassed
        case .killTCP: .killTCP
        case .getTickleList: .getTickleList
        case .setTickleList: .setTickleList
        case .getDatabaseName: .getDatabaseName
        case .getDatabaseHealth: .getDatabaseHealth
        case .setDatabaseHealthy: .setDatabaseHealthy
        case .getDatabaseStatistics: .getDatabaseStatistics
        case .getDatabaseSequenceNumber: .getDatabaseSequenceNumber
        case .enableSequenceNumber: .enableSequenceNumber
        case .updateSequenceNumber: .updateSequenceNumber
        case .setDatabaseReadOnly: .setDatabaseReadOnly
        case .setDatabaseSticky: .setDatabaseSticky
        case .detachDatabase: .detachDatabase
        case .databaseOpenFlags: .databaseOpenFlags
        case .freezeDatabase: .freezeDatabase
        case .thawDatabase: .thawDatabase
        case .databaseTransactionStart: .databaseTransactionStart
        case .databaseTransactionCommit: .databaseTransactionCommit
        case .databaseTransactionCancel: .databaseTransactionCancel
        case .wipeDatabase: .wipeDatabase
        case .databasePull: .databasePull
        case .databasePushStart: .databasePushStart
        case .databasePushConfirm: .databasePushConfirm
        case .databaseVacuum: .databaseVacuum
        case .updateRecord: .updateRecord
        case .trans3Commit: .trans3Commit
        case .tryDeleteRecords: .tryDeleteRecords
        case .vacuumFetch: .vacuumFetch
        case .receiveRecords: .receiveRecords
        case .pullDatabase: .pullDatabase
        case .pushDatabase: .pushDatabase
        case .scheduleForDeletion: .scheduleForDeletion
        case .pushRecord: .pushRecord
        case .traverseStart: .traverseStart
        case .traverseStartExtended: .traverseStartExtended
        case .traverseKill: .traverseKill
        case .traverseAll: .traverseAll
        case .traverseAllExtended: .traverseAllExtended
        case .traverseData: .traverseData
        case .other(let opcode, _, _): opcode
        }
    }

    /// The srvid of the control: whom or what it is about, 0 in most.
    public var srvid: SrvID {
        switch self {
        case .registerSrvID(let srvid), .deregisterSrvID(let srvid): srvid
        case .registerTunnel(let tunnel), .deregisterTunnel(let tunnel):
            SrvID(rawValue: tunnel)
        case .other(_, let srvid, _): srvid
        default: SrvID(rawValue: 0)
        }
    }

    /// The flags that belong to the question and not to how it is asked; none in most.
    public var flags: RequestControl.Flags {
        if case .getPublicIPs(onlyAvailable: true) = self { return .onlyAvailable }
        return []
    }

    /// The controls whose data is not read, by opcode.
    static let withoutData: [ControlOpcode: ControlRequest] = {
        let requests: [ControlRequest] = [
            .ping, .getPNN, .getPID, .getRecoveryMode, .getLeader, .getVNNMap, .getNodeMap,
            .getDatabaseMap, .uptime, .getCapabilities, .getRunState, .statistics,
            .resetStatistics, .getStatisticsHistory, .getDebug, .dumpMemory, .shutdown,
            .listTunables, .getAllTunables, .startup, .freeze, .thaw, .getMonitorMode,
            .enableMonitor, .disableMonitor, .startRecovery, .endRecovery, .recoveryDaemonPing,
            .getClusterLock, .stopNode, .continueNode, .disableNode, .enableNode, .getBanState,
            .reloadNodesFile, .getNodesFile, .startIPReallocate, .ipReallocated, .reloadPublicIPs,
            .getInterfaces,
        ]
        return Dictionary(uniqueKeysWithValues: requests.map { ($0.opcode, $0) })
    }()
}
