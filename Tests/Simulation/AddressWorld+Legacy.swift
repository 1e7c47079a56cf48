// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// ctdbd and its recovery daemon, as far as public addresses are concerned.
///
/// - Source: ctdb/server/ctdb_takeover.c, ctdb_takeover_helper.c and ctdb_recoverd.c, Samba 4.17.
extension AddressWorld {
    // MARK: Life

    func startLegacy(_ node: Int) {
        guard !nodes[node].hasLegacy else { return }
        note("node \(node) ctdbd starts")
        let life = newLife()
        nodes[node].hasLegacy = true
        nodes[node].legacyLife = life
        nodes[node].flags = nodes[node].flags.intersection(.permanentlyDisabled).union(.unhealthy)
        nodes[node].order = all.reversed()
        nodes[node].addresses = Dictionary(uniqueKeysWithValues: all.map { ($0, LegacyAddress()) })
        nodes[node].heldUntil = now
        nodes[node].isRunning = false
        nodes[node].needsRun = false
        nodes[node].requests = []
        nodes[node].leader = nil
        nodes[node].leaderlessSince = now
        // Its first event takes from the interfaces what an earlier one has left.
        for address in all { removeAll(address, at: node) }
        for other in nodes.indices where other != node {
            after(soon: 1000) { self.meet(node, other) }
        }
        atLegacy(node, life, after: 1000 + random.below(3000)) {
            self.nodes[node].flags.remove(.unhealthy)
            self.judgeLinks(node)
            self.flagsChanged(node)
        }
        recoveryLoop(node, life)
        broadcastLoop(node, life)
        nodes[node].legacyStrange = now
        disturb()
    }

    func killLegacy(_ node: Int) {
        guard nodes[node].hasLegacy else { return }
        note("node \(node) ctdbd dies")
        nodes[node].hasLegacy = false
        nodes[node].legacyPaused = false
        nodes[node].legacyBacklog = []
        if lockHolder == node { lockHolder = nil }
        let waiting = nodes[node].waiting
        nodes[node].waiting = []
        let daemon = nodes[node].daemon
        let life = nodes[node].legacyLife
        after(soon: 5) {
            daemon?.deliver { daemon?.lost(life) }
            for one in waiting { one.completion.finish(nil, "ctdbd has ended") }
        }
        for other in nodes.indices where other != node {
            after(soon: 500) {
                if self.nodes[node].legacyLife == life { self.part(other, node) }
            }
        }
        disturb()
    }

    func pauseLegacy(_ node: Int, for milliseconds: UInt64) {
        guard nodes[node].hasLegacy, !nodes[node].legacyPaused else { return }
        note("node \(node) ctdbd hangs")
        nodes[node].legacyPaused = true
        let life = nodes[node].legacyLife
        for other in nodes.indices where other != node {
            after(3000 + random.below(4000)) {
                guard self.nodes[node].legacyPaused, self.nodes[node].legacyLife == life else {
                    return
                }
                self.part(other, node)
            }
        }
        after(milliseconds) {
            guard self.nodes[node].legacyPaused, self.nodes[node].legacyLife == life else { return }
            self.resumeLegacy(node)
        }
        disturb()
    }

    func resumeLegacy(_ node: Int) {
        guard nodes[node].legacyPaused else { return }
        note("node \(node) ctdbd goes on")
        nodes[node].legacyPaused = false
        nodes[node].legacyStrange = now
        // The lock was lost with the contact.
        let backlog = nodes[node].legacyBacklog
        nodes[node].legacyBacklog = []
        for work in backlog { after(soon: 20, work) }
        for other in nodes.indices where other != node {
            after(soon: 1000) { self.meet(node, other) }
        }
        disturb()
    }

    /// Does something in a life of a node's ctdbd, later if it hangs.
    func atLegacy(
        _ node: Int, _ life: UInt64, after milliseconds: UInt64 = 0, _ work: @escaping () -> Void
    ) {
        after(milliseconds) { self.inLegacy(node, life, work) }
    }

    private func inLegacy(_ node: Int, _ life: UInt64, _ work: @escaping () -> Void) {
        guard nodes[node].hasLegacy, nodes[node].legacyLife == life else { return }
        guard !nodes[node].legacyPaused else {
            nodes[node].legacyBacklog.append { self.inLegacy(node, life, work) }
            return
        }
        work()
    }

