// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// The controls that verbs ask, with the types of their answers.
enum Queries {
    static let statistics = LegacyQuery<DaemonStatistics>(.statistics) {
        if case .statistics(let statistics) = $0 { statistics } else { nil }
    }
    static let statisticsHistory = LegacyQuery<StatisticsHistory>(.getStatisticsHistory) {
        if case .statisticsHistory(let history) = $0 { history } else { nil }
    }
    static let logLevel = LegacyQuery<Int32>(.getDebug) {
        if case .logLevel(let level) = $0 { level } else { nil }
    }
    static let tunableNames = LegacyQuery<TunableNames>(.listTunables) {
        if case .tunableNames(let names) = $0 { names } else { nil }
    }
    static let clusterLock = LegacyQuery<String?>(.getClusterLock) {
        if case .clusterLock(let lock) = $0 { .some(lock) } else { nil }
    }
    static let interfaces = LegacyQuery<NetworkInterfaceList>(.getInterfaces) {
        if case .interfaces(let list) = $0 { list } else { nil }
    }
    static let nodesFile = LegacyQuery<NodeMap>(.getNodesFile) {
        if case .nodeMap(let map) = $0 { map } else { nil }
    }
    static let memoryDump = LegacyQuery<String>(.dumpMemory) {
        if case .memoryDump(let text) = $0 { text } else { nil }
    }

    static func publicIPs(onlyAvailable: Bool) -> LegacyQuery<PublicIPList> {
        LegacyQuery(.getPublicIPs(onlyAvailable: onlyAvailable)) {
            if case .publicIPs(let list) = $0 { list } else { nil }
        }
    }

    static func publicIPInfo(_ address: SocketAddress) -> LegacyQuery<PublicIPInfo> {
        LegacyQuery(.getPublicIPInfo(address)) {
            if case .publicIPInfo(let info) = $0 { info } else { nil }
        }
    }

    static func tickles(_ address: SocketAddress) -> LegacyQuery<TickleList> {
        LegacyQuery(.getTickleList(address)) {
            if case .tickles(let list) = $0 { list } else { nil }
        }
    }

    static func banState(_ node: PNN) -> LegacyQuery<BanState> {
        LegacyQuery(.getBanState) { if case .banState(let state) = $0 { state } else { nil } }
    }

    static func databaseName(_ id: DatabaseID) -> LegacyQuery<String> {
        LegacyQuery(.getDatabaseName(id)) {
            if case .databaseName(let name) = $0 { name } else { nil }
        }
    }

    static func databaseHealth(_ id: DatabaseID) -> LegacyQuery<String?> {
        LegacyQuery(.getDatabaseHealth(id)) {
            if case .databaseHealth(let reason) = $0 { .some(reason) } else { nil }
        }
    }

    static func databaseStatistics(_ id: DatabaseID) -> LegacyQuery<DatabaseStatistics> {
        LegacyQuery(.getDatabaseStatistics(id)) {
            if case .databaseStatistics(let statistics) = $0 { statistics } else { nil }
        }
    }

    static func sequenceNumber(_ id: DatabaseID) -> LegacyQuery<UInt64> {
        LegacyQuery(.getDatabaseSequenceNumber(id)) {
            if case .sequenceNumber(let number) = $0 { number } else { nil }
        }
    }
}
