// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

extension Outcome {
    /// Makes an outcome whose only flag is whether the packet may have been taken all the same.
    public init(
        source: Address, destination: Address, lane: UInt32, code: OutcomeCode, packetID: UInt64,
        reporter: PNN, possiblyDelivered: Bool
    ) {
        self.init(
            source: source, destination: destination, lane: lane, code: code, packetID: packetID,
            reporter: reporter,
            flags: possiblyDelivered ? PeerProtocol.outcomePossiblyDelivered : 0)
    }

    /// Whether the service may have taken the packet all the same.
    public var possiblyDelivered: Bool {
        flags & PeerProtocol.outcomePossiblyDelivered != 0
    }
}