    /// From a node's ctdbd to another's, or to itself.
    func hop(_ from: Int, _ to: Int, _ work: @escaping () -> Void) {
        let life = nodes[to].legacyLife
        let delay = from == to ? 1 : 1 + random.below(12)
        after(delay) {
            guard self.nodes[from].side == self.nodes[to].side else { return }
            self.inLegacy(to, life, work)
        }
    }

    // MARK: Who is there

    /// Two nodes that can reach each other find that out.
    func meet(_ one: Int, _ other: Int) {
        guard nodes[one].hasLegacy, nodes[other].hasLegacy, !nodes[one].legacyPaused,
            !nodes[other].legacyPaused, nodes[one].side == nodes[other].side
        else { return }
        guard !sees[one][other] || !sees[other][one] else { return }
        sees[one][other] = true
        sees[other][one] = true
        recovery()
    }

    func part(_ one: Int, _ other: Int) {
        guard sees[one][other] else { return }
        note("node \(one) has lost node \(other)")
        sees[one][other] = false
        // ctdbd gives up what it has asked a node that is gone.
        for waiting in nodes[one].waiting where waiting.target == other {
            waiting.completion.finish(nil, "it is disconnected")
        }
        recovery()
    }

    /// Who leads deals out addresses after every recovery.
    func recovery() {
        isDirty = true
        after(500 + random.below(2000)) {
            guard let holder = self.lockHolder else { return }
            self.nodes[holder].needsRun = true
            // The copies of the table become one.
            let members = self.nodes.indices.filter {
                self.nodes[$0].hasLegacy && self.sees(holder, $0)
            }
            for member in members {
                for other in members {
                    for (node, entry) in self.nodes[other].table
                    where entry.epoch > self.nodes[member].table[node]?.epoch ?? 0 {
                        self.nodes[member].table[node] = entry
                    }
                }
            }
        }
    }

    func sees(_ one: Int, _ other: Int) -> Bool { one == other || sees[one][other] }

    func isActive(_ node: Int) -> Bool {
        nodes[node].hasLegacy && !nodes[node].flags.isInactive
    }

    /// Whoever has the cluster lock leads; who cannot get it bans itself.
    func elect() {
        if let holder = lockHolder, !isActive(holder) || nodes[holder].legacyPaused {
            lockHolder = nil
        }
        if lockHolder == nil {
            let since = lockFreeSince ?? now
            lockFreeSince = since
            let able = nodes.indices.filter { isActive($0) && !nodes[$0].legacyPaused }
            if now >= since.advanced(by: .seconds(3)), let first = able.first {
                lockHolder = able[random.pick(able.count)]
                note("node \(lockHolder ?? first) leads")
                recovery()
            }
        } else {
            lockFreeSince = nil
        }
        for node in nodes.indices where nodes[node].hasLegacy && !nodes[node].legacyPaused {
            let leader = lockHolder.flatMap { sees(node, $0) && sees($0, node) ? $0 : nil }
            nodes[node].leader = leader
            guard leader == nil, lockHolder != nil, isActive(node) else {
                nodes[node].leaderlessSince = nil
                continue
            }
            let since = nodes[node].leaderlessSince ?? now
            nodes[node].leaderlessSince = since
            if now >= since.advanced(by: .seconds(5)) { ban(node, "no cluster lock") }
        }
    }

    func ban(_ node: Int, _ reason: String) {
        guard nodes[node].hasLegacy, nodes[node].flags.isDisjoint(with: .banned) else { return }
        note("node \(node) is banned: \(reason)")
        nodes[node].flags.insert(.banned)
        nodes[node].leaderlessSince = nil
        let life = nodes[node].legacyLife
        atLegacy(node, life, after: random.below(500)) { self.releaseAll(node) }
        atLegacy(node, life, after: 15_000 + random.below(10_000)) { self.unban(node) }
        flagsChanged(node)
    }

    func unban(_ node: Int) {
        guard nodes[node].flags.contains(.banned) else { return }
        note("node \(node) is banned no more")
        nodes[node].flags.remove(.banned)
        nodes[node].leaderlessSince = nil
        flagsChanged(node)
    }

    private func releaseAll(_ node: Int) {
        for address in all where nodes[node].addresses[address] != nil {
            removeAll(address, at: node)
            nodes[node].addresses[address]?.holder = .unknown
        }
    }

