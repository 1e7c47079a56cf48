// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Vocabulary

extension StageWorld {
    /// Does what is due.
    func handle(_ entry: Entry) {
        switch entry {
        case .fault: breakSomething()
        case .command: command()
        case .commit(let change, let node): commit(change, at: node)
        case .daemonReads(let node, let function, let life):
            guard isRunning(node, function, life) else { return }
            read(node, function)
        case .daemonWakes(let node, let function, let life):
            guard isRunning(node, function, life) else { return }
            handle(.wake, node, function)
        case .stepDone(let node, let function, let life, let step):
            guard isRunning(node, function, life),
                nodes[node].daemons[function]?.step == step
            else { return }
            finishStep(node, function)
        case .renew(let node, let function, let life):
            guard isRunning(node, function, life) else { return }
            renew(node, function)
        case .holdOffArrives(let node, let life, let sent): holdOffArrives(node, life, sent)
        case .holdOffKnown(let node, let life, let until):
            guard isRunning(node, .ip, life) else { return }
            if sabotage != .outstaysHoldOff { handle(.heldOff(until: until), node, .ip) }
            finishStep(node, .ip, onlyIf: .native)
        case .droppedKnown(let node, let function, let life):
            guard isRunning(node, function, life) else { return }
            // What it was taking over is gone too; it answers every other step.
            if nodes[node].daemons[function]?.machine.entering?.isTakenOver == true
                || nodes[node].daemons[function]?.machine.inEffect.isTakenOver == true
            {
                nodes[node].daemons[function]?.entering = nil
            }
            nodes[node].daemons[function]?.connectedTo = nil
            handle(.dropped(reason: "ctdbd has ended"), node, function)
        case .reversal(let change, let node, let function, let byObserver, let life):
            reverse(change, node, function, byObserver, life)
        case .observerLooks(let node, let life): observe(node, life)
        case .restartDaemon(let node, let function):
            if nodes[node].daemons[function]?.isAlive != true { startDaemon(node, function) }
        case .restartObserver(let node):
            if !nodes[node].observer.isAlive { startObserver(node) }
        case .restartProxy(let node): nodes[node].hasProxy = true
        case .restartLegacy(let node): startLegacy(node)
        case .resume(let node, let function, let life): resume(node, function, life)
        case .heal: heal()
        case .look: break
        }
    }

    // MARK: A daemon

    /// Whether a life of a daemon runs; what is due while it is stopped comes when it goes on.
    private func isRunning(_ node: Int, _ function: ClusterFunction, _ life: UInt64) -> Bool {
        guard let daemon = nodes[node].daemons[function] else { return false }
        return daemon.isAlive && daemon.life == life && !daemon.isPaused
    }

    func startDaemon(_ node: Int, _ function: ClusterFunction) {
        var daemon = Daemon()
        daemon.life = newLife()
        daemon.isAlive = true
        let expires = function == .ip && sabotage != .actsEarly && sabotage != .outstaysHoldOff
        daemon.machine = Participation(
            settings: Participation.Settings(holdOffExpires: expires))
        nodes[node].daemons[function] = daemon
        note("node \(node) \(function) starts")
        agenda.add(.daemonReads(node, function, life: daemon.life), at: soon(100))
    }

    func killDaemon(_ node: Int, _ function: ClusterFunction) {
        guard let daemon = nodes[node].daemons[function], daemon.isAlive else { return }
        note("node \(node) \(function) dies")
        nodes[node].daemons[function]?.isAlive = false
        nodes[node].daemons[function]?.isPaused = false
        nodes[node].hangs[function] = nil
        // The kernel lets go of what a process had frozen.
        if function == .event, nodes[node].frozenBy == daemon.life, sabotage != .neverResumes {
            nodes[node].frozenBy = nil
        }
    }

    private func resume(_ node: Int, _ function: ClusterFunction, _ life: UInt64) {
        guard let daemon = nodes[node].daemons[function], daemon.isAlive, daemon.isPaused,
            daemon.life == life
        else { return }
        note("node \(node) \(function) goes on")
        nodes[node].daemons[function]?.isPaused = false
        nodes[node].hangs[function] = nil
        agenda.add(.daemonReads(node, function, life: life), at: now)
        agenda.add(.daemonWakes(node, function, life: life), at: now)
        agenda.add(.renew(node, function, life: life), at: now)
        // Its step goes on where it was.
        agenda.add(.stepDone(node, function, life: life, step: daemon.step), at: soon(200))
        if let connected = daemon.connectedTo,
            !nodes[node].hasLegacy || connected != nodes[node].legacySince
        {
            agenda.add(.droppedKnown(node, function, life: life), at: soon(100))
        }
    }

