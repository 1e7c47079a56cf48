// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// One life of an address daemon: its machines, put together as `AddressDaemon` does it.
final class SimulatedAddressDaemon {
    /// Something for one of the machines.
    enum Work {
        case coordinator(CoordinatorCore.Event)
        case host(HostCore.Event)
    }

    /// What a timer is for.
    enum Timer: Hashable {
        case coordinator
        case host
        case keeper
        case look
        case step
        case participation
    }

    unowned let world: AddressWorld
    let node: Int
    private(set) var isAlive = true
    var isPaused = false
    private var backlog: [() -> Void] = []
    private var armed: [Timer: (number: UInt64, due: Instant)] = [:]
    private var lastArmed: UInt64 = 0
    private(set) var linkLife: UInt64?

    var coordinator = CoordinatorCore()
    var host = HostCore()
    var keeper = HoldOffKeeper(period: AddressWorld.holdOff)
    var participation = Participation(
        settings: Participation.Settings(holdOffExpires: true))
    var watch = FitnessWatch()
    private var pending: [Work] = []
    private var isWorking = false
    private var steps: [Participation.Event] = []
    private var isStepping = false

    var askers: [UInt64: (ControlReply?, Refusal?) -> Void] = [:]
    var lastAsker: UInt64 = 0
    var handles: [UInt64: (IPRun) -> Void] = [:]
    var lastHandle: UInt64 = 0
    var scriptsFree = Instant(nanoseconds: 0)
    /// The highest term of an order that it has obeyed in this life.
    var highestObeyed: UInt64 = 0

    var entering: Stage?
    var own = PNN.unknown
    var nodes: NodeMap?
    var leader: PNN?
    var stages: [PNN: Stage] = [:]

    /// Why a control is refused.
    enum Refusal {
        case askCtdbd
        case changing
        case gone
    }

    init(_ world: AddressWorld, node: Int) {
        self.world = world
        self.node = node
    }

    var now: Instant { world.now }

    func start() {
        let configured = world.all.map {
            HostCore.Configured($0, prefixLength: 24, on: world.interfaces)
        }
        give(.host(.configured(configured, isPartiallyOnline: world.isPartiallyOnline)))
        for name in world.interfaces {
            if let hasLink = world.nodes[node].links[name] {
                give(.host(.interface(name, hasLink: hasLink)))
            }
        }
        for place in world.nodes[node].kernel { give(.host(.present(place))) }
        look()
        connect()
        readStages()
    }

    /// It is killed.
    func end() {
        isAlive = false
        backlog = []
        askers = [:]
        handles = [:]
    }

    // MARK: Time

    /// Does something in the process, when it runs.
    func deliver(_ work: @escaping () -> Void) {
        guard isAlive else { return }
        if isPaused { backlog.append(work) } else { work() }
    }

    func resume() {
        isPaused = false
        let works = backlog
        backlog = []
        for work in works { deliver(work) }
    }

    func after(_ milliseconds: UInt64, _ work: @escaping () -> Void) {
        world.after(milliseconds) { self.deliver(work) }
    }

    func arm(_ timer: Timer, at instant: Instant, _ work: @escaping () -> Void) {
        let due = max(instant, now.advanced(byMilliseconds: 1))
        // What is due is the same each time: a timer means one thing.
        guard armed[timer]?.due != due else { return }
        lastArmed += 1
        let number = lastArmed
        armed[timer] = (number, due)
        world.agenda.add(
            {
                self.deliver {
                    guard self.armed[timer]?.number == number else { return }
                    self.armed[timer] = nil
                    work()
                }
            }, at: due)
    }

    // MARK: ctdbd

