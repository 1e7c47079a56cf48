// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// A change of stages that somebody wants recorded.
public struct StageChange: Hashable, Sendable {
    /// When the change is still what was meant.
    public enum Basis: Hashable, Sendable {
        /// While nothing at all has changed since this epoch: what administrators use.
        case table(epoch: UInt64)
        /// While the one entry is as this epoch made it: what daemons use for themselves.
        case entry(epoch: UInt64)
    }

    /// What is done.
    public var verb: StageVerb
    /// Which function.
    public var function: ClusterFunction
    /// On which nodes.
    public var nodes: [PNN]
    /// What was looked at when it was decided.
    public var basis: Basis
    /// Who does it: a user, or a program.
    public var who: String
    /// The node where it is done.
    public var origin: PNN
    /// Why; empty when nobody said.
    public var reason: String
    /// When, in milliseconds since 1970.
    public var time: UInt64
    /// Whether no administrator does it, but a daemon on its own.
    public var isAutomatic: Bool
    /// For verify: the program that was found fit on each node.
    public var verifiedSoftware: [PNN: String]

    /// Describes a change.
    public init(
        _ verb: StageVerb, _ function: ClusterFunction, on nodes: [PNN], basis: Basis,
        who: String, origin: PNN, reason: String = "", time: UInt64, isAutomatic: Bool = false,
        verifiedSoftware: [PNN: String] = [:]
    ) {
        self.verb = verb
        self.function = function
        self.nodes = nodes
        self.basis = basis
        self.who = who
        self.origin = origin
        self.reason = reason
        self.time = time
        self.isAutomatic = isAutomatic
        self.verifiedSoftware = verifiedSoftware
    }
}

/// Why a change was not recorded.
public enum StageConflict: Error, Hashable, Sendable, CustomStringConvertible {
    /// Somebody has changed something meanwhile.
    case changedMeanwhile(expected: UInt64, found: UInt64)
    /// The verb is not legal in the stage that the function is in on a node.
    case notLegal(StageVerb, ClusterFunction, PNN, Stage)
    /// Nothing would change.
    case nothingToDo
    /// The table has no room for more entries.
    case tableFull

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .changedMeanwhile(let expected, let found):
            "somebody changed stages meanwhile: this was decided at epoch \(expected), and now it "
                + "is \(found)"
        case .notLegal(let verb, let function, let node, let stage):
            "\(verb.rawValue) is not possible: \(function) is \(stage) on node \(node)"
        case .nothingToDo: "nothing would change"
        case .tableFull: "the table of stages is full"
        }
    }
}

extension StageTable {
    /// One entry's part of a change.
    public struct Move: Hashable, Sendable {
        /// Which function.
        public var function: ClusterFunction
        /// On which node.
        public var node: PNN
        /// The stage before.
        public var from: Stage
        /// The stage after.
        public var to: Stage
    }

    /// Which entries a change moves, and from where to where: its own, and the functions on the
    /// same nodes that cannot stay without it.
    ///
    /// - Throws: why it is not possible.
    public func moves(of change: StageChange) throws(StageConflict) -> [Move] {
        var moves: [Move] = []
        for node in change.nodes {
            let from = stage(of: change.function, on: node)
            guard let to = change.verb.target(from: from) else {
                throw .notLegal(change.verb, change.function, node, from)
            }
            moves.append(Move(function: change.function, node: node, from: from, to: to))
            guard change.verb.isRetreat else { continue }
            moves += Dependencies.retreats(after: change.function, to: to, on: node, in: self)
        }
        return moves
    }

    /// Records a change in the table and in the log.
    ///
    /// - Parameters:
    ///   - change: what is done.
    ///   - log: where it is written down; nil when the log cannot be read, and is left alone.
    /// - Returns: what was moved.
    /// - Throws: why nothing has changed.
    @discardableResult
    public mutating func apply(
        _ change: StageChange, log: inout StageLog?
    ) throws(StageConflict) -> [Move] {
        switch change.basis {
        case .table(let expected):
            guard epoch == expected else {
                throw .changedMeanwhile(expected: expected, found: epoch)
            }
        case .entry(let expected):
            for node in change.nodes {
                let found = entry(change.function, on: node)?.epoch ?? 0
                guard found == expected else {
                    throw .changedMeanwhile(expected: expected, found: found)
                }
            }
        }
        let moves = try moves(of: change)
        guard !moves.isEmpty else { throw .nothingToDo }
        let isRoomy = entries.count + moves.count <= Int(PeerProtocol.stageEntriesLimit)
        guard isRoomy else { throw .tableFull }
        epoch &+= 1
        for move in moves { record(move, change) }
        entries.sort { ($0.function.rawValue, $0.node) < ($1.function.rawValue, $1.node) }
        magic = PeerProtocol.stageRecordMagic
        version = max(version, PeerProtocol.stageRecordVersion)
        log?.append(logEntries(moves, change))
        return moves
    }

    private mutating func record(_ move: Move, _ change: StageChange) {
        let place = entries.firstIndex { $0.function == move.function && $0.node == move.node }
        var entry =
            place.map { entries[$0] }
            ?? StageEntry(
                function: move.function, node: move.node, stage: .legacy, epoch: 0, since: 0,
                verified: 0, verifiedSoftware: "", reversal: "", later: [])
        if change.verb == .verify {
            // The stage is as it was: who watches the entry has nothing to do.
            entry.verified = change.time
            entry.verifiedSoftware = StageText.clipped(
                change.verifiedSoftware[move.node] ?? "", to: 64)
        } else {
            entry.stage = move.to
            entry.epoch = epoch
            entry.since = change.time
            entry.verified = 0
            entry.verifiedSoftware = ""
            entry.reversal =
                change.isAutomatic
                ? StageText.clipped(change.reason, to: Int(PeerProtocol.stageTextLimit)) : ""
        }
        if let place { entries[place] = entry } else { entries.append(entry) }
    }

    /// One entry for all nodes that went the same way.
    private func logEntries(_ moves: [Move], _ change: StageChange) -> [StageLogEntry] {
        var entries: [StageLogEntry] = []
        for move in moves {
            let place = entries.firstIndex {
                $0.function == move.function && $0.from == move.from && $0.to == move.to
                    && $0.nodes.count < Int(PeerProtocol.stageNodesLimit)
            }
            if let place {
                entries[place].nodes.append(move.node)
                continue
            }
            let isOwn = move.function == change.function
            let reason = isOwn ? change.reason : "it depends on \(change.function)"
            entries.append(
                StageLogEntry(
                    epoch: epoch, time: change.time,
                    who: StageText.clipped(change.who, to: Int(PeerProtocol.stageWhoLimit)),
                    origin: change.origin, verb: change.verb.rawValue, function: move.function,
                    nodes: [move.node], from: move.from, to: move.to,
                    reason: StageText.clipped(reason, to: Int(PeerProtocol.stageTextLimit)),
                    later: []))
        }
        return entries
    }
}

/// Text for records and replies, which have limits.
public enum StageText {
    /// The longest beginning of a text that has at most so many bytes, whole characters only.
    public static func clipped(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var count = 0
        var clipped = ""
        for character in text {
            count += character.utf8.count
            guard count <= limit else { break }
            clipped.append(character)
        }
        return clipped
    }
}
