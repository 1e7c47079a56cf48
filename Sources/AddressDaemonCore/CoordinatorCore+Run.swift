// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

extension CoordinatorCore {
    mutating func answered(_ token: Token, _ answer: Answer, _ now: Instant) {
        guard let question = asked.removeValue(forKey: token) else { return }
        switch question {
        case .tunables:
            guard case .reply(.tunableValues(let values)) = answer else {
                return giveUp("ctdbd does not tell its tunables", now)
            }
            gathered.values = .init(values, algorithm: settings.algorithm)
        case .map:
            guard case .reply(.nodeMap(let map)) = answer else {
                return giveUp("ctdbd does not tell its nodes", now)
            }
            take(map)
        case .known(let node), .available(let node): take(question, node, answer, now)
        case .order(let node, let address): ordered(node, address, answer, now)
        }
        guard asked.isEmpty else { return }
        proceed(now)
    }

    // MARK: What there is

    private mutating func take(_ map: NodeMap) {
        gathered.nodes = map.nodes.map { entry in
            var node = TakeoverState.Node()
            node.flags = entry.flags
            let pnn = entry.pnn
            // One that hands back has addresses that its ctdbd does not know: it says so itself.
            if stages[pnn] ?? .legacy != .legacy { node.mover = .daemon }
            return node
        }
        active = map.nodes.filter { !$0.flags.isInactive }.map(\.pnn)
    }

    private mutating func askNodes() {
        phase = .gathering
        for (number, node) in gathered.nodes.enumerated() where node.flags.isConnected {
            askNode(PNN(rawValue: UInt32(number)))
        }
    }

    private mutating func askNode(_ pnn: PNN) {
        guard let node = node(pnn) else { return }
        let ofDaemon = node.mover == .daemon
        ask(.known(pnn), pnn, .getPublicIPs(onlyAvailable: false), ofDaemon: ofDaemon)
        if !node.flags.isInactive {
            ask(.available(pnn), pnn, .getPublicIPs(onlyAvailable: true), ofDaemon: ofDaemon)
        }
    }

    private func node(_ pnn: PNN) -> TakeoverState.Node? {
        let number = Int(pnn.rawValue)
        return gathered.nodes.indices.contains(number) ? gathered.nodes[number] : nil
    }

    private mutating func take(
        _ question: Question, _ pnn: PNN, _ answer: Answer, _ now: Instant
    ) {
        guard let node = node(pnn) else { return }
        let number = Int(pnn.rawValue)
        switch answer {
        case .reply(.publicIPs(let list)):
            if case .known = question {
                gathered.nodes[number].known = list.addresses.compactMap { entry in
                    PublicAddress(entry.address).map { .init($0, host: entry.pnn) }
                }
            } else {
                gathered.nodes[number].available = list.addresses.compactMap {
                    PublicAddress($0.address)
                }
            }
        case .askCtdbd:
            // Said twice, for the two questions; asked once.
            guard node.mover == .daemon else { return }
            askCtdbd(pnn)
        case .changing:
            giveUp("the daemon of node \(pnn) is changing its stage", now)
        case .failure, .reply:
            guard node.mover == .ctdbd else { return askCtdbd(pnn) }
            run.credits[pnn, default: 0] += 1
            run.problem = "node \(pnn) does not say which addresses it has: \(answer.problem)"
        }
    }

    /// Asks the ctdbd of a node whose daemon cannot be asked.
    private mutating func askCtdbd(_ pnn: PNN) {
        gathered.nodes[Int(pnn.rawValue)].mover = .ctdbd
        gathered.nodes[Int(pnn.rawValue)].isUnheard = true
        asked = asked.filter { $0.value != .known(pnn) && $0.value != .available(pnn) }
        askNode(pnn)
    }

    // MARK: Phases

    private mutating func proceed(_ now: Instant) {
        switch phase {
        case .idle: break
        case .mapping:
            if gathered.nodes.isEmpty { giveUp("there are no nodes", now) } else { askNodes() }
        case .gathering: gathered.pinUnheard(); judge(now)
        case .preparing: release(now)
        case .releasing:
            if run.problem == nil { takeAll(now) } else { fail(now) }
        case .taking:
            if run.problem == nil { finish(now) } else { fail(now) }
        case .finishing:
            if run.problem == nil { succeed(now) } else { fail(now) }
        }
        // A phase may have had nothing to ask.
        if asked.isEmpty, phase != .idle, phase != .mapping { proceed(now) }
    }

    private mutating func judge(_ now: Instant) {
        if let problem = run.problem {
            guard coordination.isOwn else { return giveUp(problem, now) }
            return fail(now)
        }
        guard coordination.isOwn else { return observe(now) }
        sayDifferences()
        let inputs = gathered.inputs
        let isDue =
            isRunWanted || !served.isEmpty || lastInputs != inputs
            || (now >= checksOffUntil && gathered.needsRun(limitedTo: limit))
        guard isDue else {
            phase = .idle
            wanted = served + wanted
            served = []
            return
        }
        begin(now)
    }

