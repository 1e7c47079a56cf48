// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// The questions and answers of controls, at random.
extension SeededGenerator {
    /// One of every kind of question.
    mutating func requests() -> [ControlRequest] {
        Self.withoutData + smallRequests() + addressRequests() + databaseRequests()
            + recordRequests()
    }

    private static let withoutData: [ControlRequest] = [
        .ping, .getPNN, .getPID, .getRecoveryMode, .getLeader, .getVNNMap, .getNodeMap,
        .getDatabaseMap, .uptime, .getCapabilities, .getRunState, .statistics, .resetStatistics,
        .getStatisticsHistory, .getDebug, .dumpMemory, .shutdown, .listTunables, .getAllTunables,
        .startup, .freeze, .thaw, .getMonitorMode, .enableMonitor, .disableMonitor,
        .startRecovery, .endRecovery, .recoveryDaemonPing, .getClusterLock, .stopNode,
        .continueNode, .disableNode, .enableNode, .getBanState, .reloadNodesFile, .getNodesFile,
        .startIPReallocate, .ipReallocated, .reloadPublicIPs, .getInterfaces,
    ]

    private mutating func smallRequests() -> [ControlRequest] {
        [
            .attachDatabase(name: text(), .volatile), .attachDatabase(name: text(), .persistent),
            .attachDatabase(name: text(), .replicated), .getTunable(name: text()),
            .setTunable(tunable()), .modifyFlags(flagChange()),
            .setRecoveryMode(RecoveryMode(rawValue: uint32())), .setVNNMap(vnnMap()),
            .registerSrvID(srvid()), .deregisterSrvID(srvid()), .checkSrvIDs([srvid(), srvid()]),
            .checkSrvIDs([]), .registerTunnel(uint64()), .deregisterTunnel(uint64()),
            .processExists(pid: int32()), .setDebug(level: int32()),
            .checkPIDSrvID(ProcessSrvID(pid: int32(), srvid: srvid())),
            .registerNotify(NotifyRegistration(srvid: srvid(), data: bytes())),
            .deregisterNotify(srvid()), .echoData(echo()), .setLeader(pnn()),
            .clusterLockLatency(seconds()), .setLmasterRole(bool()), .setLeaderRole(bool()),
            .setBanState(ban()),
            .other(opcode: .trans2Commit, srvid: srvid(), data: bytes()),
        ]
    }

    private mutating func addressRequests() -> [ControlRequest] {
        [
            .getPublicIPs(onlyAvailable: bool()), .getPublicIPInfo(address()),
            .takeoverIP(publicIP()), .releaseIP(publicIP()), .addPublicIP(addressInfo()),
            .deletePublicIP(addressInfo()), .sendGratuitousARP(addressInfo()),
            .setInterfaceLinkState(interface()), .tcpClient(connection()), .tcpAdd(connection()),
            .tcpAddDelayedUpdate(connection()), .tcpRemove(connection()),
            .tcpClientDisconnected(connection()), .tcpClientPassed(connection()),
            .killTCP(connection()), .getTickleList(address()), .setTickleList(tickles()),
        ]
    }

    private mutating func databaseRequests() -> [ControlRequest] {
        [
            .getDatabasePath(database()), .getDatabaseName(database()),
            .getDatabaseHealth(database()), .setDatabaseHealthy(database()),
            .getDatabaseStatistics(database()), .getDatabaseSequenceNumber(database()),
            .enableSequenceNumber(database()), .updateSequenceNumber(database()),
            .setDatabaseReadOnly(database()), .setDatabaseSticky(database()),
            .detachDatabase(database()), .databaseOpenFlags(database()),
            .freezeDatabase(database()), .thawDatabase(database()),
            .databaseTransactionStart(transaction()), .databaseTransactionCommit(transaction()),
            .databaseTransactionCancel(database()), .wipeDatabase(transaction()),
            .databasePull(transfer()), .databasePushStart(transfer()),
            .databasePushConfirm(database()),
            .databaseVacuum(DatabaseVacuum(database: database(), isFull: bool())),
        ]
    }

