// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// Carries out what the machines decide.
extension SimulatedAddressDaemon {
    // MARK: The coordinator's

    func perform(_ effect: CoordinatorCore.Effect) {
        switch effect {
        case .ask(let token, let pnn, let request, true, let order, let limit):
            askDaemon(token, pnn, request, order, within: limit)
        case .ask(let token, let pnn, let request, false, _, let limit):
            ask(request, of: pnn, within: limit) { reply, problem in
                let answer = reply.map { CoordinatorCore.Answer.reply($0) }
                self.give(.coordinator(.answered(token, answer ?? .failure(problem))))
            }
        case .tell(let message):
            for other in stages.keys.sorted(by: { $0.rawValue < $1.rawValue })
            where other != own && stages[other] != .legacy && isConnected(other) {
                toDaemon(other) {
                    $0.give(.coordinator(.heard(self.world.pnn(self.node), message)))
                }
            }
        case .forward(let asker, let pnn, let request): forward(asker, pnn, request)
        case .answer(let asker, let run): handles.removeValue(forKey: asker)?(run)
        case .answerRun(let message, let status): world.answerRun(message, status, from: node)
        case .credit(let pnn): world.note("node \(node) blames node \(pnn)")
        case .moved(let move):
            world.tally.moves += 1
            world.note("node \(node) \(move.address) \(move.from) to \(move.to): \(move.reason)")
        case .compared: break
        case .ran(let run): ran(run)
        case .wake(let instant):
            arm(.coordinator, at: instant) { self.give(.coordinator(.wake)) }
        case .note(let note):
            world.note("node \(node) \(note)")
            if case .coordinates = note { learnNodes() }
        }
    }

    private func isConnected(_ pnn: PNN) -> Bool {
        nodes?.nodes.contains { $0.pnn == pnn && $0.flags.isConnected } ?? false
    }

    private func ran(_ run: IPRun) {
        world.tally.runs += 1
        if run.good {
            let began = now.nanoseconds - min(run.microseconds * 1000, now.nanoseconds)
            world.lastGoodBegin = max(world.lastGoodBegin, Instant(nanoseconds: began))
        } else {
            world.tally.failedRuns += 1
        }
        guard participation.inEffect.isTakenOver else { return }
        let latency = Duration.microseconds(Int64(clamping: run.microseconds))
        if let problem = watch.record(run.good ? .good : .error, latency: latency, at: now) {
            participate(.unfit(reason: problem))
        }
    }

    /// Something for another node's daemon, through the proxies; answered with false when it is
    /// known not to be there.
    private func toDaemon(
        _ pnn: PNN, missing: (() -> Void)? = nil,
        _ work: @escaping (SimulatedAddressDaemon) -> Void
    ) {
        guard let target = world.index(pnn), !world.isLost else { return }
        world.after(1 + world.random.below(8)) {
            guard self.world.nodes[self.node].side == self.world.nodes[target].side else { return }
            guard let daemon = self.world.nodes[target].daemon, daemon.isAlive else {
                if let missing { self.after(5, missing) }
                return
            }
            daemon.deliver { work(daemon) }
        }
    }

    private func askDaemon(
        _ token: CoordinatorCore.Token, _ pnn: PNN, _ request: ControlRequest,
        _ order: CoordinatorCore.Order?, within limit: Duration
    ) {
        var order = order ?? CoordinatorCore.Order(term: 0)
        let term = order.term
        if world.sabotage == .ignoresTerms, order.term != 0 { order.term = 1 }
        var isSettled = false
        let settle = { (answer: CoordinatorCore.Answer) in
            guard !isSettled else { return }
            isSettled = true
            self.give(.coordinator(.answered(token, answer)))
        }
        if world.sabotage == .takesEarly, case .releaseIP = request {
            after(1) { settle(.reply(.done(status: 0))) }
        }
        let answered = { (reply: ControlReply?, refusal: Refusal?) in
            switch refusal {
            case .askCtdbd?: settle(.askCtdbd)
            case .changing?: settle(.changing)
            case .gone?: settle(self.silent(request))
            case nil: settle(.reply(reply ?? .failed(status: -1, reason: "")))
            }
        }
        guard pnn != own else {
            lastAsker += 1
            askers[lastAsker] = obeying(term, answered)
            return give(.host(.control(asker: lastAsker, request, order)))
        }
        world.agenda.add(
            { self.deliver { answered(nil, .gone) } }, at: now.advanced(by: limit))
        toDaemon(pnn, missing: { answered(nil, .gone) }) { daemon in
            daemon.lastAsker += 1
            daemon.askers[daemon.lastAsker] = daemon.obeying(term) {
                [unowned daemon, node = daemon.node] reply, refusal in
                guard !self.world.isLost else { return }
                let term = max(daemon.host.highestTerm, daemon.coordinator.coordination.term)
                self.world.after(1 + self.world.random.below(8)) {
                    guard self.world.nodes[node].side == self.world.nodes[self.node].side else {
                        return
                    }
                    self.deliver {
                        if refusal == nil { self.give(.coordinator(.term(term))) }
                        answered(reply, refusal)
                    }
                }
            }
            let isLate =
                self.world.sabotage == .takesEarly
                && { if case .releaseIP = request { true } else { false } }()
            let asker = daemon.lastAsker
            daemon.after(isLate ? 20_000 : 0) {
                daemon.give(.host(.control(asker: asker, request, order)))
            }
        }
    }