    /// Reads this node's copy, once a second; a frozen database keeps it waiting.
    private func read(_ node: Int, _ function: ClusterFunction) {
        guard let daemon = nodes[node].daemons[function] else { return }
        let life = daemon.life
        if now < nodes[node].frozenUntil {
            agenda.add(
                .daemonReads(node, function, life: life), at: nodes[node].frozenUntil)
            return
        }
        let entry = nodes[node].table.entry(function, on: pnn(node))
        handle(
            .read(.stage(entry?.stage ?? .legacy, epoch: entry?.epoch ?? 0)), node, function)
        agenda.add(.daemonReads(node, function, life: life), at: later(1000))
    }

    func handle(_ event: Participation.Event, _ node: Int, _ function: ClusterFunction) {
        guard var daemon = nodes[node].daemons[function] else { return }
        let effects = daemon.machine.handle(event, at: now)
        nodes[node].daemons[function] = daemon
        for effect in effects { perform(effect, node, function) }
    }

    private func perform(
        _ effect: Participation.Effect, _ node: Int, _ function: ClusterFunction
    ) {
        guard let daemon = nodes[node].daemons[function] else { return }
        switch effect {
        case .enter(let stage): enter(stage, node, function)
        case .reverse(let epoch, let reason):
            let change = StageChange(
                .reverse, function, on: [pnn(node)], basis: .entry(epoch: epoch), who: "daemon",
                origin: pnn(node), reason: reason, time: calendar, isAutomatic: true)
            agenda.add(
                .reversal(change, at: node, function, byObserver: false, life: daemon.life),
                at: soon(300))
        case .wake(let instant):
            agenda.add(.daemonWakes(node, function, life: daemon.life), at: max(instant, now))
        case .finished: break
        case .note(let text): note("node \(node) \(function) \(text)")
        }
    }

    /// A daemon's own work for a step to a neighbouring stage.
    private func enter(_ stage: Stage, _ node: Int, _ function: ClusterFunction) {
        guard let daemon = nodes[node].daemons[function] else { return }
        nodes[node].daemons[function]?.step += 1
        nodes[node].daemons[function]?.entering = stage
        let step = daemon.step + 1
        let done = Entry.stepDone(node, function, life: daemon.life, step: step)
        if stage == .native, daemon.machine.inEffect == .shadow {
            guard nodes[node].hasLegacy else {
                return agenda.add(done, at: soon(100))
            }
            if nodes[node].daemons[function]?.connectedTo == nil {
                let since = nodes[node].legacySince
                nodes[node].daemons[function]?.connectedTo = since
            }
            if function == .ip {
                if sabotage == .actsEarly { return finishStep(node, function) }
                renew(node, function)
                // Without an answer the step fails.
                return agenda.add(done, at: later(2500))
            }
            // It waits for an idle moment, and freezes then.
            return agenda.add(done, at: soon(500))
        }
        let isLeaving = daemon.machine.inEffect == .native && stage == .shadow
        agenda.add(done, at: isLeaving ? soon(2000) : soon(50))
    }

    /// The step's time is over: it is done, or has failed.
    private func finishStep(_ node: Int, _ function: ClusterFunction, onlyIf only: Stage? = nil) {
        guard let daemon = nodes[node].daemons[function], let stage = daemon.entering,
            only == nil || only == stage
        else { return }
        nodes[node].daemons[function]?.entering = nil
        let before = daemon.machine.inEffect
        if stage == .native, before == .shadow {
            guard nodes[node].hasLegacy, daemon.connectedTo == nodes[node].legacySince,
                canTakeOver(node, function)
            else {
                letGo(node, function)
                return handle(
                    .failed(stage, reason: "ctdbd is not there", isForNow: true), node, function)
            }
            if random.below(40) == 0, !isQuiet {
                letGo(node, function)
                return handle(
                    .failed(stage, reason: "refused", isForNow: false), node, function)
            }
            if function == .event { nodes[node].frozenBy = daemon.life }
            tally.takeovers += 1
            if function == .ip {
                agenda.add(.renew(node, .ip, life: daemon.life), at: later(10_000))
            }
        }
        if stage == .shadow, before == .native || before == .shadow { letGo(node, function) }
        handle(.entered(stage), node, function)
    }

    /// Whether ctdbd is held off, or can be.
    private func canTakeOver(_ node: Int, _ function: ClusterFunction) -> Bool {
        guard function == .ip, sabotage != .actsEarly else { return true }
        // It believes whatever ctdbd does, be it for an earlier life of it; the machine may not.
        return now.advanced(by: .seconds(3)) < nodes[node].heldUntil
    }