    func flagsChanged(_ node: Int) {
        disturb()
        after(soon: 1000) {
            guard let holder = self.lockHolder else { return }
            self.nodes[holder].needsRun = true
        }
    }

    /// What the monitor event finds of the interfaces.
    func judgeLinks(_ node: Int) {
        guard nodes[node].hasLegacy else { return }
        if nodes[node].legacyLinks != nodes[node].links { nodes[node].linksChanged = true }
        nodes[node].legacyLinks = nodes[node].links
        let up = nodes[node].links.values.count { $0 }
        let isBad = isPartiallyOnline ? up == 0 : up < interfaces.count
        guard isBad != nodes[node].flags.contains(.unhealthy) else { return }
        if isBad {
            nodes[node].flags.insert(.unhealthy)
        } else {
            nodes[node].flags.remove(.unhealthy)
        }
        flagsChanged(node)
    }

    // MARK: Messages

    func nodeMap(seenBy node: Int) -> NodeMap {
        NodeMap(
            nodes: nodes.indices.map { other in
                var flags = nodes[other].flags
                if !sees(node, other) { flags.insert(.disconnected) }
                return NodeMap.Node(
                    pnn: pnn(other), flags: flags,
                    address: .ipv4(address: 0x0A00_0001 + UInt32(other), port: 4379))
            })
    }

    /// A message to recovery daemons and whoever else listens.
    func broadcast(from node: Int, _ work: @escaping (Int) -> Void) {
        for other in nodes.indices where sees(node, other) {
            hop(node, other) { work(other) }
        }
    }

    /// Somebody asks for a takeover run.
    func wantRun(_ message: SrvIDMessage, from node: Int) {
        broadcast(from: node) { other in
            if self.nodes[other].leader == other { self.nodes[other].requests.append(message) }
            let daemon = self.nodes[other].daemon
            daemon?.fromLegacy(self.nodes[other].legacyLife) {
                daemon?.give(.coordinator(.runWanted(message)))
                daemon?.look()
            }
        }
    }

    /// A recovery daemon is asked to hold off; answers with its number, or refuses.
    func disable(_ node: Int, seconds: UInt32, by asker: SimulatedAddressDaemon?) -> Int32 {
        let daemon = nodes[node].daemon
        daemon?.fromLegacy(nodes[node].legacyLife) {
            daemon?.seen(seconds: seconds, isOwn: asker === daemon)
        }
        if seconds == 0 {
            nodes[node].heldUntil = now
            return Int32(node)
        }
        if nodes[node].isRunning { return -11 }
        if sabotage == .noHoldOff, asker != nil { return Int32(node) }
        nodes[node].heldUntil = now.advanced(by: .seconds(Int64(seconds)))
        return Int32(node)
    }

    private func broadcastLoop(_ node: Int, _ life: UInt64) {
        atLegacy(node, life, after: 1000) {
            if self.nodes[node].leader == node {
                self.broadcast(from: node) { other in
                    let daemon = self.nodes[other].daemon
                    daemon?.fromLegacy(self.nodes[other].legacyLife) {
                        daemon?.leads(self.pnn(node))
                    }
                }
            }
            self.broadcastLoop(node, life)
        }
    }

    // MARK: The recovery daemon

    private func recoveryLoop(_ node: Int, _ life: UInt64) {
        atLegacy(node, life, after: 900 + random.below(200)) {
            self.recoveryTurn(node)
            self.recoveryLoop(node, life)
        }
    }

    private func recoveryTurn(_ node: Int) {
        guard isActive(node) else { return }
        let isLeader = nodes[node].leader == node
        if !isLeader { nodes[node].requests = [] }
        guard now >= nodes[node].heldUntil, !nodes[node].isRunning else { return }
        var wants = nodes[node].linksChanged
        nodes[node].linksChanged = false
        for address in nodes[node].order {
            guard let entry = nodes[node].addresses[address] else { continue }
            if entry.holder == .unknown, nodes[node].flags.isEmpty, isAvailable(entry, node) {
                wants = true
            }
            if (entry.holder == pnn(node)) != has(address, at: node) { wants = true }
        }
        if wants {
            wantRun(SrvIDMessage(pnn: pnn(node), replyTo: SrvID(rawValue: 0)), from: node)
        }
        if isLeader, nodes[node].needsRun || !nodes[node].requests.isEmpty { takeoverRun(node) }
    }