    private mutating func begin(_ now: Instant) {
        isRunWanted = false
        run.isRun = true
        run.deadline = now.advanced(by: .seconds(3 * Int64(gathered.values.takeoverSeconds)))
        let state = gathered.state(limitedTo: limit, forced: rebalanced)
        do throws(AddressError) {
            let plan = try state.allocation(by: gathered.values.algorithm)
            run.plan = plan
            for move in plan.moves { run.moving[move.address] = move }
            effects.append(.note(.run("\(plan.moves.count) of \(plan.entries.count) addresses")))
            if plan.isSkipped { finish(now) } else { prepare(plan, now) }
        } catch {
            run.problem = "\(error)"
            fail(now)
        }
    }

    private func limit(_ now: Instant) -> Duration {
        let left = now.milliseconds(until: run.deadline)
        return .milliseconds(Int64(clamping: max(left, 1)))
    }

    private func order(_ address: PublicAddress?, holder: PNN = .unknown) -> Order {
        Order(
            term: coordination.orderTerm, holder: holder,
            reason: StageText.clipped(
                address.flatMap { run.moving[$0]?.reason?.description } ?? "",
                to: Int(PeerProtocol.ipTextLimit)))
    }

    /// All nodes get ready, where they know how to, before the first address is released.
    private mutating func prepare(_ plan: Allocation, _ now: Instant) {
        phase = .preparing
        guard !plan.moves.isEmpty else { return }
        for (number, node) in gathered.nodes.enumerated() where node.flags.isConnected {
            let pnn = PNN(rawValue: UInt32(number))
            guard node.mover == .daemon || node.mover == .ctdbd && !withoutPrepare.contains(pnn)
            else { continue }
            ask(
                .order(pnn, nil), pnn, .startIPReallocate, ofDaemon: node.mover == .daemon,
                order(nil), limit: limit(now))
        }
    }

    private mutating func release(_ now: Instant) {
        phase = .releasing
        guard let plan = run.plan else { return }
        // By address, as ctdbd does it; those that really move come first.
        let moving = plan.entries.filter { $0.from != $0.to }
        let staying = plan.entries.filter { $0.from == $0.to }
        let knowers = self.knowers
        for entry in moving + staying {
            for (pnn, host) in knowers[entry.address] ?? [] where pnn != entry.to {
                guard let node = node(pnn) else { continue }
                // A daemon puts right by itself what it knows; ctdbd is told again each time.
                if node.mover == .daemon, host == entry.to, host != pnn { continue }
                ask(
                    .order(pnn, entry.address), pnn,
                    .releaseIP(PublicIP(pnn: entry.to, address: SocketAddress(entry.address))),
                    ofDaemon: node.mover == .daemon, order(entry.address, holder: entry.from),
                    limit: limit(now))
            }
        }
    }

    /// Which connected nodes know an address, and whom they believe to have it.
    private var knowers: [PublicAddress: [(PNN, PNN)]] {
        var knowers: [PublicAddress: [(PNN, PNN)]] = [:]
        for (number, node) in gathered.nodes.enumerated() where node.flags.isConnected {
            let pnn = PNN(rawValue: UInt32(number))
            for entry in node.known {
                knowers[entry.address, default: []].append((pnn, entry.host))
            }
        }
        return knowers
    }

    private mutating func takeAll(_ now: Instant) {
        phase = .taking
        guard let plan = run.plan else { return }
        let moving = plan.entries.filter { $0.from != $0.to }
        let staying = plan.entries.filter { $0.from == $0.to }
        for entry in moving + staying where entry.to.isNode {
            guard let node = node(entry.to), !node.pinned.contains(entry.address) else { continue }
            if node.mover == .daemon, entry.from == entry.to { continue }
            ask(
                .order(entry.to, entry.address), entry.to,
                .takeoverIP(PublicIP(pnn: entry.to, address: SocketAddress(entry.address))),
                ofDaemon: node.mover == .daemon, order(entry.address, holder: entry.from),
                limit: limit(now))
        }
    }

    private mutating func finish(_ now: Instant) {
        phase = .finishing
        for (number, node) in gathered.nodes.enumerated()
        where node.flags.isConnected {
            let pnn = PNN(rawValue: UInt32(number))
            ask(
                .order(pnn, nil), pnn, .ipReallocated, ofDaemon: node.mover == .daemon,
                order(nil), limit: limit(now))
        }
    }

