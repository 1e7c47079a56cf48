// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// Decides which node has which public address, and has it done: the part of a daemon that one node
/// of a cluster plays, and whose absence the others notice.
///
/// A run has phases, each of which begins when the one before is done on all nodes: they get ready,
/// addresses are released, then taken, then all are told. Where ctdbd moves addresses it is told by
/// the controls of its own runs, in their order; elsewhere the node's daemon is asked for the same.
///
/// Invariants: one run at a time; no address is taken before every release of the run has
/// succeeded; a run that was held up for so long that another coordinator may have begun one is
/// given up.
///
/// - Source: the order of phases, who is asked, time limits and banning credits are those of
///   ctdb/server/ctdb_takeover_helper.c; when runs begin, ctdb/server/ctdb_recoverd.c, Samba 4.17.
package struct CoordinatorCore: Sendable {
    /// Names a question.
    package typealias Token = UInt64

    /// What happens.
    package enum Event: Sendable {
        /// ctdbd answers; this node's number.
        case connected(PNN)
        /// It does not any more.
        case disconnected
        /// The stages of the function `ip`, by node, were read.
        case stages([PNN: Stage])
        /// What this node's daemon does, and whether it may act now.
        case stage(Stage, mayAct: Bool)
        /// The nodes as ctdbd sees them.
        case nodes(NodeMap)
        /// The leader has said that it is one.
        case leader(PNN)
        /// A daemon says that it coordinates.
        case heard(PNN, IPCoordinator)
        /// Somebody asks all recovery daemons for a run, to be answered there.
        case runWanted(SrvIDMessage)
        /// Addresses are being moved by hand: nothing is put right for so long.
        case checksOff(seconds: UInt32)
        /// A node is to get its share.
        case rebalance(PNN)
        /// Somebody asks this daemon for a run, with the nodes that may host; none: as before.
        case reallocate(asker: UInt64, IPReallocate)
        /// A question was answered.
        case answered(Token, Answer)
        /// A daemon knows of this term.
        case term(UInt64)
        /// The time has come.
        case wake
    }

    /// What came of a question.
    package enum Answer: Sendable {
        case reply(ControlReply)
        /// The daemon does not move addresses on its node: ctdbd does.
        case askCtdbd
        /// The daemon is between the two.
        case changing
        /// There is no answer.
        case failure(String)
    }

    /// What to do.
    package enum Effect: Sendable {
        /// Ask a node's ctdbd, or its daemon.
        case ask(Token, PNN, ControlRequest, ofDaemon: Bool, Order?, limit: Duration)
        /// Tell the other daemons who coordinates.
        case tell(IPCoordinator)
        /// Pass a request on to the node that coordinates.
        case forward(asker: UInt64, PNN, IPReallocate)
        /// Answer it.
        case answer(asker: UInt64, IPRun)
        /// Answer somebody who asked the recovery daemons.
        case answerRun(SrvIDMessage, status: Int32)
        /// Give this node's recovery daemon a reason to ban a node.
        case credit(PNN)
        /// An address has moved.
        case moved(Move)
        /// A run of ctdbd, compared with what ours would have been; empty lists say that it was
        /// the same.
        case compared([Difference], AddressState, Algorithm)
        /// A run is over.
        case ran(IPRun)
        /// Comes back with `.wake`; an earlier wish is forgotten.
        case wake(at: Instant)
        /// Something to log.
        case note(Note)
    }

    /// What goes with an order to a daemon.
    package struct Order: Equatable, Sendable {
        package var term: UInt64
        package var holder = PNN.unknown
        package var reason = ""

        package init(term: UInt64, holder: PNN = .unknown, reason: String = "") {
            self.term = term
            self.holder = holder
            self.reason = reason
        }
    }

    /// An address that went from one node to another.
    package struct Move: Equatable, Sendable {
        package var address: PublicAddress
        package var from: PNN
        package var to: PNN
        package var reason: String
        package var microseconds: UInt64
    }

    /// Where ctdbd and ours differ.
    package struct Difference: Equatable, Sendable {
        package var address: PublicAddress
        package var legacy: PNN
        package var own: PNN
    }

    /// What is worth a line in the log.
    package enum Note: Equatable, Sendable {
        case coordinates(PNN?, term: UInt64)
        case run(String)
        case failed(String)
        case differs(PNN, [PublicAddress], from: PNN, [PublicAddress])
    }

    /// How long things take.
    package struct Settings: Equatable, Sendable {
        /// So often the nodes are asked how things are.
        package var period = Duration.seconds(1)
        /// The same where only daemons move addresses, which say when something changes.
        package var quietPeriod = Duration.seconds(5)
        /// A failed run is tried again after so long.
        package var retry = Duration.seconds(1)
        /// A node may take so long to say what it has.
        package var askLimit = Duration.seconds(3)
        /// A pause longer than this is one in which somebody else may have begun a run.
        package var pauseLimit = Duration.seconds(3)
        /// How addresses are dealt out; nil: as ctdbd's tunable says.
        package var algorithm: Algorithm?

        package init() {}
    }

    /// What is done now.
    enum Phase: Equatable {
        case idle
        case mapping
        case gathering
        case preparing
        case releasing
        case taking
        case finishing
    }

    /// Who waits for a run.
    enum Asker: Sendable {
        case message(SrvIDMessage)
        case request(UInt64)
    }

    package var settings: Settings
    package private(set) var coordination = Coordination()
    /// The runs that were done.
    package private(set) var runs: UInt64 = 0
    /// What was wrong with the last one; empty when it was good.
    package private(set) var problem = ""

    var own = PNN.unknown
    var stages: [PNN: Stage] = [:]
    var inEffect = Stage.legacy
    var mayAct = false
    var leader: PNN?
    var active: [PNN] = []
    var limit: Set<PNN>?
    var rebalanced: Set<PNN> = []

    var phase = Phase.idle
    var gathered = TakeoverState()
    var run = Run()
    var asked: [Token: Question] = [:]
    var lastToken: Token = 0
    var wanted: [Asker] = []
    var served: [Asker] = []
    var isRunWanted = false
    var lastInputs: TakeoverState?
    var shadow: TakeoverState?
    var nextLook = Instant(nanoseconds: 0)
    var lastFlags: [NodeFlags] = []
    var nextTell = Instant(nanoseconds: 0)
    var lastHandled: Instant?
    var checksOffUntil = Instant(nanoseconds: 0)
    var withoutPrepare: Set<PNN> = []
    var saidDifferences: Set<PNN> = []
    var effects: [Effect] = []

    /// What a question is about.
    enum Question: Equatable, Sendable {
        case tunables
        case map
        case known(PNN)
        case available(PNN)
        case order(PNN, PublicAddress?)
    }

    /// A run that is under way.
    struct Run: Sendable {
        var began = Instant(nanoseconds: 0)
        var deadline = Instant(nanoseconds: 0)
        var plan: Allocation?
        var moving: [PublicAddress: Allocation.Entry] = [:]
        var credits: [PNN: Int] = [:]
        var problem: String?
        var moves: UInt32 = 0
        var isRun = false
    }

    package init(settings: Settings = Settings()) { self.settings = settings }

    /// Takes an event.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        if let lastHandled, now > lastHandled.advanced(by: settings.pauseLimit), phase != .idle {
            giveUp("it was held up for too long", now)
        }
        lastHandled = now
        take(event, now)
        decide(now)
        look(now)
        if coordination.isOwn {
            if now >= nextTell { tellOthers(now) }
            effects.append(.wake(at: min(nextLook, nextTell)))
        } else {
            effects.append(.wake(at: nextLook))
        }
        defer { effects = [] }
        return effects
    }

    private mutating func take(_ event: Event, _ now: Instant) {
        switch event {
        case .connected(let pnn):
            own = pnn
            coordination.own = pnn
            nextLook = now
        case .disconnected:
            active = []
            lastInputs = nil
            shadow = nil
            if phase != .idle { giveUp("ctdbd is away", now) }
        case .stages(let stages):
            if stages != self.stages { nextLook = now }
            self.stages = stages
        case .stage(let stage, let mayAct):
            if stage != inEffect || mayAct != self.mayAct { nextLook = now }
            inEffect = stage
            self.mayAct = mayAct
            if stage != .shadow { shadow = nil }
        case .nodes(let map): learn(map, now)
        case .leader(let pnn): leader = pnn
        case .heard(let node, let message):
            guard coordination.hear(node, term: message.term, at: now) else { return }
            limit = message.limited ? Set(message.nodes) : nil
        case .runWanted(let message):
            // What ctdbd does next is compared with what it begins from.
            nextLook = now
            guard inEffect.isTakenOver else { return }
            isRunWanted = true
            if message.replyTo.rawValue != 0, wanted.count < 4096 {
                wanted.append(.message(message))
            }
        case .checksOff(let seconds): checksOffUntil = now.advanced(by: .seconds(Int64(seconds)))
        case .rebalance(let node): if rebalanced.count < 4096 { rebalanced.insert(node) }
        case .reallocate(let asker, let request): reallocate(asker, request, now)
        case .answered(let token, let answer): answered(token, answer, now)
        case .term(let term): coordination.learn(term: term)
        case .wake: break
        }
    }

    private mutating func learn(_ map: NodeMap, _ now: Instant) {
        let flags = map.nodes.map(\.flags)
        if flags != lastFlags { nextLook = now }
        lastFlags = flags
        active = map.nodes.filter { !$0.flags.isInactive }.map(\.pnn)
    }

    private mutating func reallocate(_ asker: UInt64, _ request: IPReallocate, _ now: Instant) {
        guard coordination.isOwn else {
            guard let other = coordination.coordinator, !request.forwarded else {
                return effects.append(
                    .answer(
                        asker: asker,
                        report(problem: "no daemon coordinates now; ctdb stage show ip", now)))
            }
            return effects.append(.forward(asker: asker, other, request))
        }
        limit = request.nodes.isEmpty ? nil : Set(request.nodes)
        tellOthers(now)
        isRunWanted = true
        wanted.append(.request(asker))
        nextLook = now
    }

    private func microseconds(_ began: Instant, _ now: Instant) -> UInt64 {
        now > began ? (now.nanoseconds &- began.nanoseconds) / 1000 : 0
    }

    func report(problem: String, _ now: Instant) -> IPRun {
        IPRun(
            good: problem.isEmpty, problem: StageText.clipped(problem, to: 512),
            coordinator: coordination.coordinator ?? .unknown, moves: run.moves,
            microseconds: run.isRun ? microseconds(run.began, now) : 0)
    }

    // MARK: Who coordinates

    private mutating func decide(_ now: Instant) {
        coordination.learn(stages: stages, active: active, leader: leader, at: now)
        guard coordination.decide(canAct: mayAct && inEffect.isTakenOver, at: now) else { return }
        effects.append(.note(.coordinates(coordination.coordinator, term: coordination.term)))
        if coordination.isOwn {
            lastInputs = nil
            nextLook = now
            tellOthers(now)
        } else {
            // Who waits for a run that has not begun yet is answered, too.
            if phase != .idle { giveUp("another node coordinates", now) }
            // Whoever asked is answered by the other one, which heard the same.
            wanted = wanted.filter {
                if case .request = $0 { true } else { false }
            }
            for case .request(let asker) in wanted {
                effects.append(
                    .answer(asker: asker, report(problem: "another node coordinates now", now)))
            }
            wanted = []
        }
    }

    private mutating func tellOthers(_ now: Instant) {
        nextTell = now.advanced(by: settings.period)
        effects.append(
            .tell(
                IPCoordinator(
                    term: coordination.orderTerm, limited: limit != nil,
                    nodes: (limit ?? []).sorted { $0.rawValue < $1.rawValue })))
    }

    // MARK: Looking

    /// Whether all connected nodes had daemons that move addresses when they were asked last.
    private var isQuiet: Bool {
        gathered.nodes.contains { $0.flags.isConnected }
            && gathered.nodes.allSatisfy { !$0.flags.isConnected || $0.mover == .daemon }
    }

    private var isObserving: Bool { inEffect == .shadow }

    private mutating func look(_ now: Instant) {
        guard now >= nextLook else { return }
        nextLook = now.advanced(by: isQuiet ? settings.quietPeriod : settings.period)
        guard own.isNode, phase == .idle, coordination.isOwn || isObserving else { return }
        phase = .mapping
        run = Run()
        run.began = now
        run.deadline = now.advanced(by: settings.askLimit)
        gathered = TakeoverState()
        served = wanted
        wanted = []
        ask(.tunables, own, .getAllTunables, ofDaemon: false)
        ask(.map, own, .getNodeMap, ofDaemon: false)
    }

    mutating func ask(
        _ question: Question, _ node: PNN, _ request: ControlRequest, ofDaemon: Bool,
        _ order: Order? = nil, limit: Duration? = nil
    ) {
        lastToken &+= 1
        asked[lastToken] = question
        effects.append(
            .ask(
                lastToken, node, request, ofDaemon: ofDaemon, order,
                limit: limit ?? settings.askLimit))
    }

    /// Ends what is under way without a result, and begins again after a while.
    mutating func giveUp(_ reason: String, _ now: Instant) {
        if run.isRun {
            problem = reason
            effects.append(.note(.failed(reason)))
        }
        asked = [:]
        phase = .idle
        isRunWanted = isRunWanted || run.isRun || !served.isEmpty
        // What was asked is asked still, and answered after the next run.
        wanted = served + wanted
        served = []
        run = Run()
        nextLook = now.advanced(by: settings.retry)
    }

    mutating func end(_ report: IPRun, _ now: Instant) {
        runs &+= 1
        problem = report.problem
        for asker in served {
            switch asker {
            case .message(let message):
                effects.append(
                    .answerRun(message, status: report.good ? Int32(bitPattern: own.rawValue) : -1))
            case .request(let asker): effects.append(.answer(asker: asker, report))
            }
        }
        served = []
        effects.append(.ran(report))
        phase = .idle
        asked = [:]
        if !report.good {
            isRunWanted = true
            nextLook = now.advanced(by: settings.retry)
        } else if isRunWanted || !wanted.isEmpty {
            nextLook = now
        }
        run = Run()
    }
}