    private func isAvailable(_ entry: LegacyAddress, _ node: Int) -> Bool {
        !entry.isDeleting && nodes[node].legacyLinks.values.contains(true)
    }

    private func takeoverRun(_ leader: Int) {
        nodes[leader].isRunning = true
        let requests = nodes[leader].requests
        nodes[leader].requests = []
        let began = now
        let life = nodes[leader].legacyLife
        note("node \(leader) ctdbd's takeover run")
        tally.legacyRuns += 1
        let others = nodes.indices.filter { $0 != leader && sees[leader][$0] }
        for other in others {
            hop(leader, other) { _ = self.disable(other, seconds: 60, by: nil) }
        }
        let end = { (good: Bool) in
            self.atLegacy(leader, life) {
                self.note("node \(leader) ctdbd's takeover run: \(good)")
                for other in others {
                    self.hop(leader, other) { _ = self.disable(other, seconds: 0, by: nil) }
                }
                self.nodes[leader].isRunning = false
                self.nodes[leader].needsRun = !good
                if good { self.lastGoodBegin = max(self.lastGoodBegin, began) }
                for request in requests {
                    self.answerRun(request, good ? Int32(leader) : -1, from: leader)
                }
            }
        }
        let map = nodeMap(seenBy: leader)
        var questions: [(Int, ControlRequest)] = []
        for node in nodes.indices where map.nodes[node].flags.isConnected {
            questions.append((node, .getPublicIPs(onlyAvailable: false)))
            if !map.nodes[node].flags.isInactive {
                questions.append((node, .getPublicIPs(onlyAvailable: true)))
            }
        }
        askAll(questions, from: leader) { replies in
            var state = AddressState(nodes: map.nodes.map { .init(flags: $0.flags) })
            for (question, reply) in zip(questions, replies) {
                guard case .publicIPs(let list)? = reply else { return end(false) }
                if case .getPublicIPs(true) = question.1 {
                    guard map.nodes[question.0].flags.isDisjoint(with: .disabled) else { continue }
                    state.nodes[question.0].available = list.addresses.compactMap {
                        IPAddress($0.address)
                    }
                } else {
                    state.nodes[question.0].known = list.addresses.compactMap { entry in
                        IPAddress(entry.address).map { .init($0, host: entry.pnn) }
                    }
                }
            }
            guard let plan = try? state.allocation(by: .lcp2) else { return end(false) }
            self.carryOut(plan, state, from: leader, end)
        }
    }

    private func carryOut(
        _ plan: Allocation, _ state: AddressState, from leader: Int,
        _ end: @escaping (Bool) -> Void
    ) {
        var releases: [(Int, ControlRequest)] = []
        var takes: [(Int, ControlRequest)] = []
        for entry in plan.isSkipped ? [] : plan.entries {
            let target = PublicIP(pnn: entry.to, address: SocketAddress(entry.address))
            for (node, one) in state.nodes.enumerated()
            where pnn(node) != entry.to
                && one.known.contains(where: { $0.address == entry.address })
            {
                releases.append((node, .releaseIP(target)))
            }
            if let node = index(entry.to) { takes.append((node, .takeoverIP(target))) }
        }
        let last = state.nodes.indices.filter { state.nodes[$0].flags.isConnected }
            .map { ($0, ControlRequest.ipReallocated) }
        let isGood = { (replies: [ControlReply?]) in
            replies.allSatisfy { if case .done? = $0 { true } else { false } }
        }
        askAll(releases, from: leader) { replies in
            guard isGood(replies) else { return end(false) }
            self.askAll(takes, from: leader) { replies in
                guard isGood(replies) else { return end(false) }
                self.askAll(last, from: leader) { end(isGood($0)) }
            }
        }
    }

    private func askAll(
        _ questions: [(Int, ControlRequest)], from node: Int,
        _ completion: @escaping ([ControlReply?]) -> Void
    ) {
        guard !questions.isEmpty else { return completion([]) }
        var replies = [ControlReply?](repeating: nil, count: questions.count)
        var left = questions.count
        for (number, question) in questions.enumerated() {
            control(question.1, from: node, of: question.0, within: .seconds(9)) { reply, _ in
                replies[number] = reply
                left -= 1
                if left == 0 { completion(replies) }
            }
        }
    }
}