    /// An answer to an order that comes now; an older one than those before is to be refused.
    private func obeying(
        _ term: UInt64, _ answered: @escaping (ControlReply?, Refusal?) -> Void
    ) -> (ControlReply?, Refusal?) -> Void {
        let highest = highestObeyed
        return { [unowned self] reply, refusal in
            if refusal == nil {
                highestObeyed = max(highestObeyed, term)
                if term != 0, term < highest {
                    world.fail("node \(node) obeys term \(term) after term \(highest)")
                }
            }
            answered(reply, refusal)
        }
    }

    /// What comes of asking a daemon that does not answer.
    private func silent(_ request: ControlRequest) -> CoordinatorCore.Answer {
        if world.sabotage == .movesSilent, case .getPublicIPs = request {
            return .reply(.publicIPs(PublicIPList(addresses: [])))
        }
        return .failure("no answer")
    }

    func keep(_ completion: @escaping (IPRun) -> Void) -> UInt64 {
        lastHandle += 1
        handles[lastHandle] = completion
        return lastHandle
    }

    private func forward(_ asker: UInt64, _ pnn: PNN, _ request: IPReallocate) {
        var request = request
        request.forwarded = true
        let fail = {
            let run = IPRun(
                good: false, problem: "no answer", coordinator: pnn, moves: 0, microseconds: 0)
            self.handles.removeValue(forKey: asker)?(run)
        }
        after(60_000, fail)
        let forwarded = request
        toDaemon(pnn, missing: fail) { daemon in
            let handle = daemon.keep { run in
                self.world.after(1 + self.world.random.below(8)) {
                    self.deliver { self.handles.removeValue(forKey: asker)?(run) }
                }
            }
            daemon.give(.coordinator(.reallocate(asker: handle, forwarded)))
        }
    }

    // MARK: The host's

    func perform(_ effect: HostCore.Effect) {
        switch effect {
        case .ask(let token, let request):
            ask(request, of: own, within: .seconds(30)) { reply, problem in
                self.give(.host(.answered(token, reply, problem: problem)))
            }
        case .add(let token, let places): place(token, places) { $0.add($1, at: $2) }
        case .remove(let token, let places): place(token, places) { $0.remove($1, at: $2) }
        case .run(let token, _, _):
            let begin = max(now, scriptsFree)
            scriptsFree = begin.advanced(byMilliseconds: 5 + world.random.below(200))
            let status: Int32 = world.isLost ? 1 : 0
            world.agenda.add(
                { self.deliver { self.give(.host(.ran(token, status: status))) } },
                at: scriptsFree)
        case .answer(let asker, let status, let error, let reply):
            askers.removeValue(forKey: asker)?(
                reply ?? .failed(status: status, reason: error), nil)
        case .refuse(let asker, let isChanging):
            askers.removeValue(forKey: asker)?(nil, isChanging ? .changing : .askCtdbd)
        case .hosts(let isOwn): hosts(isOwn)
        case .failed(let reason): if let entering { failed(entering, reason) }
        case .lookAgain:
            guard linkLife != nil else { return }
            world.wantRun(SrvIDMessage(pnn: own, replyTo: SrvID(rawValue: 0)), from: node)
        case .wake(let instant): arm(.host, at: instant) { self.give(.host(.wake)) }
        case .history(let record):
            world.note("node \(node) \(record.address) \(record.event): \(record.reason)")
        case .note(let text): world.note("node \(node) \(text)")
        case .announce, .announceOnce, .tickle, .endConnections, .watch, .tellClients, .share,
            .reload, .changed:
            break
        }
    }

    /// The kernel does what it was told whatever becomes of who told it.
    private func place(
        _ token: HostCore.Token, _ places: [HostCore.Place],
        _ act: @escaping (AddressWorld, HostCore.Place, Int) -> HostCore.Outcome
    ) {
        world.after(1 + world.random.below(3)) {
            let outcomes = places.map { act(self.world, $0, self.node) }
            // What has changed is heard before.
            self.after(1) { self.give(.host(.placed(token, outcomes))) }
        }
    }
}
