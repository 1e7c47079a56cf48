// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// What must be true.
extension AddressWorld {
    /// What happens by itself, twice a second.
    func tick() {
        elect()
        check()
        after(500) { self.tick() }
    }

    func check() {
        isDirty = false
        for address in all {
            check(address)
        }
        for (number, request) in requests {
            let limit = max(request.asked, lastFault).advanced(by: Self.requestLimit)
            if now > limit { fail("request \(number) is not answered") }
        }
    }

    private func check(_ address: IPAddress) {
        let holders = nodes.indices.filter { has(address, at: $0) }
        let lost: Duration = lossPerMille > 0 ? Self.runLimit : .zero
        let detection = Self.detection + lost
        let limit = Self.holdOff + Self.detection + Self.retry + lost
        let counted = holders.filter { !isExcused($0) }
        judge(&doubledSince, address, counted.count > 1, within: detection, sinceFault: false) {
            "\(address) is on nodes \(counted) at once"
        }
        let isBelievedSilent = nodes.indices.contains { isSilent($0) }
        let hosts = nodes.indices.filter { canHost(address, $0) }
        judge(
            &uncoveredSince, address, holders.isEmpty && !hosts.isEmpty && !isBelievedSilent,
            within: limit, sinceFault: true
        ) { "\(address) is nowhere, and nodes \(hosts) could host it" }
        let wrong = holders.filter { node in
            !isExcused(node) && !isSilent(node)
                && !nodes[node].flags.isDisjoint(with: [.inactive, .disabled])
        }
        judge(&misplacedSince, address, !wrong.isEmpty, within: limit, sinceFault: true) {
            "\(address) is on nodes \(wrong), which must not host"
        }
    }

    private func judge(
        _ since: inout [IPAddress: Instant], _ address: IPAddress, _ isWrong: Bool,
        within limit: Duration, sinceFault: Bool, _ text: () -> String
    ) {
        guard isWrong else {
            since[address] = nil
            return
        }
        let first = since[address] ?? now
        since[address] = first
        let begin = sinceFault ? max(first, lastFault) : first
        if now > begin.advanced(by: limit) { fail(text()) }
    }

    /// Whether the others cannot reach a node's ctdbd, or could not until just now.
    private func isExcused(_ node: Int) -> Bool {
        let one = nodes[node]
        if !one.hasLegacy || one.legacyPaused || one.side != 0 { return true }
        if nodes.contains(where: { $0.side != 0 }) { return true }
        if let holder = lockHolder, !sees(holder, node) || !sees(node, holder) { return true }
        return now < max(one.cutUntil, one.legacyStrange).advanced(by: Self.detection)
    }

    /// Whether a node's daemon is to have addresses and cannot do anything, or could not until
    /// just now.
    private func isSilent(_ node: Int) -> Bool {
        guard stage(of: node) == .finalised else { return false }
        if let daemon = nodes[node].daemon, !daemon.isPaused {
            return now < nodes[node].daemonSince.advanced(by: Self.detection)
        }
        return true
    }

    private func canHost(_ address: IPAddress, _ node: Int) -> Bool {
        guard isActive(node), nodes[node].flags.isEmpty, !nodes[node].legacyPaused,
            let holder = lockHolder, sees(node, holder), sees(holder, node),
            nodes[node].side == nodes[holder].side
        else { return false }
        let links = nodes[node].links.values
        return isPartiallyOnline ? links.contains(true) : !links.contains(false)
    }

    /// After a long quiet time everything is as it should be.
    func checkEnd() {
        for address in all {
            let holders = nodes.indices.filter { has(address, at: $0) }
            let hosts = nodes.indices.filter { canHost(address, $0) }
            if holders.count != 1, !hosts.isEmpty { fail("\(address) ends on nodes \(holders)") }
        }
        for node in nodes.indices {
            guard let daemon = nodes[node].daemon else { continue }
            let recorded = stage(of: node)
            if daemon.participation.inEffect != recorded {
                fail(
                    "node \(node) is recorded as \(recorded) and is "
                        + "\(daemon.participation.inEffect) in effect: "
                        + daemon.participation.detail)
            }
        }
        if !requests.isEmpty { fail("requests \(requests.keys.sorted()) are not answered") }
    }
}
