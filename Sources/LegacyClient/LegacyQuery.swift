// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// A control together with the type of its answer.
///
/// The usual ones are static members, by topic: `session.ask(.nodeMap, within: .seconds(3))`.
public struct LegacyQuery<Answer: Sendable>: Sendable {
    /// What is asked.
    public let request: ControlRequest
    /// Takes the answer out of the reply; nil when the reply is of another kind.
    public let answer: @Sendable (ControlReply) -> Answer?

    /// Makes a query.
    public init(
        _ request: ControlRequest, answer: @escaping @Sendable (ControlReply) -> Answer?
    ) {
        self.request = request
        self.answer = answer
    }

    /// The same question, with something else made of its answer.
    public func map<Other: Sendable>(
        _ transform: @escaping @Sendable (Answer) -> Other
    ) -> LegacyQuery<Other> {
        LegacyQuery<Other>(request) { [answer] reply in answer(reply).map(transform) }
    }
}

extension LegacyQuery where Answer == UInt32 {
    /// A control that is done or fails; the answer is its status.
    public static func command(_ request: ControlRequest) -> Self {
        Self(request) { reply in
            switch reply {
            case .done(let status): status
            case .other: 0
            default: nil
            }
        }
    }

    /// PING: the number of the node's clients.
    public static var ping: Self {
        Self(.ping) { if case .clientCount(let count) = $0 { count } else { nil } }
    }

    /// GET_PID: ctdbd's process id.
    public static var pid: Self {
        Self(.getPID) { if case .pid(let pid) = $0 { pid } else { nil } }
    }

    /// GET_TUNABLE: a tunable's value.
    public static func tunable(_ name: String) -> Self {
        Self(.getTunable(name: name)) { if case .tunable(let value) = $0 { value } else { nil } }
    }
}

extension LegacyQuery where Answer == PNN {
    /// GET_PNN: the node's number.
    public static var pnn: Self {
        Self(.getPNN) { if case .pnn(let pnn) = $0 { pnn } else { nil } }
    }
}

extension LegacyQuery where Answer == NodeMap {
    /// GET_NODEMAP: the nodes and their flags.
    public static var nodeMap: Self {
        Self(.getNodeMap) { if case .nodeMap(let map) = $0 { map } else { nil } }
    }
}

extension LegacyQuery where Answer == VNNMap {
    /// GETVNNMAP: the generation and the nodes that hold records' locations.
    public static var vnnMap: Self {
        Self(.getVNNMap) { if case .vnnMap(let map) = $0 { map } else { nil } }
    }
}

extension LegacyQuery where Answer == RecoveryMode {
    /// GET_RECMODE: whether a recovery is under way.
    public static var recoveryMode: Self {
        Self(.getRecoveryMode) { if case .recoveryMode(let mode) = $0 { mode } else { nil } }
    }
}

extension LegacyQuery where Answer == RunState {
    /// GET_RUNSTATE: how far ctdbd's start has come.
    public static var runState: Self {
        Self(.getRunState) { if case .runState(let state) = $0 { state } else { nil } }
    }
}

extension LegacyQuery where Answer == Uptime {
    /// UPTIME: since when ctdbd runs, and its last recovery.
    public static var uptime: Self {
        Self(.uptime) { if case .uptime(let uptime) = $0 { uptime } else { nil } }
    }
}

extension LegacyQuery where Answer == Capabilities {
    /// GET_CAPABILITIES: what the node may become.
    public static var capabilities: Self {
        Self(.getCapabilities) {
            if case .capabilities(let capabilities) = $0 { capabilities } else { nil }
        }
    }
}

extension LegacyQuery where Answer == DatabaseMap {
    /// GET_DBMAP: the attached databases.
    public static var databaseMap: Self {
        Self(.getDatabaseMap) { if case .databaseMap(let map) = $0 { map } else { nil } }
    }
}

extension LegacyQuery where Answer == String {
    /// GETDBPATH: the file of a database.
    public static func databasePath(_ id: DatabaseID) -> Self {
        Self(.getDatabasePath(id)) { if case .databasePath(let path) = $0 { path } else { nil } }
    }
}

extension LegacyQuery where Answer == DatabaseID {
    /// DB_ATTACH and the others like it.
    public static func attachDatabase(
        _ name: String, _ kind: ControlRequest.DatabaseKind
    ) -> Self {
        Self(.attachDatabase(name: name, kind)) {
            if case .databaseID(let id) = $0 { id } else { nil }
        }
    }
}
