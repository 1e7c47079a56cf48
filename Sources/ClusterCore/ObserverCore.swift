// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// Observes a node: the cluster as its ctdbd sees it, the stages, and the new daemons beside it.
///
/// What has another state is handed on as a `StateChange`:
///
/// | topic | subject | states |
/// |---|---|---|
/// | node | its number | ok, disconnected, banned, stopped, disabled, unhealthy, deleted; down: \
///   this node's own ctdbd is away |
/// | leader | leader | its number; none |
/// | address | the address | taken, released: by this node |
/// | stage | FUNCTION/NODE | legacy, shadow, native, finalised |
///
/// The same state may be handed on again; whoever takes it compares. A daemon that has died, hangs
/// or stays unfit has its function reversed, by `DeathWatch`.
public struct ObserverCore: Equatable, Sendable {
    /// A moment by both clocks.
    public struct Moment: Hashable, Sendable {
        /// To wait by.
        public var instant: Instant
        /// Milliseconds since 1970, to tell people.
        public var calendar: UInt64

        /// Makes a moment.
        public init(instant: Instant, calendar: UInt64) {
            self.instant = instant
            self.calendar = calendar
        }
    }

    /// What there was to read of the stages.
    public enum StageReading: Hashable, Sendable {
        /// The table, and this node's number by its file.
        case table(StageTable, node: PNN?)
        /// It cannot be used, and why.
        case unreadable(String)
    }

    /// What happens.
    public enum Event: Hashable, Sendable {
        /// The daemon begins.
        case started
        /// ctdbd has taken the connection.
        case legacyConnected
        /// There is no connection to ctdbd, or no more.
        case legacyLost(reason: String)
        /// A packet of ctdbd.
        case legacyPacket(ArraySlice<UInt8>)
        /// The stages were read.
        case stages(StageReading)
        /// A daemon has answered.
        case answered(ClusterFunction, StageStatus)
        /// A daemon has not answered, and is this process.
        case seen(ClusterFunction, pid: UInt32)
        /// A daemon's process has ended.
        case ended(ClusterFunction, pid: UInt32)
        /// No daemon is there for a function.
        case absent(ClusterFunction)
        /// A daemon does not answer.
        case silent(ClusterFunction)
        /// A reversal was recorded.
        case reversed(ClusterFunction, reason: String)
        /// A reversal could not be recorded.
        case notReversed(ClusterFunction, reason: String)
        /// Settings have changed.
        case configured(DeathWatch.Settings)
        /// The moment has come that `.wake` asked for.
        case wake
    }

    /// What to do.
    public enum Effect: Hashable, Sendable {
        /// Connect to ctdbd.
        case connectLegacy
        /// End the connection.
        case disconnectLegacy
        /// Send ctdbd a packet.
        case sendLegacy([UInt8])
        /// Something has this state now, or still.
        case changed(StateChange)
        /// Read the stages.
        case readStages
        /// Ask the daemons of these functions on this node how they stand.
        case askDaemons([ClusterFunction])
        /// Tell the daemons of these functions on this node that stages have changed.
        case tellDaemons([ClusterFunction])
        /// Record that a function is reversed, if its entry is still of this epoch.
        case reverse(ClusterFunction, PNN, epoch: UInt64, reason: String)
        /// Kill a daemon, if it is still this process.
        case kill(ClusterFunction, pid: UInt32)
        /// ctdbd was reached for the first time.
        case ready(PNN)
        /// Comes back with `.wake` at this time; an earlier wish is forgotten.
        case wake(at: Instant)
        /// Something to log.
        case note(Note)
    }

    /// What is worth a line in the log.
    public enum Note: Hashable, Sendable {
        /// There is no connection to ctdbd.
        case waitingForLegacy(String)
        /// ctdbd was reached.
        case attached(PNN)
        /// ctdbd does not answer.
        case legacySilent
        /// A packet of ctdbd cannot be read.
        case malformed(String)
        /// The stages cannot be used.
        case stagesUnreadable(String)
        /// A function is to be reversed.
        case reversing(ClusterFunction, reason: String)
        /// A reversal was recorded.
        case reversed(ClusterFunction, reason: String)
        /// A reversal could not be recorded.
        case notReversed(ClusterFunction, reason: String)
        /// A daemon that hangs is killed.
        case killing(ClusterFunction, pid: UInt32)
    }

    private static let leaderMilliseconds: UInt64 = 6000
    private static let downMilliseconds: UInt64 = 3000
    private static let askMilliseconds: UInt64 = 2000
    private static let stageMilliseconds: UInt64 = 1000

