// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Testing
import Vocabulary

/// Which conditions a verb has, and what it does.
@Suite struct StagePlanTests {
    /// The time by the calendar.
    static let now: UInt64 = 10_000_000

    /// A cluster of three nodes whose daemons are as the table says.
    static func view(
        _ table: StageTable, _ function: ClusterFunction, flags: [UInt32: NodeFlags] = [:],
        _ adjust: (PNN, inout StageStatus) -> Void = { _, _ in }
    ) -> StageView {
        StageView(
            nodes: (0..<UInt32(3)).map { number in
                let pnn = node(number)
                let answer = status(function, table.stage(of: function, on: pnn)) {
                    adjust(pnn, &$0)
                }
                return .init(
                    pnn: pnn, flags: flags[number] ?? [], daemons: [function: .status(answer)])
            })
    }

    static func plan(
        _ verb: StageVerb, _ function: ClusterFunction, _ selection: NodeSelection,
        _ table: StageTable, _ view: StageView, rules: StageRules = StageRules()
    ) -> StagePlan {
        StagePlanner(rules: rules, table: table, view: view, now: now)
            .plan(verb, function, on: selection, by: .init(who: "admin", node: node(0)))
    }

    /// The table with `event` in shadow and verified so long ago.
    static func verified(
        milliseconds age: UInt64 = 1000, _ function: ClusterFunction = .event
    ) throws -> StageTable {
        var table = try StageTable.after([(.prepare, function, [0, 1, 2])])
        var verify = change(.verify, function, [0, 1, 2], epoch: 1, time: now - age)
        for number in 0..<UInt32(3) { verify.verifiedSoftware[node(number)] = "daemon 1" }
        var log: StageLog?
        _ = try table.apply(verify, log: &log)
        return table
    }

    private func reasons(_ plan: StagePlan) -> [String] {
        plan.refusals.map { ($0.node.map { "\($0): " } ?? "") + $0.reason }
    }

    @Test func allNodesGoTogether() throws {
        let table = StageTable.empty
        let plan = Self.plan(.prepare, .event, .all, table, Self.view(table, .event))
        #expect(plan.refusals == [])
        #expect(plan.change?.nodes == [node(0), node(1), node(2)])
        #expect(plan.change?.basis == .table(epoch: 0))
        #expect(plan.moves.map(\.to) == [.shadow, .shadow, .shadow])
        #expect(plan.steps.first?.text.contains("epoch is still 0") == true)
        #expect(plan.steps.count == 8)
    }

    @Test func aNodeThatIsThereAlreadyNeedsNothing() throws {
        let table = try StageTable.after([(.prepare, .event, [0, 1, 2])])
        let view = Self.view(table, .event)
        #expect(Self.plan(.prepare, .event, .all, table, view).change == nil)
        #expect(Self.plan(.prepare, .event, .all, table, view).refusals == [])
        let named = Self.plan(.prepare, .event, .nodes([node(1)]), table, view)
        #expect(reasons(named) == ["1: event is shadow: prepare leads nowhere from there"])
        #expect(named.refusals.first?.remedy == "possible: verify, switch, cancel")
        let unknown = Self.plan(.cancel, .event, .nodes([node(9)]), table, view)
        #expect(reasons(unknown) == ["9: there is no such node"])
    }

    @Test func nothingIsSwitchedUnverified() throws {
        let table = try StageTable.after([(.prepare, .event, [0, 1, 2])])
        let plan = Self.plan(
            .switch, .event, .nodes([node(1)]), table, Self.view(table, .event))
        #expect(reasons(plan) == ["1: event was not verified since its last change"])
        #expect(plan.refusals.first?.remedy == "ctdb stage verify event --node 1")
    }

    @Test func aVerificationGoesStale() throws {
        let young = try Self.verified(milliseconds: 3_599_000)
        let fine = Self.plan(.switch, .event, .all, young, Self.view(young, .event))
        #expect(fine.refusals == [])
        #expect(fine.change?.nodes.count == 3)
        let old = try Self.verified(milliseconds: 3_601_000)
        let stale = Self.plan(.switch, .event, .nodes([node(0)]), old, Self.view(old, .event))
        #expect(reasons(stale) == ["0: the verification is stale: 60 minutes old"])
        // A clock that is far ahead proves nothing.
        #expect(!StageRules().isYoungEnough(verified: Self.now + 61_000, now: Self.now))
        #expect(StageRules().isYoungEnough(verified: Self.now + 59_000, now: Self.now))
    }

    @Test func whatWasVerifiedIsOneProgram() throws {
        let table = try Self.verified()
        let view = Self.view(table, .event) { pnn, status in
            if pnn == node(2) { status.software = "daemon 2" }
        }
        let plan = Self.plan(.switch, .event, .all, table, view)
        #expect(reasons(plan) == ["2: daemon 1 was verified, and daemon 2 runs now"])
    }

