// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// A state of a node that an administrator makes or ends.
public enum NodeChange: Hashable, Sendable {
    /// Hosts no public addresses.
    case disable
    /// Hosts them again.
    case enable
    /// Takes no part in the cluster.
    case stop
    /// Takes part again.
    case resume
    /// Is kept out for so long.
    case ban(seconds: UInt32)
    /// Is let in again.
    case unban

    /// The flag that it is about, and whether it is set afterwards.
    public var flag: (flag: NodeFlags, isSet: Bool) {
        switch self {
        case .disable: (.permanentlyDisabled, true)
        case .enable: (.permanentlyDisabled, false)
        case .stop: (.stopped, true)
        case .resume: (.stopped, false)
        case .ban: (.banned, true)
        case .unban: (.banned, false)
        }
    }

    /// The control that does it to a node.
    func request(for node: PNN) -> ControlRequest {
        switch self {
        case .disable: .disableNode
        case .enable: .enableNode
        case .stop: .stopNode
        case .resume: .continueNode
        case .ban(let seconds): .setBanState(BanState(pnn: node, seconds: seconds))
        case .unban: .setBanState(BanState(pnn: node, seconds: 0))
        }
    }
}

extension Administrator {
    /// The nodes and their states, as the local node sees them, or, when that is banned and so
    /// does not know, the next node that is not.
    ///
    /// - Parameter isFresh: whether to ask again what was asked before.
    /// - Returns: the map.
    /// - Throws: `.control(.nodeMap)`, `.allNodesBanned`, `.noSuchNode` when the map lacks one.
    public func nodeMap(isFresh: Bool = false) throws(AdministrationFailure) -> NodeMap {
        if isFresh { knownNodeMap = nil }
        if let knownNodeMap { return knownNodeMap }
        let own = session.pnn
        var asked = own
        while true {
            let map = try ask(.nodeMap, of: asked, for: .nodeMap)
            let number = asked
            guard let node = map.nodes.first(where: { $0.pnn == number }) else {
                throw .noSuchNode(number)
            }
            guard node.flags.contains(.banned) else {
                knownNodeMap = map
                return map
            }
            repeat {
                let next = (UInt64(asked.rawValue) + 1) % UInt64(max(1, map.nodes.count))
                asked = PNN(rawValue: UInt32(next))
                guard let node = map.nodes.first(where: { $0.pnn == asked }) else {
                    throw .noSuchNode(asked)
                }
                if node.flags.isConnected { break }
            } while asked != own
            if asked == own { throw .allNodesBanned }
        }
    }

    /// Whether the node that is meant has a flag.
    public func hasFlag(
        _ flag: NodeFlags, isFresh: Bool = false
    ) throws(AdministrationFailure) -> Bool {
        let map = try nodeMap(isFresh: isFresh)
        guard let found = map.nodes.first(where: { $0.pnn == node }) else {
            throw .noSuchNode(node)
        }
        return !found.flags.isDisjoint(with: flag)
    }

    /// Makes or ends a state of the node that is meant, waits until it is so, and has the public
    /// addresses distributed anew.
    ///
    /// - Throws: `.control(.change)`; what `reallocate` throws. What is wrong while it waits is
    ///   noted, and tried again after a second.
    public func change(_ change: NodeChange) throws(AdministrationFailure) {
        _ = try ask(.command(change.request(for: node)), for: .change(change))
        let (flag, isSet) = change.flag
        while true {
            do throws(AdministrationFailure) {
                if try hasFlag(flag, isFresh: true) == isSet { break }
            } catch {
                notes(.willRetry(error))
            }
            try pause(.seconds(1))
        }
        try reallocate()
    }

    /// Ends the ctdbd of the node that is meant; of the local node, until it is gone.
    public func shutDown() throws(AdministrationFailure) {
        do throws(LegacyFailure) {
            try session.tell(.shutdown, at: node)
        } catch {
            throw .control(.shutdown, error)
        }
        if node == session.pnn {
            session.wait(within: Self.patience) { false }
        } else {
            session.flush(within: limit)
        }
    }

    /// Whether a node without flags has an interface whose link is down.
    public func isPartiallyOnline(
        _ node: NodeMap.Node
    ) throws(AdministrationFailure) -> Bool {
        guard node.flags.isEmpty else { return false }
        let list = try ask(.interfaces, of: node.pnn, for: .interfaces)
        return list.interfaces.contains { $0.linkState == 0 }
    }
}
