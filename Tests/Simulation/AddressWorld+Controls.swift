// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import Vocabulary

/// The controls of ctdbd for addresses.
///
/// - Source: ctdb/server/ctdb_takeover.c, Samba 4.17.
extension AddressWorld {
    /// Asks a node's ctdbd through another's.
    func control(
        _ request: ControlRequest, from node: Int, of target: Int, within limit: Duration,
        _ completion: @escaping (ControlReply?, String) -> Void
    ) {
        let once = Completion(completion)
        guard nodes[node].hasLegacy else {
            return after(0) { once.finish(nil, "there is no ctdbd") }
        }
        if nodes[node].waiting.count > 100 {
            nodes[node].waiting.removeAll { $0.completion.isDone }
        }
        nodes[node].waiting.append((target, once))
        agenda.add({ once.finish(nil, "no answer in time") }, at: now.advanced(by: limit))
        atLegacy(node, nodes[node].legacyLife) {
            guard self.sees(node, target) else { return once.finish(nil, "it is not connected") }
            self.hop(node, target) {
                self.serve(request, at: target) { reply in
                    if node != target, self.isLost {
                        return self.note("an answer of node \(target) is lost")
                    }
                    self.hop(target, node) { once.finish(reply) }
                }
            }
        }
    }

    /// Whether something gets lost.
    var isLost: Bool {
        lossPerMille > 0 && !isQuiet && random.below(1000) < lossPerMille
    }

    private func serve(
        _ request: ControlRequest, at node: Int, _ reply: @escaping (ControlReply) -> Void
    ) {
        switch request {
        case .getNodeMap: reply(.nodeMap(nodeMap(seenBy: node)))
        case .getAllTunables:
            var values = [UInt32](repeating: 0, count: TunableValues.names.count)
            for (name, value) in [
                ("IPAllocAlgorithm", 2), ("TakeoverTimeout", 9), ("EnableBans", 1),
            ] {
                if let place = TunableValues.names.firstIndex(of: name) {
                    values[place] = UInt32(value)
                }
            }
            reply(.tunableValues(TunableValues(values: values)))
        case .getPublicIPs(let onlyAvailable): reply(list(onlyAvailable, node))
        case .releaseIP(let target): release(target, node, reply)
        case .takeoverIP(let target): take(target, node, reply)
        case .ipReallocated: script(node) { reply(.done(status: 0)) }
        case .addPublicIP(let info):
            guard let address = IPAddress(info.address),
                nodes[node].addresses[address] == nil
            else { return reply(.failed(status: -1, reason: "")) }
            nodes[node].addresses[address] = LegacyAddress()
            nodes[node].order.insert(address, at: 0)
            reply(.done(status: 0))
        case .deletePublicIP(let info):
            guard let address = IPAddress(info.address),
                let entry = nodes[node].addresses[address]
            else { return reply(.failed(status: -1, reason: "")) }
            if entry.holder == pnn(node) {
                nodes[node].addresses[address]?.isDeleting = true
            } else {
                forget(address, node)
            }
            reply(.done(status: 0))
        default: reply(.failed(status: -1, reason: "unknown"))
        }
    }

    private func forget(_ address: IPAddress, _ node: Int) {
        nodes[node].addresses[address] = nil
        nodes[node].order.removeAll { $0 == address }
    }

    private func list(_ onlyAvailable: Bool, _ node: Int) -> ControlReply {
        let isAble =
            nodes[node].legacyLinks.values.contains(true)
            && nodes[node].flags.isDisjoint(with: [.inactive, .disabled])
        return .publicIPs(
            PublicIPList(
                addresses: nodes[node].order.compactMap { address in
                    guard let entry = nodes[node].addresses[address],
                        !onlyAvailable || !entry.isDeleting && isAble
                    else { return nil }
                    return PublicIP(pnn: entry.holder, address: SocketAddress(address))
                }))
    }

    /// The event scripts of a node's ctdbd take their time.
    private func script(_ node: Int, _ work: @escaping () -> Void) {
        atLegacy(node, nodes[node].legacyLife, after: 30 + random.below(600), work)
    }

    private func release(
        _ target: PublicIP, _ node: Int, _ reply: @escaping (ControlReply) -> Void
    ) {
        guard let address = IPAddress(target.address),
            let entry = nodes[node].addresses[address]
        else { return reply(.done(status: 0)) }
        guard has(address, at: node) else {
            nodes[node].addresses[address]?.holder = target.pnn
            return reply(.done(status: 0))
        }
        guard !entry.isMoving else { return reply(.failed(status: -1, reason: "in flight")) }
        nodes[node].addresses[address]?.isMoving = true
        script(node) {
            self.nodes[node].addresses[address]?.isMoving = false
            if self.isLost { return reply(.failed(status: -1, reason: "its script failed")) }
            self.removeAll(address, at: node)
            self.nodes[node].addresses[address]?.holder = target.pnn
            if self.nodes[node].addresses[address]?.isDeleting == true {
                self.forget(address, node)
            }
            reply(.done(status: 0))
        }
    }

    private func take(
        _ target: PublicIP, _ node: Int, _ reply: @escaping (ControlReply) -> Void
    ) {
        let failed = ControlReply.failed(status: -1, reason: "")
        guard target.pnn == pnn(node) else { return reply(failed) }
        guard let address = IPAddress(target.address),
            let entry = nodes[node].addresses[address]
        else { return reply(.done(status: 0)) }
        guard let best = interfaces.first(where: { nodes[node].legacyLinks[$0] == true }) else {
            return reply(failed)
        }
        let isHere = has(address, at: node)
        if entry.holder != pnn(node), isHere, entry.holder != .unknown {
            ban(node, "\(address) is assigned to node \(entry.holder)")
            return reply(failed)
        }
        if isHere, entry.holder == pnn(node) { return reply(.done(status: 0)) }
        guard !entry.isMoving else { return reply(failed) }
        nodes[node].addresses[address]?.isMoving = true
        script(node) {
            self.nodes[node].addresses[address]?.isMoving = false
            guard !self.isLost, !self.nodes[node].flags.contains(.banned) else {
                return reply(failed)
            }
            if !isHere {
                _ = self.add(HostCore.Place(address, prefixLength: 24, on: best), at: node)
            }
            self.nodes[node].addresses[address]?.holder = self.pnn(node)
            reply(.done(status: 0))
        }
    }
}