    private func connect() {
        guard linkLife == nil else { return }
        guard world.nodes[node].hasLegacy else { return after(500) { self.connect() } }
        let life = world.nodes[node].legacyLife
        world.atLegacy(node, life, after: 2) {
            self.deliver {
                guard self.linkLife == nil else { return }
                self.linkLife = life
                self.own = self.world.pnn(self.node)
                self.give(.coordinator(.connected(self.own)))
                self.give(.host(.connected(self.own)))
                self.look()
            }
        }
        after(1000) { self.connect() }
    }

    func lost(_ life: UInt64) {
        guard linkLife == life else { return }
        linkLife = nil
        nodes = nil
        give(.coordinator(.disconnected))
        give(.host(.disconnected))
        perform(keeper.stop(lettingGo: false))
        entering = nil
        participate(.dropped(reason: "ctdbd is away"))
        tellStage()
        after(50) { self.connect() }
    }

    /// A message of a life of ctdbd.
    func fromLegacy(_ life: UInt64, _ work: @escaping () -> Void) {
        deliver {
            guard self.linkLife == life else { return }
            work()
        }
    }

    func leads(_ pnn: PNN) {
        let isNew = leader != pnn
        leader = pnn
        give(.coordinator(.leader(pnn)))
        if isNew { learnNodes() }
    }

    func seen(seconds: UInt32, isOwn: Bool) {
        perform(keeper.seen(seconds: seconds, isOwn: isOwn, at: now))
    }

    func look() {
        arm(.look, at: now.advanced(by: .seconds(1))) { self.look() }
        guard linkLife != nil else { return }
        ask(.getNodeMap, of: own, within: .seconds(3)) { reply, _ in
            guard case .nodeMap(let map)? = reply else { return }
            self.nodes = map
            self.give(.coordinator(.nodes(map)))
            if let node = map.nodes.first(where: { $0.pnn == self.own }) {
                self.give(.host(.flags(node.flags)))
            }
            self.learnNodes()
            self.tellStage()
        }
    }

    func learnNodes() {
        let connected = nodes?.nodes.filter { $0.flags.isConnected }.map(\.pnn) ?? []
        let isActive =
            nodes?.nodes.contains { $0.pnn == own && !$0.flags.isInactive } ?? false
        // On a node that is banned or stopped, and nobody else coordinates: ctdbd is to go on.
        let isOfUse = isActive || coordinator.coordination.coordinator != nil
        let meant =
            coordinator.coordination.isOwn || entering == .native
            ? connected : connected.filter { $0 == own || $0 == leader }
        let asked = isOfUse ? meant : []
        perform(keeper.learn(own: own, leader: leader, nodes: asked, at: now))
    }

    /// Asks ctdbd through this node's.
    func ask(
        _ request: ControlRequest, of pnn: PNN, within limit: Duration,
        _ completion: @escaping (ControlReply?, String) -> Void
    ) {
        guard linkLife != nil, let target = world.index(pnn) else {
            return after(0) { completion(nil, "there is no ctdbd") }
        }
        world.control(request, from: node, of: target, within: limit) { reply, problem in
            self.deliver {
                if case .failed(let status, let reason)? = reply {
                    return completion(nil, "refused with \(status) \(reason)")
                }
                completion(reply, problem)
            }
        }
    }

    func perform(_ effects: [HoldOffKeeper.Effect]) {
        for effect in effects {
            switch effect {
            case .ask(let pnn, let seconds): holdOff(pnn, seconds)
            case .heldOff(let end): heldOff(until: end)
            }
        }
        if let wake = keeper.wake {
            arm(.keeper, at: wake) { self.perform(self.keeper.tick(at: self.now)) }
        }
    }

    private func holdOff(_ pnn: PNN, _ seconds: UInt32) {
        guard let life = linkLife, let target = world.index(pnn), world.sees(node, target)
        else { return }
        world.atLegacy(node, life) {
            self.world.hop(self.node, target) {
                let number = self.world.disable(target, seconds: seconds, by: self)
                guard seconds > 0 else { return }
                self.world.hop(target, self.node) {
                    self.fromLegacy(life) {
                        self.perform(self.keeper.answer(number, at: self.now))
                    }
                }
            }
        }
    }