    private mutating func ordered(
        _ pnn: PNN, _ address: PublicAddress?, _ answer: Answer, _ now: Instant
    ) {
        if case .reply(let reply) = answer, !reply.isFailure {
            guard phase == .taking, let address,
                let entry = run.moving[address]
            else { return }
            run.moves += 1
            effects.append(
                .moved(
                    Move(
                        address: address, from: entry.from, to: entry.to,
                        reason: entry.reason?.description ?? "",
                        microseconds: report(problem: "", now).microseconds)))
            return
        }
        if phase == .preparing {
            // ctdbd of this release does not know it; what a daemon's scripts say is in its log.
            if node(pnn)?.mover == .ctdbd { withoutPrepare.insert(pnn) }
            return
        }
        // Nobody is to be banned for changing a stage.
        if answer.isOfNode { run.credits[pnn, default: 0] += 1 }
        let what = phase == .releasing ? "release" : phase == .taking ? "take" : "confirm"
        let subject = address.map { "\($0)" } ?? "the run"
        run.problem = run.problem ?? "node \(pnn) did not \(what) \(subject): \(answer.problem)"
    }

    private mutating func succeed(_ now: Instant) {
        // What was gathered is before the run; who could host has not changed by it.
        lastInputs = gathered.inputs
        rebalanced = []
        end(report(problem: "", now), now)
    }

    private mutating func fail(_ now: Instant) {
        let problem = run.problem ?? "it failed"
        effects.append(.note(.failed(problem)))
        let worst = run.credits.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
        if let worst, gathered.values.bans { effects.append(.credit(worst.key)) }
        end(report(problem: problem, now), now)
    }

    // MARK: Shadow

    /// Compares what ctdbd has done since the last look with what ours would have done.
    private mutating func observe(_ now: Instant) {
        defer {
            phase = .idle
            served = []
            run = Run()
        }
        // A run that is under way has released addresses which nobody has yet.
        if shadow != nil, gathered.needsRun(limitedTo: nil) { return }
        defer { shadow = gathered }
        var before = gathered
        if let shadow {
            guard shadow.holders != gathered.holders else { return }
            // The state that ctdbd began from: who had what before, and what holds now.
            for number in before.nodes.indices where shadow.nodes.indices.contains(number) {
                let hosts = Dictionary(
                    shadow.nodes[number].known.map { ($0.address, $0.host) }
                ) { first, _ in first }
                for place in before.nodes[number].known.indices {
                    let address = before.nodes[number].known[place].address
                    before.nodes[number].known[place].host = hosts[address] ?? .unknown
                }
            }
        }
        let state = before.state(limitedTo: nil, forced: [])
        guard let plan = try? state.allocation(by: before.values.algorithm) else { return }
        let holders = gathered.holders
        let differences = plan.entries.compactMap { entry -> Difference? in
            let legacy = holders[entry.address]?.first ?? .unknown
            return legacy == entry.to
                ? nil : Difference(address: entry.address, legacy: legacy, own: entry.to)
        }
        effects.append(.compared(differences, state, before.values.algorithm))
    }

    /// Says once which nodes are configured with other addresses than the first one.
    private mutating func sayDifferences() {
        let known = gathered.nodes.enumerated().filter {
            !$0.element.flags.isInactive && $0.element.pinned.isEmpty && !$0.element.known.isEmpty
        }
        guard let first = known.first else { return }
        let expected = Set(first.element.known.map(\.address))
        for (number, node) in known.dropFirst() {
            let pnn = PNN(rawValue: UInt32(number))
            let addresses = Set(node.known.map(\.address))
            guard addresses != expected else {
                saidDifferences.remove(pnn)
                continue
            }
            guard saidDifferences.insert(pnn).inserted else { continue }
            let missing = expected.subtracting(addresses).sorted {
                $0.octets.lexicographicallyPrecedes($1.octets)
            }
            let more = addresses.subtracting(expected).sorted {
                $0.octets.lexicographicallyPrecedes($1.octets)
            }
            effects.append(
                .note(.differs(pnn, more, from: PNN(rawValue: UInt32(first.offset)), missing)))
        }
    }
}

extension CoordinatorCore.Answer {
    /// Whether it is the node's own failure.
    var isOfNode: Bool {
        switch self {
        case .reply, .failure: true
        case .askCtdbd, .changing: false
        }
    }

    /// Why there is no good answer.
    var problem: String {
        switch self {
        case .reply(.failed(let status, let reason)):
            reason.isEmpty ? "it failed with \(status)" : reason
        case .reply: "an answer of another kind"
        case .askCtdbd: "its daemon has handed back to ctdbd"
        case .changing: "its daemon is changing its stage"
        case .failure(let reason): reason
        }
    }
}

extension ControlReply {
    /// Whether what was asked has not been done.
    var isFailure: Bool { if case .failed = self { true } else { false } }
}
