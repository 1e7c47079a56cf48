// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Vocabulary

/// From ctdbd to this daemon and back, an address at a time: each is away from its node for as long
/// as ctdbd's own scripts need.
extension HostCore {
    mutating func connected(_ pnn: PNN, _ now: Instant) {
        own = pnn
        isConnected = true
    }

    /// Begins to host by itself, or ends it; answered with `.hosts` or `.failed`.
    mutating func host(_ isOwn: Bool, _ now: Instant) {
        if isOwn {
            switch mode {
            case .own: return effects.append(.hosts(true))
            case .entering: return
            case .ctdbd, .leaving: break
            }
            guard isConnected else { return effects.append(.failed("ctdbd is away")) }
            mode = .entering
            step = Step()
            ask(.known, .getPublicIPs(onlyAvailable: false))
        } else {
            switch mode {
            case .ctdbd: return effects.append(.hosts(false))
            case .leaving: return
            case .entering, .own: break
            }
            leave(now)
        }
    }

    private mutating func ask(_ question: Question, _ request: ControlRequest) {
        let token = token()
        asked[token] = question
        effects.append(.ask(token, request))
    }

    mutating func answered(
        _ token: Token, _ reply: ControlReply?, _ problem: String, _ now: Instant
    ) {
        if let asker = flagsAsked.removeValue(forKey: token) { return flags(reply, asker) }
        guard let question = asked.removeValue(forKey: token) else { return }
        let isGood = reply.map { !$0.isFailure } ?? false
        switch question {
        case .known:
            guard mode == .entering else { return }
            guard case .publicIPs(let list)? = reply else {
                mode = .ctdbd
                return effects.append(.failed("ctdbd does not say what it has: \(problem)"))
            }
            return takeFromCtdbd(list, now)
        case .release(let address):
            if !isGood { step.problem = "ctdbd does not release \(address): \(problem)" }
        case .delete(let address), .add(let address), .take(let address):
            // What ctdbd does not know, or knows already, is as it should be.
            if !isGood, reply == nil {
                step.problem = "ctdbd did not change \(address): \(problem)"
            }
        }
        guard asked.isEmpty else { return }
        switch mode {
        case .entering: enter(now)
        case .leaving: left()
        case .ctdbd, .own: break
        }
    }

    /// Asks ctdbd for this node's flags, and says after that what is available.
    mutating func askFlags(for asker: UInt64) {
        let token = token()
        flagsAsked[token] = asker
        effects.append(.ask(token, .getNodeMap))
    }

    private mutating func flags(_ reply: ControlReply?, _ asker: UInt64) {
        if case .nodeMap(let map)? = reply, let node = map.nodes.first(where: { $0.pnn == own }) {
            flags = node.flags
        }
        answer(asker, list(onlyAvailable: true))
    }

    // MARK: From ctdbd

    private mutating func takeFromCtdbd(_ list: PublicIPList, _ now: Instant) {
        for known in list.addresses {
            guard let address = IPAddress(known.address) else { continue }
            entries[address]?.holder = known.pnn
            // Deleted at once, or when it is released.
            ask(
                .delete(address),
                .deletePublicIP(
                    AddressInfo(
                        address: SocketAddress(address), maskBits: 0, interface: nil)))
            guard known.pnn == own else { continue }
            step.held.append(address)
            ask(
                .release(address),
                .releaseIP(PublicIP(pnn: own, address: SocketAddress(address))))
        }
        // What an earlier life of this daemon has left here, and nobody has taken since.
        let inCtdbd = Set(list.addresses.compactMap { IPAddress($0.address) })
        for address in sequence where !inCtdbd.contains(address) {
            guard let entry = entries[address], let place = entry.present.first else { continue }
            entries[address]?.place = place
            entries[address]?.holder = own
        }
        if asked.isEmpty { enter(now) }
    }

    private mutating func enter(_ now: Instant) {
        if let problem = step.problem {
            effects.append(.failed(problem))
            mode = .leaving
            return giveBack()
        }
        mode = .own
        for address in step.held {
            guard let entry = entries[address], let interface = bestInterface(entry) else {
                continue
            }
            takes.append(
                Order(
                    asker: nil, address: address,
                    place: Place(address, prefixLength: entry.prefixLength, on: interface),
                    from: own, to: own, event: "taken", reason: "taken over from ctdbd",
                    began: now))
        }
        let adopted = entries.values.compactMap(\.place)
        if !adopted.isEmpty { effects.append(.announce(adopted)) }
        // What is here and should not be goes.
        for address in sequence {
            guard let entry = entries[address], entry.place == nil, let place = entry.present.first,
                !step.held.contains(address)
            else { continue }
            releases.append(
                Order(
                    asker: nil, address: address, place: place, from: own, event: "removed",
                    reason: "another node has it", began: now, isByHand: true))
        }
        effects.append(.hosts(true))
    }

    // MARK: Back to ctdbd

    private mutating func leave(_ now: Instant) {
        step = Step()
        step.held = sequence.filter { entries[$0]?.place != nil }
        mode = isConnected ? .leaving : .ctdbd
        step.isReleasing = isConnected
        if !isConnected { effects.append(.hosts(false)) }
    }

    /// Tells ctdbd its addresses again, and has it take those that this node had.
    mutating func giveBack() {
        for configured in configuration where configured.isInFile {
            ask(
                .add(configured.address),
                .addPublicIP(
                    AddressInfo(
                        address: SocketAddress(configured.address),
                        maskBits: UInt32(configured.prefixLength),
                        interface: configured.interfaces.joined(separator: ","))))
        }
        for address in step.held {
            ask(
                .take(address),
                .takeoverIP(PublicIP(pnn: own, address: SocketAddress(address))))
        }
        if asked.isEmpty { left() }
    }

    private mutating func left() {
        mode = .ctdbd
        if let problem = step.problem { effects.append(.note(problem)) }
        step = Step()
        effects.append(.hosts(false))
    }
}
