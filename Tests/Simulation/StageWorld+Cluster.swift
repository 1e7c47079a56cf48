// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Vocabulary

extension StageWorld {
    // MARK: The database, as ctdbd replicates it

    /// Records a change on all nodes that a node's ctdbd reaches; false when that is not possible.
    func apply(_ change: StageChange, at node: Int) -> Bool {
        guard nodes[node].hasLegacy, now >= nodes[node].frozenUntil, hasQuorum(node) else {
            return false
        }
        var table = nodes[node].table
        var log: StageLog?
        var recorded = change
        if sabotage == .ignoresEpochs { recorded.basis = .table(epoch: table.epoch) }
        do {
            let before = table
            let moves = try table.apply(recorded, log: &log)
            note("\(change.who) \(change.verb) \(moves) epoch \(table.epoch)")
            checkMoves(moves, change, before)
        } catch {
            tally.conflicts += 1
            note("\(change.who) \(change.verb): \(error)")
            // Whoever reads finds out what has become of it.
            return false
        }
        tally.changes += 1
        let sequence = nodes[node].sequence + 1
        for other in nodes.indices where reaches(node, other) {
            nodes[other].table = table
            nodes[other].sequence = sequence
        }
        return true
    }

    private func reaches(_ node: Int, _ other: Int) -> Bool {
        nodes[other].hasLegacy && nodes[other].side == nodes[node].side
    }

    private func hasQuorum(_ node: Int) -> Bool {
        guard hasClusterLock else { return true }
        let sides = nodes.filter(\.hasLegacy).map(\.side)
        let own = sides.count { $0 == nodes[node].side }
        return own * 2 > sides.count || own == sides.count
    }

    /// A recovery: the copy that has seen most is everybody's; the database is frozen meanwhile.
    private func recover(_ side: Int) {
        let members = nodes.indices.filter { nodes[$0].hasLegacy && nodes[$0].side == side }
        guard let best = members.max(by: { nodes[$0].sequence < nodes[$1].sequence }) else {
            return
        }
        let until = soon(3000)
        for node in members {
            nodes[node].table = nodes[best].table
            nodes[node].sequence = nodes[best].sequence
            nodes[node].frozenUntil = until
        }
    }

    // MARK: Administrators

    /// Somebody looks at the cluster from a node, and decides what to do.
    func command() {
        tally.commands += 1
        let node = Int(random.below(UInt64(nodes.count)))
        guard nodes[node].hasLegacy else { return }
        let function = Self.functions[Int(random.below(UInt64(Self.functions.count)))]
        let selection: NodeSelection =
            switch random.below(4) {
            case 0: .nodes([pnn(Int(random.below(UInt64(nodes.count))))])
            case 1: .percent(Int(1 + random.below(100)))
            default: .all
            }
        let verb = verb(for: function, at: node)
        let planner = StagePlanner(
            rules: StageRules(verificationAge: .seconds(60)), table: nodes[node].table,
            view: view(from: node, function), now: calendar)
        let plan = planner.plan(
            verb, function, on: selection, by: .init(who: "admin", node: pnn(node)))
        guard plan.refusals.isEmpty, let change = plan.change else { return }
        // It takes a while to type, and somebody else may be quicker.
        agenda.add(.commit(change, at: node), at: soon(1000))
    }

    /// Mostly a verb that leads on from where the function is somewhere.
    private func verb(for function: ClusterFunction, at node: Int) -> StageVerb {
        if random.below(8) == 0 {
            return StageVerb.allCases[Int(random.below(UInt64(StageVerb.allCases.count)))]
        }
        let other = pnn(Int(random.below(UInt64(nodes.count))))
        let entry = nodes[node].table.entry(function, on: other)
        let isVerified = entry.map { $0.verified + 60_000 > calendar } ?? false
        switch entry?.stage ?? .legacy {
        case .shadow: return isVerified ? .switch : .verify
        case .native: return [.reverse, .verify, isVerified ? .complete : .verify][random.pick(3)]
        case .finalised: return .reverse
        default: return .prepare
        }
    }

    func commit(_ change: StageChange, at node: Int) { _ = apply(change, at: node) }

    private func view(from node: Int, _ function: ClusterFunction) -> StageView {
        StageView(
            nodes: nodes.indices.map { other in
                let isConnected = reaches(node, other)
                var answer = StageView.DaemonAnswer.unheard("no answer in time")
                if other == node || isConnected && nodes[node].hasProxy && nodes[other].hasProxy {
                    if let daemon = nodes[other].daemons[function], daemon.isAlive {
                        if !daemon.isPaused { answer = .status(status(daemon, function, other)) }
                    } else {
                        answer = .missing("the daemon is not running")
                    }
                }
                return .init(
                    pnn: pnn(other), flags: isConnected ? [] : .disconnected,
                    daemons: [function: answer])
            })
    }

