// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// What goes wrong, and what administrators do.
extension AddressWorld {
    /// The service manager kills what has not answered for so long; it is told twice as often.
    private static let watchdog: UInt64 = 8_000

    func act() {
        tally.acts += 1
        let node = random.pick(nodes.count)
        switch random.below(16) {
        case 0, 1: killDaemon(node, restartAfter: random.below(2) * random.below(30_000))
        case 2: pauseDaemon(node, for: 500 + random.below(12_000))
        case 3:
            killLegacy(node)
            after(2000 + random.below(20_000)) { self.startLegacy(node) }
        case 4: pauseLegacy(node, for: 1000 + random.below(20_000))
        case 5: cut()
        case 6: setFlag(.permanentlyDisabled, node)
        case 7: setFlag(.stopped, node)
        case 8: ban(node, "an administrator")
        case 9: setLink(node)
        case 10, 11: changeByHand(node)
        case 12, 13: changeStage(node)
        case 14: askForRun(node, ofDaemon: false)
        default: askForRun(node, ofDaemon: true)
        }
    }

    // MARK: Daemons

    func startDaemon(_ node: Int) {
        guard nodes[node].mayHaveDaemon, nodes[node].daemon == nil else { return }
        note("node \(node) daemon starts")
        let daemon = SimulatedAddressDaemon(self, node: node)
        nodes[node].daemon = daemon
        nodes[node].daemonSince = now
        daemon.start()
        disturb()
    }

    func killDaemon(_ node: Int, restartAfter milliseconds: UInt64) {
        guard let daemon = nodes[node].daemon else { return }
        note("node \(node) daemon dies")
        requests = requests.filter { $0.value.daemon !== daemon }
        daemon.end()
        nodes[node].daemon = nil
        nodes[node].daemonSince = now
        after(20 + random.below(200)) { self.giveBack(node) }
        after(1000 + milliseconds) { self.startDaemon(node) }
        disturb()
    }

    /// What the service manager does after the end of a daemon: as `GiveBack`.
    private func giveBack(_ node: Int) {
        guard nodes[node].daemon == nil, nodes[node].hasLegacy else { return }
        atLegacy(node, nodes[node].legacyLife) {
            guard self.nodes[node].daemon == nil else { return }
            let missing = self.all.filter { self.nodes[node].addresses[$0] == nil }
            guard !missing.isEmpty else { return }
            self.note("node \(node) gives back \(missing.count) addresses")
            for address in self.all
            where self.nodes[node].addresses[address]?.holder != self.pnn(node) {
                self.removeAll(address, at: node)
            }
            for address in missing {
                self.nodes[node].addresses[address] = LegacyAddress()
                self.nodes[node].order.insert(address, at: 0)
            }
            self.wantRun(
                SrvIDMessage(pnn: self.pnn(node), replyTo: SrvID(rawValue: 0)), from: node)
        }
    }

    private func pauseDaemon(_ node: Int, for milliseconds: UInt64) {
        guard let daemon = nodes[node].daemon, !daemon.isPaused else { return }
        note("node \(node) daemon hangs")
        daemon.isPaused = true
        nodes[node].daemonSince = now
        let limit = Self.watchdog / 2 + random.below(Self.watchdog / 2)
        if milliseconds < limit {
            after(milliseconds) { self.resume(daemon) }
        } else {
            after(limit) {
                if daemon.isAlive, daemon.isPaused { self.killDaemon(node, restartAfter: 0) }
            }
        }
        disturb()
    }

    private func resume(_ daemon: SimulatedAddressDaemon) {
        guard daemon.isAlive, daemon.isPaused else { return }
        note("node \(daemon.node) daemon goes on")
        nodes[daemon.node].daemonSince = now
        disturb()
        daemon.resume()
    }

    // MARK: The cluster

    private func cut() {
        guard nodes.allSatisfy({ $0.side == 0 }) else { return }
        for node in nodes.indices { nodes[node].side = Int(random.below(2)) }
        note("cut \(nodes.map(\.side))")
        for one in nodes.indices {
            for other in nodes.indices where nodes[one].side != nodes[other].side {
                after(3000 + random.below(4000)) {
                    if self.nodes[one].side != self.nodes[other].side { self.part(one, other) }
                }
            }
        }
        after(1000 + random.below(30_000)) { self.join() }
        disturb()
    }

    private func join() {
        guard nodes.contains(where: { $0.side != 0 }) else { return }
        note("the network is whole")
        for node in nodes.indices {
            nodes[node].side = 0
            nodes[node].cutUntil = now
        }
        for one in nodes.indices {
            for other in nodes.indices where one < other {
                after(soon: 1000) { self.meet(one, other) }
            }
        }
        // A cut that nobody noticed has kept copies of the table apart, too.
        recovery()
        disturb()
    }

