// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Simulation
import Testing

/// The alarm works: a world that is broken on purpose is found out.
@Suite struct CanaryTests {
    private func run(_ sabotage: WorldOptions.Sabotage?) -> Violation? {
        var options = WorldOptions()
        options.nodeCount = 2
        options.sabotage = sabotage
        return World.run(options, seed: 4, sends: 20, faults: 0).violation
    }

    @Test func aPacketThatIsDoubledIsNoticed() {
        #expect(run(.doublesPackets)?.description.contains("received twice") == true)
    }

    @Test func anOutcomeThatIsDroppedIsNoticed() {
        #expect(run(.dropsOutcomes)?.description.contains("never") == true)
    }

    @Test func theSameWorldUnbrokenIsFine() {
        #expect(run(nil) == nil)
    }

    @Test func theSameSeedGivesTheSameWorld() {
        var options = WorldOptions()
        options.isTraced = true
        let runs = (0..<2).map { _ in World.run(options, seed: 77, sends: 20, faults: 5) }
        #expect(runs[0].stepCount == runs[1].stepCount)
        #expect(runs[0].trace == runs[1].trace)
    }
}