    @Test func daemonsThatAreNotWellAreNotTrusted() throws {
        let table = try Self.verified()
        let view = Self.view(table, .event) { pnn, status in
            switch pnn.rawValue {
            case 0: status.fitness = .unfit
            case 1: status.different = 1
            default:
                status.inEffect = .legacy
                status.legacyReady = false
                status.compared = 0
            }
            status.unfitReason = "slow"
            status.detail = "no socket"
        }
        #expect(
            reasons(Self.plan(.switch, .event, .all, table, view)) == [
                "0: the daemon says that it is not fit: slow",
                "1: 1 of 10 decisions differed",
                "2: shadow is recorded, and legacy is in effect: no socket",
                "2: only 0 decisions were compared, and 1 are wanted",
                "2: ctdbd could not take event back",
            ])
        let rules = StageRules(differencesPerMille: 100)
        let lenient = Self.plan(
            .switch, .event, .nodes([node(1)]), table, view, rules: rules)
        #expect(lenient.refusals == [])
    }

    @Test func sickNodesAreLeftAlone() throws {
        let table = try Self.verified()
        let view = Self.view(
            table, .event, flags: [0: .disconnected, 1: .unhealthy, 2: .permanentlyDisabled])
        #expect(
            reasons(Self.plan(.switch, .event, .all, table, view)) == [
                "0: the node is disconnected", "1: the node is unhealthy",
            ])
        // A node that is unhealthy may be verified, and anything may be given back.
        #expect(
            Self.plan(.verify, .event, .nodes([node(1)]), table, view).refusals == [])
        let cancel = Self.plan(.cancel, .event, .all, table, view)
        #expect(cancel.refusals == [])
        #expect(cancel.warnings.count == 1)
    }

    @Test func anUnheardDaemonIsRefusedAndAnAbsentOneToo() throws {
        let table = StageTable.empty
        var view = Self.view(table, .event)
        view.nodes[0].daemons[.event] = .missing("the daemon is not running")
        view.nodes[1].daemons[.event] = .unheard("no answer in time")
        view.nodes[2].daemons[.event] = nil
        #expect(
            reasons(Self.plan(.prepare, .event, .all, table, view)) == [
                "0: ctdb-eventd does not answer: the daemon is not running",
                "1: ctdb-eventd is not heard: no answer in time", "2: ctdb-eventd was not asked",
            ])
    }

    /// Two of three nodes are verified; the third has nothing of the function.
    private static func without2(_ function: ClusterFunction) throws -> StageTable {
        var table = try StageTable.after([(.prepare, function, [0, 1])])
        var verify = change(.verify, function, [0, 1], epoch: 1, time: now)
        verify.verifiedSoftware = [node(0): "daemon 1", node(1): "daemon 1"]
        var log: StageLog?
        _ = try table.apply(verify, log: &log)
        return table
    }

    @Test func membershipNeedsADaemonOnAllNodes() throws {
        let table = try Self.without2(.cluster)
        let view = Self.view(table, .cluster)
        let plan = Self.plan(.switch, .cluster, .nodes([node(0)]), table, view)
        #expect(reasons(plan) == ["2: cluster is legacy here, and all nodes must take part"])
        let away = Self.view(table, .cluster, flags: [2: .disconnected])
        #expect(
            Self.plan(.switch, .cluster, .nodes([node(0)]), table, away).refusals == [])
    }

    @Test func addressesMoveToAndFromNodesWithoutADaemon() throws {
        let table = try Self.without2(.ip)
        var view = Self.view(table, .ip)
        view.nodes[2].daemons[.ip] = .missing("the daemon is not running")
        #expect(Self.plan(.switch, .ip, .nodes([node(0)]), table, view).refusals == [])
        // One that is there must fit all the same.
        let old = Self.view(table, .ip) { pnn, status in
            status.featuresNeeded = pnn == node(0) ? 2 : 0
            status.features = pnn == node(2) ? 0 : 2
        }
        #expect(
            reasons(Self.plan(.switch, .ip, .nodes([node(0)]), table, old)) == [
                "2: daemon 1 lacks what node 0 needs: feature bits 0x2"
            ])
    }

    @Test func versionsAndFeaturesHaveToFit() throws {
        let table = try Self.verified(.ip)
        let view = Self.view(table, .ip) { pnn, status in
            status.features = pnn == node(2) ? 1 : 3
            status.featuresNeeded = 2
            if pnn == node(0) {
                status.versionMinimum = 2
                status.versionMaximum = 3
            }
        }
        #expect(
            reasons(Self.plan(.switch, .ip, .nodes([node(1)]), table, view)) == [
                "2: daemon 1 lacks what node 1 needs: feature bits 0x2",
                "1: daemon 1 is too old for node 0: version 2 is needed",
                "2: daemon 1 is too old for node 0: version 2 is needed",
                "2: daemon 1 lacks what node 0 needs: feature bits 0x2",
            ])
    }

    @Test func functionsThatAreNeededComeFirst() throws {
        let table = try Self.verified(.service)
        let plan = Self.plan(
            .switch, .service, .nodes([node(0)]), table, Self.view(table, .service))
        #expect(
            reasons(plan) == [
                "0: service cannot be native while event is legacy: it must be native"
            ])
    }

    @Test func canariesAreAlwaysTheSameAndGrow() {
        let nodes = (0..<UInt32(10)).map { node($0) }
        var before: Set<PNN> = []
        for percent in stride(from: 0, through: 100, by: 5) {
            let chosen = NodeSelection.canaries(percent, of: nodes, for: .event)
            #expect(chosen.count == (10 * percent + 99) / 100)
            #expect(before.isSubset(of: chosen))
            #expect(chosen == NodeSelection.canaries(percent, of: nodes.reversed(), for: .event))
            before = Set(chosen)
        }
        let others = NodeSelection.canaries(30, of: nodes, for: .ip)
        #expect(others != NodeSelection.canaries(30, of: nodes, for: .event))
        // One node less moves no other one.
        let first = NodeSelection.canaries(10, of: nodes, for: .event)
        let rest = nodes.filter { $0 != first[0] }
        #expect(
            NodeSelection.canaries(20, of: nodes, for: .event).filter { $0 != first[0] }
                == NodeSelection.canaries(10, of: rest, for: .event))
    }
}