    private var attendance = Attendance()
    private var deaths: DeathWatch
    private var nodes: [PNN: NodeMap.Node] = [:]
    private var leaderHeard: Instant?
    private var awaySince: Instant?
    private var isReady = false
    private var table: StageTable?
    private var own: PNN?
    private var stageProblem: String?
    private var askAt: Instant?
    private var readAt: Instant?
    private var armed: Instant?
    private var effects: [Effect] = []

    /// Makes an observer that has seen nothing.
    public init(deaths: DeathWatch.Settings = DeathWatch.Settings()) {
        self.deaths = DeathWatch(settings: deaths)
    }

    /// This node's number, as far as it is known.
    public var node: PNN? { attendance.pnn ?? own }
    /// Whether ctdbd answers.
    public var isAttached: Bool { attendance.state == .attached }

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - now: when.
    /// - Returns: what to do about it, in this order.
    public mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        switch event {
        case .started:
            awaySince = now.instant
            leaderHeard = now.instant
            follow(attendance.start(), now)
        case .legacyConnected: follow(attendance.connected(at: now.instant), now)
        case .legacyLost(let reason): lost(reason, now)
        case .legacyPacket(let bytes): receive(bytes, now)
        case .stages(let reading): take(reading, now)
        case .answered(let function, let status):
            judge(.answered(function, pid: status.pid), now)
            let isUnfit = status.fitness == .unfit
            judge(isUnfit ? .unfit(function, status.unfitReason) : .fit(function), now)
        case .seen(let function, let pid): judge(.seen(function, pid: pid), now)
        case .ended(let function, let pid): judge(.ended(function, pid: pid), now)
        case .absent(let function): judge(.absent(function), now)
        case .silent(let function): judge(.silent(function), now)
        case .reversed(let function, let reason):
            effects.append(.note(.reversed(function, reason: reason)))
            readSoon(now)
        case .notReversed(let function, let reason):
            effects.append(.note(.notReversed(function, reason: reason)))
            judge(.notReversed(function), now)
            readSoon(now)
        case .configured(let settings): deaths.settings = settings
        case .wake: armed = nil
        }
        onTime(now)
        wish()
        defer { effects = [] }
        return effects
    }

    // MARK: ctdbd

    private mutating func receive(_ bytes: ArraySlice<UInt8>, _ now: Moment) {
        do throws(WireError) {
            follow(try attendance.received(bytes, at: now.instant), now)
        } catch {
            effects.append(.note(.malformed("\(error)")))
        }
    }

    private mutating func lost(_ reason: String, _ now: Moment) {
        attendance.lost(at: now.instant)
        if awaySince == nil { awaySince = now.instant }
        effects.append(.note(.waitingForLegacy(reason)))
    }

    private mutating func follow(_ steps: [Attendance.Step], _ now: Moment) {
        for step in steps {
            switch step {
            case .connect: effects.append(.connectLegacy)
            case .disconnect:
                effects.append(.disconnectLegacy)
                if awaySince == nil { awaySince = now.instant }
            case .send(let packet): effects.append(.sendLegacy(packet))
            case .silent: effects.append(.note(.legacySilent))
            case .attached(let pnn):
                awaySince = nil
                leaderHeard = now.instant
                effects.append(.note(.attached(pnn)))
                if !isReady { effects.append(.ready(pnn)) }
                isReady = true
                // The first nodes, and perhaps the stages, came before the number.
                judgeRecorded(now)
                for node in nodes.values.sorted(by: { $0.pnn < $1.pnn }) { tell(node, now) }
            case .nodes(let map): take(map, now)
            case .leader(let pnn):
                leaderHeard = now.instant
                tell(.leader, "leader", pnn.isNode ? "\(pnn)" : "none", now)
            case .addresses(let list):
                guard let own = attendance.pnn else { continue }
                for one in list.addresses {
                    tell(
                        .address, one.address.text, one.pnn == own ? "taken" : "released", now)
                }
            case .stagesChanged: readSoon(now)
            }
        }
    }

    private mutating func take(_ map: NodeMap, _ now: Moment) {
        let before = nodes
        nodes = [:]
        for node in map.nodes { nodes[node.pnn] = node }
        guard isAttached else { return }
        for node in map.nodes where before[node.pnn] != node { tell(node, now) }
        for (pnn, node) in before.sorted(by: { $0.key < $1.key }) where nodes[pnn] == nil {
            var gone = node
            gone.flags.insert(.deleted)
            tell(gone, now)
        }
    }

    private mutating func tell(_ node: NodeMap.Node, _ now: Moment) {
        let words: [(NodeFlags, String)] = [
            (.deleted, "deleted"), (.disconnected, "disconnected"), (.banned, "banned"),
            (.stopped, "stopped"), (.permanentlyDisabled, "disabled"), (.unhealthy, "unhealthy"),
        ]
        let set = words.filter { node.flags.contains($0.0) }.map(\.1)
        tell(
            .node, "\(node.pnn)", set.first ?? "ok", now,
            [
                ChangeDetail(name: "flags", value: set.joined(separator: ",")),
                ChangeDetail(name: "address", value: node.address.text),
            ])
    }

    private mutating func tell(
        _ topic: ChangeTopic, _ subject: String, _ state: String, _ now: Moment,
        _ details: [ChangeDetail] = []
    ) {
        effects.append(
            .changed(
                StateChange(
                    topic: topic, subject: subject, state: state, time: now.calendar,
                    details: details)))
    }

    // MARK: Stages

    private mutating func take(_ reading: StageReading, _ now: Moment) {
        switch reading {
        case .unreadable(let problem):
            if stageProblem != problem {
                effects.append(.note(.stagesUnreadable(problem)))
            }
            stageProblem = problem
        case .table(let new, let node):
            stageProblem = nil
            if let node { own = node }
            guard new != table else { return }
            let old = table
            table = new
            for entry in new.entries where old?.entry(entry.function, on: entry.node) != entry {
                tell(entry, now)
            }
            judgeRecorded(now)
            if old != nil { effects.append(.tellDaemons(watched)) }
        }
    }

    private mutating func judgeRecorded(_ now: Moment) {
        guard let table, let node else { return }
        for function in ClusterFunction.all {
            let entry = table.entry(function, on: node)
            judge(.recorded(function, entry?.stage ?? .legacy, epoch: entry?.epoch ?? 0), now)
        }
    }

    private mutating func tell(_ entry: StageEntry, _ now: Moment) {
        tell(
            .stage, "\(entry.function)/\(entry.node)", "\(entry.stage)", now,
            [
                ChangeDetail(name: "function", value: "\(entry.function)"),
                ChangeDetail(name: "node", value: "\(entry.node)"),
                ChangeDetail(name: "epoch", value: "\(entry.epoch)"),
                ChangeDetail(name: "reversal", value: entry.reversal),
            ])
    }

    /// The functions that have a daemon on this node, or should.
    private var watched: [ClusterFunction] {
        guard let table, let node else { return [] }
        // The daemon of the cluster is this very one.
        return ClusterFunction.all.filter {
            $0 != .cluster && table.entry($0, on: node) != nil
        }
    }

    private mutating func readSoon(_ now: Moment) {
        effects.append(.readStages)
        readAt = now.instant.advanced(byMilliseconds: Self.stageMilliseconds)
    }

    // MARK: Daemons

    private mutating func judge(_ event: DeathWatch.Event, _ now: Moment) {
        for effect in deaths.handle(event, at: now.instant) {
            switch effect {
            case .reverse(let function, let epoch, let reason):
                guard let node else { continue }
                effects.append(.note(.reversing(function, reason: reason)))
                effects.append(.reverse(function, node, epoch: epoch, reason: reason))
            case .kill(let function, let pid):
                effects.append(.note(.killing(function, pid: pid)))
                effects.append(.kill(function, pid: pid))
            }
        }
    }

    // MARK: Time

    private mutating func onTime(_ now: Moment) {
        follow(attendance.wake(at: now.instant), now)
        judge(.wake, now)
        if let heard = leaderHeard, isAttached,
            heard.advanced(byMilliseconds: Self.leaderMilliseconds) <= now.instant
        {
            leaderHeard = nil
            tell(.leader, "leader", "none", now)
        }
        if let since = awaySince, let pnn = node,
            since.advanced(byMilliseconds: Self.downMilliseconds) <= now.instant
        {
            awaySince = nil
            tell(.node, "\(pnn)", "down", now)
        }
        if readAt.map({ $0 <= now.instant }) ?? true { readSoon(now) }
        if askAt.map({ $0 <= now.instant }) ?? true {
            askAt = now.instant.advanced(byMilliseconds: Self.askMilliseconds)
            let functions = watched
            if !functions.isEmpty { effects.append(.askDaemons(functions)) }
        }
    }

    private mutating func wish() {
        var next = [attendance.nextWake, readAt, askAt].compactMap { $0 }
        if let heard = leaderHeard, isAttached {
            next.append(heard.advanced(byMilliseconds: Self.leaderMilliseconds))
        }
        if let since = awaySince, node != nil {
            next.append(since.advanced(byMilliseconds: Self.downMilliseconds))
        }
        guard let first = next.min(), first != armed else { return }
        armed = first
        effects.append(.wake(at: first))
    }
}
