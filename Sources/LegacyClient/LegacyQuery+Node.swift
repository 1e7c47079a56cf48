// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

// What a node says of itself.

extension LegacyQuery where Answer == Bool {
    /// PROCESS_EXISTS: whether a process is there.
    public static func processExists(pid: Int32) -> Self { existence(.processExists(pid: pid)) }

    /// CHECK_PID_SRVID: whether a process is there that is registered for a srvid.
    public static func processExists(_ process: ProcessSrvID) -> Self {
        existence(.checkPIDSrvID(process))
    }

    /// A control whose status is the answer: 0 for yes.
    private static func existence(_ request: ControlRequest) -> Self {
        Self(request) { reply in
            switch reply {
            case .done(let status): status == 0
            case .failed: false
            case .other: true
            default: nil
            }
        }
    }
}

extension LegacyQuery where Answer == Int32 {
    /// GET_DEBUG: the log level.
    public static var logLevel: Self {
        Self(.getDebug) { if case .logLevel(let level) = $0 { level } else { nil } }
    }
}

extension LegacyQuery where Answer == String {
    /// DUMP_MEMORY: where ctdbd's memory is, for its programmers.
    public static var memoryDump: Self {
        Self(.dumpMemory) { if case .memoryDump(let text) = $0 { text } else { nil } }
    }
}

extension LegacyQuery where Answer == String? {
    /// GET_RECLOCK_FILE: the cluster lock; nil when there is none.
    public static var clusterLock: Self {
        Self(.getClusterLock) { if case .clusterLock(let lock) = $0 { .some(lock) } else { nil } }
    }
}

extension LegacyQuery where Answer == NodeMap {
    /// GET_NODES_FILE: what the node's nodes file says.
    public static var nodesFile: Self {
        Self(.getNodesFile) { if case .nodeMap(let map) = $0 { map } else { nil } }
    }
}

extension LegacyQuery where Answer == DaemonStatistics {
    /// STATISTICS: ctdbd's counters.
    public static var statistics: Self {
        Self(.statistics) { if case .statistics(let values) = $0 { values } else { nil } }
    }
}

extension LegacyQuery where Answer == StatisticsHistory {
    /// GET_STAT_HISTORY: ctdbd's counters of the last minutes.
    public static var statisticsHistory: Self {
        Self(.getStatisticsHistory) {
            if case .statisticsHistory(let values) = $0 { values } else { nil }
        }
    }
}

extension LegacyQuery where Answer == TunableNames {
    /// LIST_TUNABLES: the names of the tunables.
    public static var tunableNames: Self {
        Self(.listTunables) { if case .tunableNames(let names) = $0 { names } else { nil } }
    }
}

extension LegacyQuery where Answer == BanState {
    /// GET_BAN_STATE: for how long the node is banned.
    public static var banState: Self {
        Self(.getBanState) { if case .banState(let state) = $0 { state } else { nil } }
    }
}