    private mutating func recordRequests() -> [ControlRequest] {
        [
            .updateRecord(records()), .trans3Commit(records()), .tryDeleteRecords(records()),
            .vacuumFetch(records()), .receiveRecords(records()), .pushDatabase(records()),
            .pullDatabase(DatabasePull(database: database(), lmaster: pnn())),
            .scheduleForDeletion(
                ScheduledDeletion(database: database(), header: header(), key: bytes())),
            .pushRecord(
                PushedRecord(
                    generation: Generation(rawValue: uint32()), database: database(),
                    header: header(), key: bytes(), value: bytes())),
            .traverseStart(traverseStart()), .traverseKill(traverseStart()),
            .traverseStartExtended(
                TraverseStartExtended(
                    database: database(), reqid: reqid(), srvid: srvid(),
                    withEmptyRecords: bool())),
            .traverseAll(
                TraverseAll(
                    database: database(), reqid: reqid(), pnn: pnn(), clientReqid: reqid(),
                    srvid: srvid())),
            .traverseAllExtended(
                TraverseAllExtended(
                    database: database(), reqid: reqid(), pnn: pnn(), clientReqid: reqid(),
                    srvid: srvid(), withEmptyRecords: bool())),
            .traverseData(record()),
        ]
    }

    /// One of every kind of answer, and what it answers.
    mutating func replies() -> [(ControlOpcode, ControlReply)] {
        let status = uint32() >> 1
        return [
            (.setTunable, .done(status: 1)), (.registerSrvID, .done(status: 0)),
            (.ping, .clientCount(status)), (.getPNN, .pnn(PNN(rawValue: status))),
            (.getPID, .pid(status)), (.getRecoveryMode, .recoveryMode(.active)),
            (.getLeader, .leader(PNN(rawValue: status))), (.getMonitorMode, .monitorMode(status)),
            (.getNodeMap, .failed(status: -1, reason: text())),
            (.getPNN, .failed(status: -22, reason: "")),
            (.stopNode, .failed(status: 1, reason: "")), (.stopNode, .done(status: 0)),
            (.trans2Commit, .other(data: bytes())),
        ] + smallReplies() + largeReplies()
    }

    private mutating func smallReplies() -> [(ControlOpcode, ControlReply)] {
        [
            (.getDatabasePath, .databasePath(text())), (.getDatabaseName, .databaseName(text())),
            (.getDatabaseHealth, .databaseHealth(optionalText())),
            (.getClusterLock, .clusterLock(optionalText())), (.dumpMemory, .memoryDump(text())),
            (.attachDatabase, .databaseID(database())),
            (.attachPersistentDatabase, .databaseID(database())),
            (.attachReplicatedDatabase, .databaseID(database())),
            (.getTunable, .tunable(uint32())), (.uptime, .uptime(uptime())),
            (.getCapabilities, .capabilities(Capabilities(rawValue: uint32()))),
            (.getRunState, .runState(RunState(rawValue: uint32()))),
            (.checkSrvIDs, .registrations(Array(bytes()))), (.getDebug, .logLevel(int32())),
            (.getDatabaseSequenceNumber, .sequenceNumber(uint64())),
            (.databasePull, .recordCount(uint32())), (.databasePushConfirm, .recordCount(uint32())),
            (.databaseOpenFlags, .openFlags(int32())), (.echoData, .echo(echo())),
            (.getBanState, .banState(ban())),
        ]
    }

    private mutating func largeReplies() -> [(ControlOpcode, ControlReply)] {
        [
            (.getVNNMap, .vnnMap(vnnMap())), (.getNodeMap, .nodeMap(nodeMap())),
            (.getNodesFile, .nodeMap(nodeMap())), (.getDatabaseMap, .databaseMap(databaseMap())),
            (.statistics, .statistics(statistics())),
            (
                .getStatisticsHistory,
                .statisticsHistory(StatisticsHistory(elements: list(upTo: 2) { $0.statistics() }))
            ),
            (.getDatabaseStatistics, .databaseStatistics(databaseStatistics())),
            (.listTunables, .tunableNames(TunableNames(names: list { $0.text() + "n" }))),
            (.getAllTunables, .tunableValues(TunableValues(values: list { $0.uint32() }))),
            (.getPublicIPs, .publicIPs(PublicIPList(addresses: list { $0.publicIP() }))),
            (
                .getPublicIPInfo,
                .publicIPInfo(
                    PublicIPInfo(
                        publicIP: publicIP(), activeIndex: uint32(),
                        interfaces: list { $0.interface() }))
            ),
            (
                .getInterfaces,
                .interfaces(NetworkInterfaceList(interfaces: list { $0.interface() }))
            ),
            (.getTickleList, .tickles(tickles())), (.tryDeleteRecords, .records(records())),
            (.receiveRecords, .records(records())), (.pullDatabase, .records(records())),
        ]
    }
}