    private func setFlag(_ flag: NodeFlags, _ node: Int) {
        guard nodes[node].hasLegacy, nodes[node].flags.isDisjoint(with: flag) else { return }
        note("node \(node) gets \(flag)")
        nodes[node].flags.insert(flag)
        flagsChanged(node)
        after(1000 + random.below(40_000)) { self.clearFlag(flag, node) }
    }

    private func clearFlag(_ flag: NodeFlags, _ node: Int) {
        guard nodes[node].flags.contains(flag) else { return }
        note("node \(node) loses \(flag)")
        nodes[node].flags.remove(flag)
        flagsChanged(node)
    }

    private func setLink(_ node: Int) {
        let name = interfaces[random.pick(interfaces.count)]
        let hasLink = nodes[node].links[name] == true
        setLink(node, name, !hasLink)
        if hasLink { after(2000 + random.below(30_000)) { self.setLink(node, name, true) } }
    }

    private func setLink(_ node: Int, _ name: String, _ hasLink: Bool) {
        guard nodes[node].links[name] != hasLink else { return }
        note("node \(node) \(name) \(hasLink ? "has a link" : "has no link")")
        nodes[node].links[name] = hasLink
        disturb()
        if let daemon = nodes[node].daemon {
            after(soon: 5) {
                daemon.deliver { daemon.give(.host(.interface(name, hasLink: hasLink))) }
            }
        }
        after(soon: 4000) {
            self.judgeLinks(node)
            self.disturb()
        }
    }

    /// Somebody works with `ip addr`, where a daemon hosts addresses.
    private func changeByHand(_ node: Int) {
        guard let daemon = nodes[node].daemon, daemon.host.mode == .own, !daemon.isPaused else {
            return
        }
        let address = all[random.pick(all.count)]
        disturb()
        if has(address, at: node) {
            note("node \(node) \(address) is removed by hand")
            removeAll(address, at: node)
        } else {
            note("node \(node) \(address) is added by hand")
            let name = interfaces[random.pick(interfaces.count)]
            _ = add(HostCore.Place(address, prefixLength: 24, on: name), at: node)
        }
    }

    private func changeStage(_ node: Int) {
        guard nodes[node].mayHaveDaemon, lockHolder != nil else { return }
        let next: Stage? =
            switch stage(of: node) {
            case .legacy: .shadow
            case .shadow: random.below(4) == 0 ? .legacy : .native
            case .native: random.below(3) == 0 ? .shadow : .finalised
            case .finalised: random.below(2) == 0 ? .shadow : .native
            case .unknown: nil
            }
        guard let next else { return }
        record(next, of: node)
        disturb()
    }

    // MARK: Requests

    private func askForRun(_ node: Int, ofDaemon: Bool) {
        let number = newLife()
        if ofDaemon {
            guard let daemon = nodes[node].daemon else { return }
            note("node \(node) request \(number)")
            requests[number] = Request(node: node, asked: now, daemon: daemon)
            daemon.deliver {
                let handle = daemon.keep { run in self.answered(number, isGood: run.good) }
                daemon.give(
                    .coordinator(
                        .reallocate(asker: handle, IPReallocate(nodes: [], forwarded: false))))
            }
        } else {
            note("node \(node) request \(number) of recovery daemons")
            requests[number] = Request(node: node, asked: now, daemon: nil)
            askRecoveryDaemons(number)
        }
    }

    /// As the old command line does it: again and again until there is an answer.
    private func askRecoveryDaemons(_ number: UInt64) {
        guard let request = requests[number] else { return }
        after(5000) { self.askRecoveryDaemons(number) }
        guard nodes[request.node].hasLegacy else { return }
        wantRun(
            SrvIDMessage(pnn: pnn(request.node), replyTo: SrvID(rawValue: number)),
            from: request.node)
    }

    func answerRun(_ message: SrvIDMessage, _ status: Int32, from node: Int) {
        guard message.replyTo.rawValue != 0, let target = index(message.pnn) else { return }
        hop(node, target) {
            // A failed run is no answer to it.
            if status >= 0 { self.answered(message.replyTo.rawValue, isGood: true) }
        }
    }

    private func answered(_ number: UInt64, isGood: Bool) {
        guard let request = requests.removeValue(forKey: number) else { return }
        tally.answers += 1
        note("request \(number) is answered: \(isGood)")
        // The end of the run is told after that.
        after(0) {
            guard isGood, self.lastGoodBegin < request.asked else { return }
            self.fail("request \(number) is answered without a run that began after it")
        }
    }

    // MARK: The end

    /// Nothing breaks any more, and what is broken is mended.
    func heal() {
        note("everything is mended")
        isQuiet = true
        for node in nodes.indices {
            if let daemon = nodes[node].daemon { resume(daemon) }
            startDaemon(node)
            resumeLegacy(node)
            startLegacy(node)
            clearFlag(.permanentlyDisabled, node)
            clearFlag(.stopped, node)
            for name in interfaces { setLink(node, name, true) }
        }
        join()
        disturb()
    }
}
