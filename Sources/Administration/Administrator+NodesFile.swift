// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// What a nodes file changes, node by node.
public enum NodesFileChange: Equatable, Sendable {
    /// The node is no longer in the file; it ought to be commented out.
    case missing(PNN, SocketAddress)
    /// The node has another address, which no running ctdbd can follow.
    case moved(PNN, was: SocketAddress, is: SocketAddress)
    /// The node stays, and cannot be told.
    case disconnected(PNN)
    /// The node is commented out.
    case deleted(PNN, isConnected: Bool)
    /// The node is in the file again.
    case undeleted(PNN)
    /// The node is new.
    case added(PNN)

    /// Whether the file cannot be put in force because of it.
    public var isFault: Bool {
        switch self {
        case .missing, .moved, .deleted(_, isConnected: true): true
        default: false
        }
    }

    /// Whether it is a reason to put the file in force.
    public var isReason: Bool {
        switch self {
        case .deleted, .undeleted, .added: true
        default: false
        }
    }

    /// Compares what is in force with a file.
    ///
    /// - Parameters:
    ///   - map: the nodes as ctdbd knows them.
    ///   - file: the nodes as the file has them.
    /// - Returns: the changes in the order of the nodes; new ones only when nothing is at fault.
    public static func changes(from map: NodeMap, to file: NodeMap) -> [NodesFileChange] {
        var changes: [NodesFileChange] = []
        for (index, node) in map.nodes.enumerated() {
            guard index < file.nodes.count else {
                changes.append(.missing(node.pnn, node.address))
                continue
            }
            let planned = file.nodes[index]
            switch (node.flags.contains(.deleted), planned.flags.contains(.deleted)) {
            case (true, true): break
            case (false, false):
                if !node.address.isSameHost(as: planned.address) {
                    changes.append(.moved(node.pnn, was: node.address, is: planned.address))
                } else if node.flags.contains(.disconnected) {
                    changes.append(.disconnected(node.pnn))
                }
            case (false, true):
                changes.append(
                    .deleted(node.pnn, isConnected: !node.flags.contains(.disconnected)))
            case (true, false): changes.append(.undeleted(node.pnn))
            }
        }
        guard !changes.contains(where: \.isFault) else { return changes }
        return changes + file.nodes.dropFirst(map.nodes.count).map { .added($0.pnn) }
    }
}

extension Administrator {
    /// Finds what a nodes file changes, once all connected nodes have shown the same one.
    ///
    /// - Throws: `.control(.nodesFile)`; `.nodesFileDiffers`.
    public func nodesFileChanges(
        with file: NodeMap
    ) throws(AdministrationFailure) -> [NodesFileChange] {
        let map = try nodeMap()
        for node in map.nodes where !node.flags.contains(.disconnected) {
            let other = try ask(.nodesFile, of: node.pnn, for: .nodesFile)
            guard other.isSameFile(as: file) else { throw .nodesFileDiffers(node.pnn) }
        }
        return NodesFileChange.changes(from: map, to: file)
    }

    /// Has all connected nodes read their nodes files again, without recoveries meanwhile.
    ///
    /// - Returns: the nodes that did it, and those that did not.
    /// - Throws: `.noNodes`, or what kept all of it from being done.
    @discardableResult
    public func reloadNodes() throws(AdministrationFailure) -> (done: [PNN], failed: [PNN]) {
        let connected = try nodeMap().nodes.filter { !$0.flags.contains(.disconnected) }
            .map(\.pnn)
        guard !connected.isEmpty else { throw .noNodes }
        let seconds = UInt32(truncatingIfNeeded: limit.components.seconds &* 2)
        try holdOff(.recoveries, seconds: seconds, on: connected)
        let failed = askEach(.reloadNodesFile, of: connected)
        if !failed.isEmpty { notes(.failed(.reloadNodes, on: failed.map(\.node))) }
        try checkConnection()
        try holdOff(.recoveries, seconds: 0, on: connected)
        let missing = failed.map(\.node)
        return (connected.filter { !missing.contains($0) }, missing)
    }
}

extension NodeMap {
    /// Whether two nodes files say the same.
    func isSameFile(as other: NodeMap) -> Bool {
        nodes.count == other.nodes.count
            && zip(nodes, other.nodes).allSatisfy { first, second in
                first.pnn == second.pnn && first.flags == second.flags
                    && first.address.isSameHost(as: second.address)
            }
    }
}
