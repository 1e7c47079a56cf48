// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// Why an address changes its node.
public enum MoveReason: Equatable, Sendable {
    /// No node says that it has it; the node of which others believe it, and its flags.
    case nobodyHasIt(last: PNN?, NodeFlags)
    /// Its node cannot host it any more; the node's flags, and whether no other can either.
    case holderCannotHost(NodeFlags, isLast: Bool)
    /// Its node could have it, but gave up its place, and takeover is forbidden.
    case takeoverForbidden
    /// Deterministic: it goes to the node that its place in the list belongs to.
    case ownPlace(Int)
    /// Deterministic: the node that its place belongs to cannot host it, so the emptiest one does.
    case placeTaken(Int, belongsTo: Int)
    /// LCP2: there are fewer addresses like it on the other node.
    case alikeApart
    /// The numbers of addresses become evener; what the two nodes had before.
    case evener(from: Int, to: Int)

    /// What the reason is called in output for programs.
    public var name: String {
        switch self {
        case .nobodyHasIt: "unhosted"
        case .holderCannotHost: "holder-cannot-host"
        case .takeoverForbidden: "takeover-forbidden"
        case .ownPlace: "own-place"
        case .placeTaken: "place-taken"
        case .alikeApart: "alike-apart"
        case .evener: "evener"
        }
    }
}

extension MoveReason: CustomStringConvertible {
    /// The reason in words.
    public var description: String {
        switch self {
        case .nobodyHasIt(nil, _): return "no node has it"
        case .nobodyHasIt(let last?, let flags):
            let state = Self.words(flags)
            return "node \(last) had it" + (state.isEmpty ? "" : " and is \(state)")
        case .holderCannotHost(let flags, let isLast):
            let state = Self.words(flags)
            let cause = state.isEmpty ? "its node cannot host it now" : "its node is \(state)"
            return cause + (isLast ? ", and no other can host it" : "")
        case .takeoverForbidden: return "NoIPTakeover is set, and it is not at its own place"
        case .ownPlace(let place): return "place \(place) belongs to this node"
        case .placeTaken(let place, let owner):
            return "place \(place) belongs to node \(owner), which cannot host it"
        case .alikeApart: return "fewer addresses like it are there"
        case .evener(let from, let to):
            return "its node had \(from) addresses, the other one \(to)"
        }
    }

    private static func words(_ flags: NodeFlags) -> String {
        let names: [(NodeFlags, String)] = [
            (.deleted, "deleted"), (.disconnected, "disconnected"), (.banned, "banned"),
            (.stopped, "stopped"), (.permanentlyDisabled, "disabled"), (.unhealthy, "unhealthy"),
        ]
        return names.filter { flags.contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
