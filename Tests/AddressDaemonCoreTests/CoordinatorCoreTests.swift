// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Testing
import Vocabulary

@Suite struct CoordinatorCoreTests {
    /// Three nodes; the second is disabled and has address 1, the third has address 2.
    private static let disabled: [CoordinatorBench.Node] = [
        .init(known: [1: 1, 2: 2], available: [1, 2]),
        .init(flags: .permanentlyDisabled, known: [1: 1, 2: 2]),
        .init(known: [1: 1, 2: 2], available: [1, 2]),
    ]

    private func isRelease(_ one: CoordinatorBench.Asked) -> Bool {
        if case .releaseIP = one.request { true } else { false }
    }

    private func isTake(_ one: CoordinatorBench.Asked) -> Bool {
        if case .takeoverIP = one.request { true } else { false }
    }

    @Test func aPhaseBeginsWhenTheOneBeforeIsDoneEverywhere() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        #expect(bench.orders == ["0 starts", "1 starts", "2 starts"])
        bench.answer(.done) { $0.node.rawValue != 2 }
        #expect(bench.orders == ["2 starts"])
        bench.answer(.done) { _ in true }
        #expect(bench.orders == ["1 releases 1 to 0", "2 releases 1 to 0"])
        bench.answer(.done) { $0.node.rawValue == 2 }
        #expect(bench.orders == ["1 releases 1 to 0"])
        bench.answer(.done) { _ in true }
        #expect(bench.orders == ["0 takes 1"])
        bench.answer(.done) { _ in true }
        #expect(bench.orders == ["0 ends", "1 ends", "2 ends"])
        #expect(bench.ends.isEmpty)
        bench.answer(.done) { _ in true }
        #expect(bench.orders.isEmpty)
        #expect(bench.ends.map(\.good) == [true])
        #expect(bench.ends.map(\.moves) == [1])
    }

    @Test func nothingIsTakenAfterAFailedRelease() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        bench.answer(.done) { _ in true }
        bench.answer(.failure("no answer in time")) { $0.node.rawValue == 1 }
        bench.answer(.done) { _ in true }
        #expect(bench.orders.isEmpty)
        #expect(bench.ends.map(\.good) == [false])
        #expect(bench.ends.first?.problem.contains("node 1 did not release") == true)
        #expect(bench.credits == [1])
        // It is tried again.
        bench.pass(1)
        bench.gather()
        #expect(bench.orders == ["0 starts", "1 starts", "2 starts"])
    }

    @Test func nobodyIsBlamedForChangingAStage() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        bench.answer(.done) { _ in true }
        bench.answer(.changing) { $0.node.rawValue == 1 }
        bench.answer(.done) { _ in true }
        #expect(bench.ends.map(\.good) == [false])
        #expect(bench.credits.isEmpty)
    }

    @Test func whatAnUnheardDaemonHasStaysThere() {
        var bench = CoordinatorBench(Self.disabled)
        bench.silent = [1]
        bench.ofCtdbd = [1: .init()]
        bench.gather()
        bench.answer(.done) { _ in true }
        #expect(!bench.orders.contains { $0.contains("takes 1") })
        #expect(!bench.asked.contains { isTake($0) && $0.node.rawValue == 0 })
    }

    @Test func whatAnUnheardDaemonHasGivenBackMoves() {
        var bench = CoordinatorBench(Self.disabled)
        bench.silent = [1]
        bench.ofCtdbd = [1: .init(known: [1: PNN.unknown.rawValue, 2: 2])]
        bench.gather()
        bench.answer(.done) { _ in true }
        bench.answer(.done) { isRelease($0) }
        #expect(bench.orders == ["0 takes 1"])
    }

    /// A node that hands back is asked through its daemon, which still has the addresses.
    @Test func aDaemonOfANodeThatHandsBackIsAsked() {
        var bench = CoordinatorBench(Self.disabled, stages: [.finalised, .shadow, .finalised])
        bench.ofCtdbd = [1: .init()]
        bench.gather()
        #expect(!bench.asked.contains { $0.node.rawValue == 1 && !$0.ofDaemon })
        bench.answer(.done) { _ in true }
        #expect(bench.orders == ["1 releases 1 to 0", "2 releases 1 to 0"])
    }

    @Test func whoAskedIsAnsweredAfterTheRun() {
        var bench = CoordinatorBench(Self.disabled)
        bench.give(
            .runWanted(SrvIDMessage(pnn: PNN(rawValue: 2), replyTo: SrvID(rawValue: 7))))
        bench.give(.reallocate(asker: 5, IPReallocate(nodes: [], forwarded: false)))
        // They asked after it had begun to look, and wait for the next run.
        for _ in 0..<2 {
            bench.gather()
            for _ in 0..<4 { bench.answer(.done) { $0.isOrder } }
        }
        #expect(bench.messages == [0])
        #expect(bench.answers.map(\.asker) == [5])
        #expect(bench.answers.first?.run.good == true)
    }

    @Test func aFailedRunIsToldWhoAsked() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        for _ in 0..<4 { bench.answer(.done) { $0.isOrder } }
        bench.give(
            .runWanted(SrvIDMessage(pnn: PNN(rawValue: 2), replyTo: SrvID(rawValue: 7))))
        bench.gather()
        bench.answer(.failure("no")) { $0.isOrder }
        bench.answer(.failure("no")) { $0.isOrder }
        #expect(bench.messages == [-1])
    }

    /// The question was asked, and the run had not begun, when another node took over.
    @Test func whoAskedIsAnsweredWhenAnotherNodeCoordinates() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        for _ in 0..<4 { bench.answer(.done) { $0.isOrder } }
        bench.give(.reallocate(asker: 5, IPReallocate(nodes: [], forwarded: false)))
        bench.give(.leader(PNN(rawValue: 2)))
        #expect(bench.answers.map(\.asker) == [5])
        #expect(bench.answers.first?.run.good == false)
    }

    @Test func aRunThatWasHeldUpIsGivenUp() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        bench.answer(.done) { _ in true }
        bench.now = bench.now.advanced(by: .seconds(5))
        bench.answer(.done) { isRelease($0) }
        #expect(!bench.asked.contains(where: isTake))
    }

    @Test func ordersOfALaterCoordinatorHaveAHigherTerm() {
        var bench = CoordinatorBench(Self.disabled)
        bench.gather()
        let before = bench.asked.compactMap(\.order?.term)
        for _ in 0..<4 { bench.answer(.done) { $0.isOrder } }
        bench.give(.heard(PNN(rawValue: 2), IPCoordinator(term: 9, limited: false, nodes: [])))
        bench.give(
            .runWanted(SrvIDMessage(pnn: PNN(rawValue: 2), replyTo: SrvID(rawValue: 0))))
        bench.gather()
        let after = bench.asked.compactMap(\.order?.term)
        #expect(before == [1, 1, 1])
        #expect(after == [10, 10, 10])
    }
}
