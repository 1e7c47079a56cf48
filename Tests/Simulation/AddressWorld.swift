// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import MessagingCore
import PeerWire
import StageCore
import Vocabulary

/// A cluster with public addresses, some nodes with an address daemon and some without, in which
/// things go wrong as a number says.
///
/// Real are `CoordinatorCore`, `HostCore`, `HoldOffKeeper` and `Participation`, put together as
/// `AddressDaemon` does it. Made up are ctdbd with its recovery daemon (who leads, hold-offs that
/// run out, its own takeover runs, the controls for addresses, bans), the kernels, the table of
/// stages, and what lies between nodes: all of them are slow, and answers get lost.
///
/// True at every instant:
/// - an address that two kernels have is in one of them again within `detection`;
/// - an address that a node could host is on one within `holdOff` + `detection` + `retry`;
/// - a node that is banned, stopped or disabled has none for longer than that;
/// - whoever asks for a run is answered, and not well unless one began since and succeeded.
///
/// Not counted, because nobody is there who could help:
/// - a node that is cut off or whose ctdbd is dead or hangs, until so long after its end: the
///   others cannot reach it, and have its addresses, as with ctdbd alone;
/// - what a dead or hanging daemon has, or is believed to have, until so long after its end: it
///   stays where it is, on purpose.
/// The time limits but the first begin anew with everything that breaks; where answers get lost, a
/// run may wait for one as long as ctdbd's would, so that they are that much longer.
package final class AddressWorld {
    /// What is broken on purpose, so that the alarm can be heard.
    package enum Sabotage: String, CaseIterable, Sendable {
        /// A release counts as done before it is.
        case takesEarly
        /// Hosts obey whoever orders.
        case ignoresTerms
        /// Recovery daemons say that they hold off, and do not.
        case noHoldOff
        /// What a silent daemon has counts as nobody's.
        case movesSilent
    }

    /// A public address as a node's ctdbd has it.
    struct LegacyAddress {
        var holder = PNN.unknown
        var isMoving = false
        var isDeleting = false
    }

    struct Node {
        var hasLegacy = false
        /// Which ctdbd it is, counted over all.
        var legacyLife: UInt64 = 0
        var legacyPaused = false
        var legacyBacklog: [() -> Void] = []
        var legacyStrange = Instant(nanoseconds: 0)
        var waiting: [(target: Int, completion: Completion)] = []
        var flags: NodeFlags = []
        var addresses: [IPAddress: LegacyAddress] = [:]
        var order: [IPAddress] = []
        var legacyLinks: [String: Bool] = [:]
        var linksChanged = false
        var heldUntil = Instant(nanoseconds: 0)
        var isRunning = false
        var needsRun = false
        var requests: [SrvIDMessage] = []
        var leader: Int?
        var leaderlessSince: Instant?
        /// Which nodes can reach each other: those with the same number.
        var side = 0
        var cutUntil = Instant(nanoseconds: 0)

        var kernel: [HostCore.Place] = []
        var links: [String: Bool] = [:]

        var mayHaveDaemon = true
        var daemon: SimulatedAddressDaemon?
        /// Since when its daemon runs, or does not.
        var daemonSince = Instant(nanoseconds: 0)
        var table: [PNN: Recorded] = [:]
    }

    struct Recorded: Equatable {
        var stage: Stage
        var epoch: UInt64
    }

    /// Who waits for an answer, which comes once.
    final class Completion {
        private var act: ((ControlReply?, String) -> Void)?
        init(_ act: @escaping (ControlReply?, String) -> Void) { self.act = act }
        var isDone: Bool { act == nil }
        func finish(_ reply: ControlReply?, _ problem: String = "") {
            guard let act else { return }
            self.act = nil
            act(reply, problem)
        }
    }

    /// Somebody who wants a run.
    struct Request {
        var node: Int
        var asked: Instant
        /// The daemon that was asked; nil: all recovery daemons.
        var daemon: SimulatedAddressDaemon?
    }

    package static let holdOff = Duration.seconds(10)
    package static let detection = Duration.seconds(8)
    package static let retry = Duration.seconds(30)
    /// How long a run waits for answers: three times ctdbd's usual TakeoverTimeout.
    static let runLimit = Duration.seconds(27)
    static let requestLimit = Duration.seconds(90)

    var nodes: [Node] = []
    let all: [IPAddress]
    let interfaces: [String]
    let isPartiallyOnline: Bool
    let lossPerMille: UInt64
    var sees: [[Bool]] = []
    var lockHolder: Int?
    var lockFreeSince: Instant?
    var epoch: UInt64 = 0

    var now = Instant(nanoseconds: 1_000_000_000)
    var agenda = Agenda<() -> Void>()
    var random: RandomSource
    let sabotage: Sabotage?
    var isQuiet = false
    var lastFault: Instant
    var trace: [String] = []
    let isTraced: Bool
    var tally = Tally()
    var violation: Violation?
    private var lives: UInt64 = 0

    var isDirty = true
    var doubledSince: [IPAddress: Instant] = [:]
    var uncoveredSince: [IPAddress: Instant] = [:]
    var misplacedSince: [IPAddress: Instant] = [:]
    var requests: [UInt64: Request] = [:]
    var lastGoodBegin = Instant(nanoseconds: 0)

    /// What has happened in a world.
    package struct Tally: Sendable {
        package var steps = 0
        package var acts = 0
        package var runs = 0
        package var legacyRuns = 0
        package var failedRuns = 0
        package var moves = 0
        package var answers = 0
        package var changes = 0

        package init() {}

        package mutating func add(_ other: Tally) {
            steps += other.steps
            acts += other.acts
            runs += other.runs
            legacyRuns += other.legacyRuns
            failedRuns += other.failedRuns
            moves += other.moves
            answers += other.answers
            changes += other.changes
        }
    }

    /// What became of a world.
    package struct Run: Sendable {
        package var violation: Violation?
        package var tally: Tally
        package var trace: [String]
    }

    private init(seed: UInt64, sabotage: Sabotage?, isTraced: Bool) {
        random = RandomSource(seed: seed)
        self.sabotage = sabotage
        self.isTraced = isTraced
        lastFault = now
        all = (1...(1 + UInt32(random.below(5)))).map { IPAddress.ipv4(0x0A01_0000 + $0) }
        interfaces = random.below(3) == 0 ? ["eth1", "eth2"] : ["eth1"]
        isPartiallyOnline = random.below(2) == 0
        lossPerMille = random.below(3) == 0 ? 5 : 0
        let count = 2 + Int(random.below(4))
        sees = Array(repeating: Array(repeating: true, count: count), count: count)
        nodes = (0..<count).map { _ in
            var node = Node()
            for name in interfaces {
                node.links[name] = true
                node.legacyLinks[name] = true
            }
            return node
        }
    }

    /// Runs a world that follows from a number.
    package static func run(
        seed: UInt64, sabotage: Sabotage? = nil, isTraced: Bool = false
    ) -> Run {
        let world = AddressWorld(seed: seed, sabotage: sabotage, isTraced: isTraced)
        world.run()
        // Closures on the agenda hold daemons, and those hold closures.
        for node in world.nodes.indices { world.nodes[node].daemon?.end() }
        return Run(violation: world.violation, tally: world.tally, trace: world.trace)
    }

    private func run() {
        prepareStages()
        for node in nodes.indices {
            startLegacy(node)
            nodes[node].flags = []
            if nodes[node].mayHaveDaemon { after(soon: 2000) { self.startDaemon(node) } }
        }
        lockHolder = random.pick(nodes.count)
        elect()
        tick()
        let acts = 3 + random.below(14)
        let length: UInt64 = 150_000
        for _ in 0..<acts { after(12_000 + random.below(length)) { self.act() } }
        after(12_000 + length) { self.heal() }
        let end = now.advanced(byMilliseconds: 12_000 + length + 90_000)
        while violation == nil, let (at, work) = agenda.takeFirst(), at <= end {
            now = max(now, at)
            tally.steps += 1
            work()
            if isDirty { check() }
        }
        if violation == nil { checkEnd() }
    }

    private func prepareStages() {
        let most = random.below(4)
        for node in nodes.indices {
            if random.below(6) == 0 {
                nodes[node].mayHaveDaemon = false
                continue
            }
            let stage: Stage =
                switch random.below(8) {
                case 0: .legacy
                case 1: .shadow
                case 2: .native
                case 3: .finalised
                default: most == 0 ? .shadow : most == 1 ? .native : .finalised
                }
            record(stage, of: node)
        }
    }

    // MARK: For the rest of the world

    func after(_ milliseconds: UInt64, _ act: @escaping () -> Void) {
        agenda.add(act, at: now.advanced(byMilliseconds: milliseconds))
    }

    func after(soon milliseconds: UInt64, _ act: @escaping () -> Void) {
        after(random.below(milliseconds + 1), act)
    }

    func note(_ text: @autoclosure () -> String) {
        guard isTraced else { return }
        trace.append("\(now.nanoseconds / 1_000_000) \(text())")
    }

    func fail(_ text: String) {
        note("VIOLATION \(text)")
        if violation == nil { violation = Violation(description: text) }
    }

    func newLife() -> UInt64 {
        lives += 1
        return lives
    }

    func pnn(_ node: Int) -> PNN { PNN(rawValue: UInt32(node)) }

    func index(_ pnn: PNN) -> Int? {
        let index = Int(pnn.rawValue)
        return nodes.indices.contains(index) ? index : nil
    }

    /// Something that what follows may take time to deal with.
    func disturb() {
        lastFault = now
        isDirty = true
    }

    // MARK: The kernels

    func has(_ address: IPAddress, at node: Int) -> Bool {
        nodes[node].kernel.contains { $0.address == address }
    }

    func add(_ place: HostCore.Place, at node: Int) -> HostCore.Outcome {
        guard nodes[node].links[place.interface] != nil else { return .noInterface }
        guard !nodes[node].kernel.contains(place) else { return .unchanged }
        nodes[node].kernel.append(place)
        note("node \(node) has \(place.address)")
        isDirty = true
        if let daemon = nodes[node].daemon {
            after(1) { daemon.deliver { daemon.give(.host(.present(place))) } }
        }
        return .done
    }

    func remove(_ place: HostCore.Place, at node: Int) -> HostCore.Outcome {
        guard let index = nodes[node].kernel.firstIndex(of: place) else { return .unchanged }
        nodes[node].kernel.remove(at: index)
        note("node \(node) has \(place.address) no more")
        isDirty = true
        if let daemon = nodes[node].daemon {
            after(1) { daemon.deliver { daemon.give(.host(.gone(place))) } }
        }
        return .done
    }

    func removeAll(_ address: IPAddress, at node: Int) {
        for place in nodes[node].kernel where place.address == address {
            _ = remove(place, at: node)
        }
    }

    // MARK: The table of stages

    /// Records a stage where the cluster can: on all nodes that the holder of the lock sees.
    func record(_ stage: Stage, of node: Int) {
        epoch += 1
        let entry = Recorded(stage: stage, epoch: epoch)
        let holder = lockHolder ?? 0
        let reached = nodes.indices.filter { nodes[$0].side == nodes[holder].side }
        for other in reached { nodes[other].table[pnn(node)] = entry }
        tally.changes += 1
        note("node \(node) is to be \(stage)")
    }

    func stage(of node: Int) -> Stage {
        let newest = nodes.compactMap { $0.table[pnn(node)] }.max { $0.epoch < $1.epoch }
        return newest?.stage ?? .legacy
    }
}
