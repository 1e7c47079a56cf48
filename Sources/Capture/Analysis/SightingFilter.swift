// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Vocabulary

/// Which sightings of a capture are wanted; what is empty or nil wants all.
///
/// Everything that is given has to be true of a sighting. What a filter asks of legacy packets only
/// is not true of anything else.
public struct SightingFilter: Equatable, Sendable {
    /// Nodes, as the source or the destination of a packet of either protocol.
    public var nodes: Set<PNN> = []
    /// Operations of legacy packets.
    public var operations: Set<LegacyWire.Operation> = []
    /// Controls, asked or answered.
    public var opcodes: Set<ControlOpcode> = []
    /// What messages and controls are about.
    public var srvids: Set<SrvID> = []
    /// The databases that packets are about.
    public var databases: Set<DatabaseID> = []
    /// Pairs of requests and answers.
    public var reqids: Set<Reqid> = []
    /// Numbers of packets in the file.
    public var numbers: Set<UInt64> = []
    /// Nothing before this moment; what has no time is not wanted then.
    public var from: CaptureTime?
    /// Nothing from this moment on.
    public var until: CaptureTime?

    /// Wants everything.
    public init() {}

    /// Whether it wants everything.
    public var isEmpty: Bool { self == SightingFilter() }

    /// Whether a sighting is wanted.
    public func accepts(_ sighting: Sighting) -> Bool {
        guard isInTime(sighting.time), numbers.isEmpty || numbers.contains(sighting.number) else {
            return false
        }
        if !nodes.isEmpty, nodes.isDisjoint(with: sighting.nodes) { return false }
        guard
            !operations.isEmpty || !opcodes.isEmpty || !srvids.isEmpty || !databases.isEmpty
                || !reqids.isEmpty
        else { return true }
        guard case .legacy(let legacy) = sighting.content else { return false }
        return accepts(legacy)
    }

    private func isInTime(_ time: CaptureTime?) -> Bool {
        guard from != nil || until != nil else { return true }
        guard let time else { return false }
        if let from, time < from { return false }
        if let until, time >= until { return false }
        return true
    }

    private func accepts(_ legacy: LegacySighting) -> Bool {
        if !operations.isEmpty, !operations.contains(legacy.packet.operation) { return false }
        if !opcodes.isEmpty {
            guard let opcode = legacy.opcode, opcodes.contains(opcode) else { return false }
        }
        if !srvids.isEmpty {
            guard let srvid = legacy.srvid, srvids.contains(srvid) else { return false }
        }
        if !databases.isEmpty {
            guard let database = legacy.database, databases.contains(database) else { return false }
        }
        return reqids.isEmpty || reqids.contains(legacy.packet.reqid)
    }
}

extension Sighting {
    /// The nodes that it is from and for, as far as it says so.
    public var nodes: Set<PNN> {
        switch content {
        case .legacy(let legacy): [legacy.packet.source, legacy.packet.destination]
        case .peer(let frame):
            Set(
                frame.packets.flatMap {
                    [$0.header.source.node, $0.header.destination.node]
                }
            ).union([frame.frame.header.sender.node, frame.frame.header.receiver.node])
        case .event, .gap, .unreadable, .foreign: []
        }
    }
}