    private func status(
        _ daemon: Daemon, _ function: ClusterFunction, _ node: Int
    ) -> StageStatus {
        StageStatus(
            function: function, recorded: daemon.machine.recorded ?? .legacy,
            epoch: daemon.machine.epoch, inEffect: daemon.machine.inEffect, inEffectSince: 0,
            detail: daemon.machine.detail,
            fitness: daemon.machine.unfitReason == nil ? .fit : .unfit,
            unfitReason: daemon.machine.unfitReason ?? "", legacyReady: nodes[node].hasLegacy,
            holdOffMilliseconds: 0, versionMinimum: 1, versionMaximum: 1, features: 0,
            featuresNeeded: 0, software: "daemon", pid: 1, started: 0, compared: 10, different: 0,
            watched: 0, watchedErrors: 0, watchedMismatches: 0, watchedLatencyMicroseconds: 0,
            later: [])
    }

    // MARK: Faults

    func breakSomething() {
        tally.faults += 1
        let node = Int(random.below(UInt64(nodes.count)))
        let function = Self.functions[Int(random.below(UInt64(Self.functions.count)))]
        switch random.below(13) {
        case 0, 1:
            killDaemon(node, function)
            if random.below(3) != 0 {
                agenda.add(.restartDaemon(node, function), at: later(500 + random.below(2000)))
            }
        case 2: pause(node, function)
        case 3:
            note("node \(node) proxy dies")
            nodes[node].hasProxy = false
            if random.below(2) == 0 { agenda.add(.restartProxy(node), at: soon(30_000)) }
        case 4:
            note("node \(node) observer dies")
            nodes[node].observer.isAlive = false
            if random.below(2) == 0 { agenda.add(.restartObserver(node), at: soon(30_000)) }
        case 5, 6: killLegacy(node, restart: true)
        case 7: crash(node)
        case 8: partition()
        case 9: mend()
        case 10:
            guard isHealthy(node, function) else { return }
            handle(.unfit(reason: "3 errors in a row"), node, function)
        case 11:
            note("node \(node) hears no requests to hold off")
            nodes[node].lossyUntil = soon(50_000)
        default: killOurs(node)
        }
    }

    private func isHealthy(_ node: Int, _ function: ClusterFunction) -> Bool {
        guard let daemon = nodes[node].daemons[function] else { return false }
        return daemon.isAlive && !daemon.isPaused
    }

    /// Everything of ours on a node is killed at once.
    private func killOurs(_ node: Int) {
        note("node \(node) all of ours die")
        for function in Self.functions { killDaemon(node, function) }
        nodes[node].hasProxy = false
        nodes[node].observer.isAlive = false
    }

    private func pause(_ node: Int, _ function: ClusterFunction) {
        guard let daemon = nodes[node].daemons[function], daemon.isAlive, !daemon.isPaused else {
            return
        }
        note("node \(node) \(function) hangs")
        nodes[node].daemons[function]?.isPaused = true
        nodes[node].hangs[function] = now
        // Its service manager's watchdog waits as long as the observer; here it lets it go on.
        agenda.add(.resume(node, function, life: daemon.life), at: soon(45_000))
    }

    private func killLegacy(_ node: Int, restart: Bool) {
        guard nodes[node].hasLegacy else { return }
        note("node \(node) ctdbd dies")
        nodes[node].hasLegacy = false
        // Its event daemon, and what it has promised, go with it.
        nodes[node].frozenBy = nil
        nodes[node].heldUntil = now
        for function in Self.functions {
            guard let daemon = nodes[node].daemons[function], daemon.isAlive else { continue }
            agenda.add(.droppedKnown(node, function, life: daemon.life), at: soon(200))
        }
        recover(nodes[node].side)
        if restart { agenda.add(.restartLegacy(node), at: later(2000 + random.below(20_000))) }
    }

    func startLegacy(_ node: Int) {
        guard !nodes[node].hasLegacy else { return }
        note("node \(node) ctdbd starts")
        nodes[node].hasLegacy = true
        nodes[node].legacySince = now
        nodes[node].heldUntil = now
        recover(nodes[node].side)
    }

    private func crash(_ node: Int) {
        note("node \(node) crashes")
        killOurs(node)
        killLegacy(node, restart: false)
        let back = later(5000 + random.below(30_000))
        agenda.add(.restartLegacy(node), at: back)
        for function in Self.functions {
            agenda.add(.restartDaemon(node, function), at: back)
        }
        agenda.add(.restartObserver(node), at: back)
        agenda.add(.restartProxy(node), at: back)
    }

    private func partition() {
        for node in nodes.indices { nodes[node].side = Int(random.below(2)) }
        note("partition \(nodes.map(\.side))")
        recover(0)
        recover(1)
    }

    private func mend() {
        for node in nodes.indices { nodes[node].side = 0 }
        note("the network is whole")
        recover(0)
    }

    /// Nothing breaks any more, and what is broken is mended, but for what stays away for good.
    func heal() {
        isQuiet = true
        mend()
        for node in nodes.indices {
            startLegacy(node)
            nodes[node].lossyUntil = now
            // In some worlds everything of ours stays dead.
            let staysDead = random.below(4) == 0
            for function in Self.functions {
                if staysDead {
                    killDaemon(node, function)
                    continue
                }
                if nodes[node].daemons[function]?.isAlive != true { startDaemon(node, function) }
            }
            if staysDead {
                nodes[node].observer.isAlive = false
            } else if !nodes[node].observer.isAlive {
                startObserver(node)
            }
            nodes[node].hasProxy = !staysDead
        }
    }
}