    private func letGo(_ node: Int, _ function: ClusterFunction) {
        guard let daemon = nodes[node].daemons[function] else { return }
        if function == .event, nodes[node].frozenBy == daemon.life { nodes[node].frozenBy = nil }
        if function == .ip, nodes[node].hasLegacy { nodes[node].heldUntil = now }
    }

    // MARK: Hold-offs that expire

    private func renew(_ node: Int, _ function: ClusterFunction) {
        guard function == .ip, let daemon = nodes[node].daemons[.ip],
            daemon.machine.inEffect.isTakenOver || daemon.entering == .native
        else { return }
        // A daemon that is on its way down asks for nothing more.
        if let entering = daemon.entering, !entering.isTakenOver { return }
        if daemon.connectedTo == nodes[node].legacySince {
            agenda.add(.holdOffArrives(node, life: daemon.life, sent: now), at: soon(200))
        }
        if daemon.machine.inEffect.isTakenOver {
            agenda.add(.renew(node, .ip, life: daemon.life), at: later(10_000))
        }
    }

    private func holdOffArrives(_ node: Int, _ life: UInt64, _ sent: Instant) {
        // ctdbd was started anew since: the message went to the one that has ended.
        guard nodes[node].hasLegacy, nodes[node].legacySince <= sent,
            now >= nodes[node].lossyUntil
        else { return }
        // One that was taken back meanwhile is not there any more.
        if let daemon = nodes[node].daemons[.ip], daemon.life == life, daemon.isAlive,
            !daemon.machine.inEffect.isTakenOver, daemon.entering != .native
        {
            return
        }
        nodes[node].heldUntil = now.advanced(by: Self.holdOff)
        agenda.add(.look, at: nodes[node].heldUntil)
        // The daemon counts from when it asked.
        agenda.add(
            .holdOffKnown(node, life: life, until: sent.advanced(by: Self.holdOff)),
            at: soon(200))
    }

    // MARK: The observer

    func startObserver(_ node: Int) {
        nodes[node].observer = Observer(life: newLife(), isAlive: true, watch: DeathWatch())
        agenda.add(.observerLooks(node, life: nodes[node].observer.life), at: soon(500))
    }

    private func observe(_ node: Int, _ life: UInt64) {
        guard nodes[node].observer.isAlive, nodes[node].observer.life == life else { return }
        agenda.add(.observerLooks(node, life: life), at: later(2000))
        for function in Self.functions {
            if now >= nodes[node].frozenUntil {
                let entry = nodes[node].table.entry(function, on: pnn(node))
                judge(
                    .recorded(function, entry?.stage ?? .legacy, epoch: entry?.epoch ?? 0), node)
            }
            guard let daemon = nodes[node].daemons[function] else { continue }
            if !daemon.isAlive {
                judge(.absent(function), node)
            } else if daemon.isPaused {
                judge(.silent(function), node)
            } else {
                judge(.answered(function, pid: UInt32(truncatingIfNeeded: daemon.life)), node)
                let reason = daemon.machine.unfitReason
                judge(reason.map { .unfit(function, $0) } ?? .fit(function), node)
            }
        }
    }

    private func judge(_ event: DeathWatch.Event, _ node: Int) {
        for effect in nodes[node].observer.watch.handle(event, at: now) {
            switch effect {
            case .kill(let function, let pid):
                guard let daemon = nodes[node].daemons[function],
                    UInt32(truncatingIfNeeded: daemon.life) == pid
                else { continue }
                killDaemon(node, function)
                agenda.add(.restartDaemon(node, function), at: later(1000))
            case .reverse(let function, let epoch, let reason):
                let change = StageChange(
                    .reverse, function, on: [pnn(node)], basis: .entry(epoch: epoch),
                    who: "observer", origin: pnn(node), reason: reason, time: calendar,
                    isAutomatic: true)
                agenda.add(
                    .reversal(
                        change, at: node, function, byObserver: true,
                        life: nodes[node].observer.life), at: soon(300))
            }
        }
    }

    private func reverse(
        _ change: StageChange, _ node: Int, _ function: ClusterFunction, _ byObserver: Bool,
        _ life: UInt64
    ) {
        let isThere =
            byObserver
            ? nodes[node].observer.isAlive && nodes[node].observer.life == life
            : isRunning(node, function, life)
        guard isThere else { return }
        if apply(change, at: node) {
            tally.reversals += 1
        } else if byObserver {
            judge(.notReversed(function), node)
        } else {
            handle(.notReversed(reason: "ctdbd is away"), node, function)
        }
    }
}
