// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire

/// A field of an answer that may differ from the captured one, and why.
public struct ToleratedField: Equatable, Sendable {
    /// In which answers.
    public enum Scope: Equatable, Sendable {
        /// In all of them.
        case every
        /// In those to these controls.
        case controls([ControlOpcode])
        /// In those to calls.
        case calls
    }

    /// In which answers.
    public var scope: Scope
    /// The field; what is inside of it, too.
    public var path: String
    /// Why it may differ.
    public var reason: String

    init(_ scope: Scope, _ path: String, _ reason: String) {
        self.scope = scope
        self.path = path
        self.reason = reason
    }

    /// Whether a field of an answer is meant.
    func holds(_ path: String, of answer: LegacySighting) -> Bool {
        switch scope {
        case .every: break
        case .controls(let opcodes):
            guard let opcode = answer.opcode, opcodes.contains(opcode) else { return false }
        case .calls:
            guard answer.request?.operation == .requestCall else { return false }
        }
        guard path.hasPrefix(self.path) else { return false }
        let next = path.dropFirst(self.path.count).first
        return next == nil || next == "." || next == "["
    }
}

extension ToleratedField {
    /// All of them; the help of `ctdb capture replay` is made of this list.
    public static let list: [ToleratedField] = [
        .init(.every, "length", "follows from the other fields"),
        .init(.every, "generation", "names an instance of the cluster: each recovery draws one"),
        .init(.every, "reqid", "each play counts its own questions"),
        .init(.every, "answers", "is a place in the capture's file"),
        .init(.controls([.ping]), "status", "is the number of ctdbd's clients"),
        .init(.controls([.ping]), "data", "is the number of ctdbd's clients"),
        .init(.controls([.getPID]), "status", "is the process of ctdbd"),
        .init(.controls([.getPID]), "data", "is the process of ctdbd"),
        .init(
            .controls([.getVNNMap]), "data.vnn_map.generation", "names an instance of the cluster"),
        .init(.controls([.uptime]), "data", "is the time, and times of the daemon's life"),
        .init(
            .controls([.statistics, .getStatisticsHistory, .getDatabaseStatistics]), "data",
            "counts what has happened since the daemon began"),
        .init(.controls([.dumpMemory]), "data", "is what memory is used for"),
        .init(
            .controls([.getDatabaseSequenceNumber]), "data",
            "counts the transactions of the database"),
        .init(.controls([.getDatabaseMap]), "data", "others attach databases, too"),
        .init(.controls([.getTickleList]), "data", "others have connections, too"),
        .init(
            .controls([.getPublicIPs, .getPublicIPInfo]), "data",
            "addresses are the cluster's own, and they move"),
        .init(.controls([.getInterfaces]), "data", "interfaces are the machine's own"),
        .init(
            .controls([.getNodeMap, .getNodesFile]), "data.node_map.nodes",
            "the addresses of nodes are the cluster's own; flags are compared"),
        .init(
            .controls([.processExists, .checkPIDSrvID]), "status",
            "a process of the capture that was no client of it is not there"),
        .init(
            .controls([.processExists, .checkPIDSrvID]), "data",
            "a process of the capture that was no client of it is not there"),
        .init(
            .calls, "data", "records are written past ctdbd, too, in the database's file"),
    ]

    /// Whether a field may differ in every answer.
    static func isEverywhere(_ path: String) -> Bool {
        let plain = path.hasPrefix("message.") ? String(path.dropFirst(8)) : path
        return list.contains { $0.scope == .every && $0.path == plain }
    }

    /// Why a field of an answer may differ; nil when it may not.
    ///
    /// - Parameters:
    ///   - path: the field, as `FieldValue.differences` names it.
    ///   - answer: the captured answer.
    /// - Returns: the reason.
    public static func reason(_ path: String, of answer: LegacySighting) -> String? {
        // The flags of a node are the node's, wherever it is.
        if path.hasPrefix("data.node_map.nodes"), !path.hasSuffix(".address") { return nil }
        return list.first { $0.holds(path, of: answer) }?.reason
    }
}
