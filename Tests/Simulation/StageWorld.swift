// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import StageCore
import Vocabulary

/// A cluster in which functions move between ctdbd and new daemons, with commands, crashes and
/// partitions from a number.
///
/// Real are `StageTable`, `StagePlanner`, `Participation` and `DeathWatch`. Made up are the
/// database (as ctdbd replicates and recovers it), the processes, and what holds ctdbd off:
///
/// - `event`: the kernel freezes ctdbd's own daemon for as long as ours lives and wants it;
/// - `ip`: ctdbd holds off for 30 s from each request, whatever becomes of who asked.
///
/// True at every instant: of each function on each node there is at most one owner; and there is
/// one again within the hold-off time, while ctdbd runs.
package final class StageWorld {
    /// What is broken on purpose, so that the alarm can be heard.
    package enum Sabotage: Sendable {
        /// The daemon acts before ctdbd is held off.
        case actsEarly
        /// The daemon does not mind that its hold-off runs out.
        case outstaysHoldOff
        /// Hold-offs that a dead daemon leaves behind never end.
        case neverResumes
        /// Changes do not mind that somebody else has changed something.
        case ignoresEpochs
    }

    /// What happens at a time.
    enum Entry {
        case fault
        case command
        case commit(StageChange, at: Int)
        case daemonReads(Int, ClusterFunction, life: UInt64)
        case daemonWakes(Int, ClusterFunction, life: UInt64)
        case stepDone(Int, ClusterFunction, life: UInt64, step: UInt64)
        case renew(Int, ClusterFunction, life: UInt64)
        case holdOffArrives(Int, life: UInt64, sent: Instant)
        case holdOffKnown(Int, life: UInt64, until: Instant)
        case droppedKnown(Int, ClusterFunction, life: UInt64)
        case reversal(StageChange, at: Int, ClusterFunction, byObserver: Bool, life: UInt64)
        case observerLooks(Int, life: UInt64)
        case restartDaemon(Int, ClusterFunction)
        case restartObserver(Int)
        case restartProxy(Int)
        case restartLegacy(Int)
        case resume(Int, ClusterFunction, life: UInt64)
        case heal
        case look
    }

    struct Daemon {
        var life: UInt64 = 0
        var isAlive = false
        var isPaused = false
        var pausedSince: Instant?
        var machine = Participation()
        var step: UInt64 = 0
        var entering: Stage?
        /// Since when the ctdbd runs that it has a connection to: it acts through that alone.
        var connectedTo: Instant?
    }

    struct Observer {
        var life: UInt64 = 0
        var isAlive = true
        var watch = DeathWatch()
    }

    struct Node {
        var hasLegacy = true
        var legacySince = Instant(nanoseconds: 0)
        var hasProxy = true
        /// Which nodes can reach each other: those with the same number.
        var side = 0
        var table = StageTable.empty
        /// Counts the transactions that this copy has seen.
        var sequence: UInt64 = 0
        /// The database is frozen by a recovery until then.
        var frozenUntil = Instant(nanoseconds: 0)
        var daemons: [ClusterFunction: Daemon] = [:]
        var observer = Observer()
        /// event: whether ctdbd's own daemon is frozen, and by which life of ours.
        var frozenBy: UInt64?
        /// ip: until when ctdbd holds off.
        var heldUntil = Instant(nanoseconds: 0)
        /// Requests to hold off do not get through until then.
        var lossyUntil = Instant(nanoseconds: 0)
        /// Since when a function has no owner.
        var unowned: [ClusterFunction: Instant] = [:]
        /// The process of ours that hangs may keep a function from everybody meanwhile.
        var hangs: [ClusterFunction: Instant] = [:]
    }

    static let functions: [ClusterFunction] = [.event, .ip]
    static let holdOff = Duration.seconds(30)
    /// A step may take so long, and nobody acts meanwhile.
    static let stepLimit = Duration.seconds(3)

    var nodes: [Node]
    var now = Instant(nanoseconds: 1_000_000_000)
    var agenda = Agenda<Entry>()
    var random: RandomSource
    let sabotage: Sabotage?
    /// Whether the smaller side of a partition can change nothing, as with a cluster lock.
    let hasClusterLock: Bool
    var isQuiet = false
    var trace: [String] = []
    let isTraced: Bool
    var tally = Tally()
    var violation: Violation?
    private var lives: UInt64 = 0

    /// What has happened in a world.
    package struct Tally: Sendable {
        package var commands = 0
        package var changes = 0
        package var conflicts = 0
        package var reversals = 0
        package var takeovers = 0
        package var faults = 0
        package var steps = 0

        package init() {}

        package mutating func add(_ other: Tally) {
            commands += other.commands
            changes += other.changes
            conflicts += other.conflicts
            reversals += other.reversals
            takeovers += other.takeovers
            faults += other.faults
            steps += other.steps
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
        hasClusterLock = random.below(4) != 0
        nodes = (0..<(2 + Int(random.below(3)))).map { _ in Node() }
    }

    /// Runs a world that follows from a number.
    package static func run(
        seed: UInt64, sabotage: Sabotage? = nil, isTraced: Bool = false
    ) -> Run {
        let world = StageWorld(seed: seed, sabotage: sabotage, isTraced: isTraced)
        world.run()
        return Run(violation: world.violation, tally: world.tally, trace: world.trace)
    }

    private func run() {
        for node in nodes.indices {
            for function in Self.functions { startDaemon(node, function) }
            startObserver(node)
        }
        let commands = 20 + random.below(60)
        let faults = random.below(20)
        let length: UInt64 = 120_000
        for _ in 0..<commands { agenda.add(.command, at: later(random.below(length))) }
        for _ in 0..<faults { agenda.add(.fault, at: later(random.below(length))) }
        agenda.add(.heal, at: later(length))
        // What is wrong after so long stays wrong.
        let end = later(length + 120_000)
        while violation == nil, let (at, entry) = agenda.takeFirst(), at <= end {
            now = max(now, at)
            tally.steps += 1
            handle(entry)
            check()
        }
        if violation == nil { checkEnd() }
    }

    // MARK: For the rest of the world

    func later(_ milliseconds: UInt64) -> Instant { now.advanced(byMilliseconds: milliseconds) }

    /// A time from now on, at random.
    func soon(_ milliseconds: UInt64) -> Instant { later(random.below(milliseconds + 1)) }

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

    /// Milliseconds since 1970: all clocks agree here.
    var calendar: UInt64 { 1_700_000_000_000 + now.nanoseconds / 1_000_000 }
}

extension RandomSource {
    /// A number below a bound.
    mutating func below(_ bound: UInt64) -> UInt64 { next() % max(bound, 1) }

    /// A place among so many.
    mutating func pick(_ count: Int) -> Int { Int(below(UInt64(count))) }
}