    // MARK: Stages

    private func readStages() {
        after(1000) { self.readStages() }
        let table = world.nodes[node].table
        stages = table.mapValues(\.stage)
        give(.coordinator(.stages(stages)))
        let entry = table[world.pnn(node)]
        participate(.read(.stage(entry?.stage ?? .legacy, epoch: entry?.epoch ?? 0)))
    }

    func participate(_ event: Participation.Event) {
        steps.append(event)
        guard !isStepping else { return }
        isStepping = true
        var index = 0
        while index < steps.count {
            for effect in participation.handle(steps[index], at: now) { perform(effect) }
            index += 1
        }
        steps.removeAll(keepingCapacity: true)
        isStepping = false
    }

    private func perform(_ effect: Participation.Effect) {
        switch effect {
        case .enter(let stage): enter(stage)
        case .reverse(let epoch, _):
            guard world.lockHolder.map({ world.sees(node, $0) }) == true,
                world.nodes[node].table[world.pnn(node)]?.epoch == epoch
            else {
                return after(300) { self.participate(.notReversed(reason: "not now")) }
            }
            world.record(.shadow, of: node)
        case .finished: break
        case .wake(let instant):
            arm(.participation, at: instant) { self.participate(.wake) }
        case .note(let note):
            if case .inEffect = note { watch.reset() }
            world.note("node \(node) \(note)")
        }
    }

    private func enter(_ stage: Stage) {
        let isDown = participation.inEffect > stage
        entering = stage
        switch stage {
        case .legacy, .shadow:
            tellStage(.shadow, mayAct: false)
            let others = stages.contains { $0.key != own && $0.value.isTakenOver }
            perform(keeper.stop(lettingGo: isDown && !others))
            give(.host(.host(false)))
        case .native:
            if isDown { return give(.host(.host(false))) }
            arm(.step, at: now.advanced(by: .seconds(15))) {
                guard self.entering == .native else { return }
                self.failed(.native, "the recovery daemons of ctdbd do not hold off")
            }
            learnNodes()
            perform(keeper.want(at: now))
            if let end = keeper.end { heldOff(until: end) }
        case .finalised: give(.host(.host(true)))
        case .unknown: failed(stage, "it is not known here")
        }
    }

    func failed(_ stage: Stage, _ reason: String) {
        guard entering == stage else { return }
        entering = nil
        participate(.failed(stage, reason: reason, isForNow: true))
        tellStage()
    }

    func entered(_ stage: Stage) {
        guard entering == stage else { return }
        entering = nil
        participate(.entered(stage))
        tellStage()
    }

    func tellStage(_ stage: Stage? = nil, mayAct: Bool? = nil) {
        give(
            .coordinator(
                .stage(
                    stage ?? participation.inEffect,
                    mayAct: mayAct ?? participation.mayAct(at: now))))
    }

    func hosts(_ isOwn: Bool) {
        switch entering {
        case .finalised? where isOwn: entered(.finalised)
        case .native? where !isOwn && participation.inEffect == .finalised: entered(.native)
        case .shadow? where !isOwn: entered(.shadow)
        case .legacy? where !isOwn: entered(.legacy)
        default: break
        }
    }

    private func heldOff(until end: Instant) {
        participate(.heldOff(until: end))
        if entering == .native, participation.inEffect < .native { entered(.native) }
        tellStage()
    }

    // MARK: The machines

    func give(_ work: Work) {
        pending.append(work)
        guard !isWorking else { return }
        isWorking = true
        var index = 0
        while index < pending.count {
            switch pending[index] {
            case .coordinator(let event):
                for effect in coordinator.handle(event, at: now) { perform(effect) }
            case .host(let event):
                for effect in host.handle(event, at: now) { perform(effect) }
            }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isWorking = false
    }
}
