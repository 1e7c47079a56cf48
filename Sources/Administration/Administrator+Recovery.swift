// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

extension Administrator {
    /// Begins to listen for the leader, who speaks every few seconds.
    public func listenForLeader() throws(LegacyFailure) {
        try session.listen(to: .leader, within: Self.patience) { [weak self] _, data in
            var reader = LegacyLayout.native.reader(over: data)
            guard let number = try? reader.readUInt32("leader", of: "leader message") else {
                return
            }
            self?.heardLeader = PNN(rawValue: number)
        }
    }

    /// The leader, when it speaks in time; otherwise unknown.
    public func leader() throws(AdministrationFailure) -> PNN {
        session.wait(within: limit) { heardLeader != .unknown }
        if let loss = session.connectionLoss {
            throw .control(.message, LegacyFailure(.noConnection(loss)))
        }
        return heardLeader
    }

    /// The generation of the databases outside of a recovery, as the leader has it.
    public func settledGeneration() throws(AdministrationFailure) -> Generation {
        while true {
            let leader = try leader()
            if try ask(.recoveryMode, of: leader, for: .recoveryMode) != .active {
                let map = try ask(.vnnMap, of: leader, for: .generation)
                if map.generation != .invalid { return map.generation }
            }
            try pause(.seconds(1))
        }
    }

    /// Begins a recovery on the node that is meant.
    ///
    /// - Returns: the generation that it ends.
    public func beginRecovery() throws(AdministrationFailure) -> Generation {
        let before = try settledGeneration()
        _ = try ask(.command(.setRecoveryMode(.active)), for: .recover)
        return before
    }

    /// Waits until a recovery has made another generation.
    public func awaitGeneration(otherThan before: Generation) throws(AdministrationFailure) {
        while try settledGeneration() == before { try pause(.seconds(1)) }
    }
}
