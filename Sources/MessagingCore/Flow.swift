// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Which of the two queues of a hop a packet waits in.
public enum Lane: UInt32, Hashable, Sendable, CaseIterable {
    /// Everything that is not urgent.
    case normal = 0
    /// Heartbeats and control: overtakes the normal lane at every hop.
    case urgent = 1
}

/// The packets of one source for one destination in one lane: they keep their order.
public struct FlowKey: Hashable, Sendable {
    /// Who sends; the instance is never 0.
    public var source: Address
    /// Who is meant, as the sender wrote it: a broadcast, or an instance of 0, stays as it is.
    public var destination: Address
    /// The lane.
    public var lane: Lane

    /// Makes a key.
    public init(source: Address, destination: Address, lane: Lane) {
        self.source = source
        self.destination = destination
        self.lane = lane
    }

    /// The flow that a packet belongs to.
    public init(_ packet: Packet) { self.init(packet.header) }

    /// The flow that a packet with this header belongs to.
    public init(_ header: PacketHeader) {
        source = header.source
        destination = header.destination
        lane = header.flags & PeerProtocol.packetUrgent != 0 ? .urgent : .normal
    }

    /// The flow that an outcome speaks of.
    public init(_ outcome: Outcome) {
        source = outcome.source
        destination = outcome.destination
        lane = outcome.lane == 1 ? .urgent : .normal
    }

    /// What to tell the source of a packet of this flow.
    public func outcome(
        _ code: OutcomeCode, id: UInt64, by reporter: PNN, possiblyDelivered: Bool = false
    ) -> Outcome {
        Outcome(
            source: source, destination: destination, lane: lane.rawValue, code: code,
            packetID: id, reporter: reporter, possiblyDelivered: possiblyDelivered)
    }
}

extension Outcome {
    /// Whether it speaks of one node of a broadcast; the group itself reports the failure of the
    /// whole.
    var isOfOneNode: Bool {
        destination.node.isBroadcast && reporter != destination.node
    }
}
