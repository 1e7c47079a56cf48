// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import StageCore
import Vocabulary

extension HostCore {
    // MARK: Controls

    mutating func take(
        _ request: ControlRequest, _ order: CoordinatorCore.Order, _ asker: UInt64, _ now: Instant
    ) {
        switch mode {
        case .ctdbd: return effects.append(.refuse(asker: asker, isChanging: false))
        case .entering, .leaving: return effects.append(.refuse(asker: asker, isChanging: true))
        case .own: break
        }
        if order.term != 0 {
            guard order.term >= highestTerm else {
                return effects.append(.refuse(asker: asker, isChanging: true))
            }
            highestTerm = order.term
        }
        switch request {
        case .getPublicIPs(onlyAvailable: false): answer(asker, list(onlyAvailable: false))
        // This node's ctdbd is the first to know that it was disabled.
        case .getPublicIPs(onlyAvailable: true): askFlags(for: asker)
        case .getPublicIPInfo(let address): tell(address, asker)
        case .getInterfaces:
            answer(asker, .interfaces(NetworkInterfaceList(interfaces: allInterfaces)))
        case .releaseIP(let target): release(target, order, asker, now)
        case .takeoverIP(let target): takeOver(target, order, asker, now)
        case .startIPReallocate:
            effects.append(.tellClients(.startIPReallocate, nil))
            confirming.append((asker, "startipreallocate"))
        case .ipReallocated: confirming.append((asker, "ipreallocated"))
        case .addPublicIP(let info): add(info, asker)
        case .deletePublicIP(let info): delete(info, asker)
        case .reloadPublicIPs:
            effects.append(.reload)
            done(asker)
        case .sendGratuitousARP(let info): announce(info, asker)
        case .setInterfaceLinkState(let link): setLink(link, asker, now)
        case .tcpAdd(let connection), .tcpAddDelayedUpdate(let connection):
            change(connection, isAdded: true, asker)
        case .tcpRemove(let connection): change(connection, isAdded: false, asker)
        case .getTickleList(let address): tickles(address, asker)
        case .setTickleList: done(asker)
        default: fail(asker, "control \(request.opcode) is none of the address daemon's")
        }
    }

    func done(_ asker: UInt64?, into effects: inout [Effect]) {
        guard let asker else { return }
        effects.append(
            .answer(asker: asker, status: 0, error: "", .done(status: 0)))
    }

    mutating func done(_ asker: UInt64?) { done(asker, into: &effects) }

    mutating func answer(_ asker: UInt64, _ reply: ControlReply) {
        effects.append(.answer(asker: asker, status: 0, error: "", reply))
    }

    mutating func fail(_ asker: UInt64?, _ problem: String) {
        guard let asker else { return }
        effects.append(
            .answer(
                asker: asker, status: -1,
                error: StageText.clipped(problem, to: Int(PeerProtocol.ipTextLimit)), nil))
    }

    func list(onlyAvailable: Bool) -> ControlReply {
        // ctdbd has the line of the file that comes last at the front.
        guard !onlyAvailable || isOffering else {
            return .publicIPs(PublicIPList(addresses: []))
        }
        return .publicIPs(
            PublicIPList(
                addresses: sequence.reversed().compactMap { address in
                    guard let entry = entries[address], !onlyAvailable || isAvailable(entry) else {
                        return nil
                    }
                    return PublicIP(pnn: entry.holder, address: SocketAddress(address))
                }))
    }

    private func describe(_ name: String) -> NetworkInterface {
        NetworkInterface(
            name: name, linkState: hasLink(name) ? 1 : 0, references: UInt32(references(name)))
    }

    private var allInterfaces: [NetworkInterface] {
        var seen: Set<String> = []
        var names: [String] = []
        for address in sequence {
            for name in entries[address]?.interfaces ?? [] where seen.insert(name).inserted {
                names.append(name)
            }
        }
        return names.map(describe)
    }

    private mutating func tell(_ address: SocketAddress, _ asker: UInt64) {
        guard let ip = IPAddress(address), let entry = entries[ip] else {
            return fail(asker, "\(address) is no public address of this node")
        }
        let active = entry.place.flatMap { entry.interfaces.firstIndex(of: $0.interface) }
        answer(
            asker,
            .publicIPInfo(
                PublicIPInfo(
                    publicIP: PublicIP(pnn: entry.holder, address: SocketAddress(ip)),
                    activeIndex: active.map(UInt32.init(_:)) ?? PublicIPInfo.noInterface,
                    interfaces: entry.interfaces.map(describe))))
    }

    private mutating func release(
        _ target: PublicIP, _ order: CoordinatorCore.Order, _ asker: UInt64, _ now: Instant
    ) {
        guard let address = IPAddress(target.address),
            let entry = entries[address]
        else { return done(asker) }
        guard entry.task == .idle, !isOrdered(address) else {
            return fail(asker, "\(address) is being moved already")
        }
        entries[address]?.holder = target.pnn
        guard let place = entry.place ?? entry.present.first else {
            if entry.isDeleting { forget(address) }
            return done(asker)
        }
        releases.append(
            Order(
                asker: asker, address: address, place: place, from: own, to: target.pnn,
                event: order.term == 0 ? "released" : "", reason: order.reason, began: now))
    }

    private func isOrdered(_ address: IPAddress) -> Bool {
        releases.contains { $0.address == address } || takes.contains { $0.address == address }
    }

    private mutating func takeOver(
        _ target: PublicIP, _ order: CoordinatorCore.Order, _ asker: UInt64, _ now: Instant
    ) {
        guard target.pnn == own else {
            return fail(asker, "it is for node \(target.pnn), and this is node \(own)")
        }
        guard let address = IPAddress(target.address),
            let entry = entries[address]
        else { return done(asker) }
        guard entry.task == .idle, !isOrdered(address) else {
            return fail(asker, "\(address) is being moved already")
        }
        guard isAble else { return fail(asker, "the node cannot host addresses now") }
        if let place = entry.place, entry.present.contains(place) {
            entries[address]?.holder = own
            return done(asker)
        }
        guard let interface = bestInterface(entry) else {
            return fail(asker, "no interface of \(address) has a link")
        }
        takes.append(
            Order(
                asker: asker, address: address,
                place: Place(address, prefixLength: entry.prefixLength, on: interface),
                from: order.holder, to: own, event: order.term == 0 ? "taken" : "",
                reason: order.reason, began: now))
    }

    private mutating func add(_ info: AddressInfo, _ asker: UInt64) {
        guard let address = IPAddress(info.address),
            let prefix = UInt8(exactly: info.maskBits), prefix >= 1, prefix <= address.bitCount,
            let names = info.interface?.split(separator: ",").map(String.init), !names.isEmpty
        else { return fail(asker, "it needs an address, a prefix that fits and an interface") }
        guard entries[address] == nil else {
            return fail(asker, "\(address) is there already")
        }
        var entry = Entry(prefixLength: prefix, interfaces: names)
        entry.isExtra = true
        entry.present = kernel.filter { $0.address == address }
        entries[address] = entry
        sequence.append(address)
        done(asker)
    }

    private mutating func delete(_ info: AddressInfo, _ asker: UInt64) {
        guard let address = IPAddress(info.address), let entry = entries[address]
        else { return fail(asker, "\(info.address) is no public address of this node") }
        if entry.place == nil, entry.task == .idle {
            forget(address)
        } else {
            entries[address]?.isDeleting = true
        }
        done(asker)
    }

    private mutating func announce(_ info: AddressInfo, _ asker: UInt64) {
        guard let address = IPAddress(info.address),
            let interface = info.interface ?? entries[address]?.place?.interface
        else { return fail(asker, "\(info.address) needs an interface") }
        effects.append(.announceOnce(address, interface: interface))
        done(asker)
    }

    private mutating func setLink(_ link: NetworkInterface, _ asker: UInt64, _ now: Instant) {
        guard interfaces[link.name] != nil else {
            return fail(asker, "there is no interface \(link.name)")
        }
        if link.linkState == 0 {
            forcedDown.insert(link.name)
        } else {
            forcedDown.remove(link.name)
        }
        changeInterfaces(now)
        done(asker)
    }

    // MARK: Carrying out

    mutating func flush(_ now: Instant) {
        if !releases.isEmpty {
            var orders = releases
            releases = []
            var places: [Place] = []
            for (number, order) in orders.enumerated() {
                entries[order.address]?.task = .removing
                var own = entries[order.address]?.present ?? []
                if let place = order.place { own.insert(place) }
                orders[number].placeCount = own.count
                places += own
            }
            let token = token()
            placing[token] = orders
            effects.append(.remove(token, places))
        }
        guard !takes.isEmpty else { return }
        let orders = takes
        takes = []
        for order in orders {
            entries[order.address]?.task = .adding
            entries[order.address]?.place = order.place
        }
        let token = token()
        placing[token] = orders
        effects.append(.add(token, orders.compactMap(\.place)))
    }

    mutating func placed(_ token: Token, _ outcomes: [Outcome], _ now: Instant) {
        guard let orders = placing.removeValue(forKey: token) else { return }
        let isRelease = orders.first.flatMap { entries[$0.address]?.task } == .removing
        if isRelease { return removed(orders, outcomes, now) }
        var arrived: [Place] = []
        for (order, outcome) in zip(orders, outcomes) {
            guard let place = order.place, entries[order.address] != nil else { continue }
            entries[order.address]?.task = .idle
            switch outcome {
            case .done, .unchanged:
                entries[order.address]?.holder = own
                entries[order.address]?.present.insert(place)
                kernel.insert(place)
                arrived.append(place)
                done(order.asker)
                if !order.isByHand {
                    runScripts("takeip", place)
                    effects.append(.tellClients(.takeIP, order.address))
                    effects.append(.changed(order.address, isHere: true))
                }
                if !order.event.isEmpty { record(order, now) }
            case .duplicate, .noInterface, .failed:
                entries[order.address]?.place = nil
                entries[order.address]?.holder = .unknown
                let problem = outcome.problem
                record(
                    order.address, outcome == .duplicate ? "conflict" : "failed", to: own,
                    reason: problem)
                fail(order.asker, "\(order.address): \(problem)")
            }
        }
        guard !arrived.isEmpty else { return }
        effects.append(.announce(arrived))
        let clients = connections(to: Set(arrived.map(\.address)))
        if !clients.isEmpty { effects.append(.tickle(clients)) }
    }

    private mutating func removed(_ orders: [Order], _ outcomes: [Outcome], _ now: Instant) {
        var rest = outcomes[...]
        var gone: [IPAddress] = []
        for order in orders {
            let problem = rest.prefix(order.placeCount).first { $0.isFailure }?.problem
            rest = rest.dropFirst(order.placeCount)
            guard let entry = entries[order.address] else { continue }
            entries[order.address]?.task = .idle
            if let problem {
                record(order.address, "failed", from: own, reason: problem)
                fail(order.asker, "\(order.address) stays: \(problem)")
                continue
            }
            kernel.subtract(entry.present)
            entries[order.address]?.place = nil
            entries[order.address]?.present = []
            gone.append(order.address)
            done(order.asker)
            if !order.isByHand {
                effects.append(.tellClients(.releaseIP, order.address))
                if let place = order.place { runScripts("releaseip", place) }
                effects.append(.changed(order.address, isHere: false))
            }
            if !order.event.isEmpty { record(order, now) }
            if entry.isDeleting { forget(order.address) }
        }
        guard !gone.isEmpty else { return }
        effects.append(.endConnections(gone))
        // Who takes them has to know their clients until then.
        nextShare = max(nextShare, now.advanced(by: .seconds(10)))
    }

    private mutating func record(_ order: Order, _ now: Instant) {
        let time = now.nanoseconds.subtractingReportingOverflow(order.began.nanoseconds)
        record(
            order.address, order.event, from: order.from, to: order.to, reason: order.reason,
            microseconds: time.overflow ? nil : time.partialValue / 1000)
    }

    // MARK: Scripts

    private mutating func runScripts(_ event: String, _ place: Place) {
        run(event, [place.interface, "\(place.address)", "\(place.prefixLength)"])
    }

    mutating func run(_ event: String, _ words: [String], for asker: UInt64? = nil) {
        let token = token()
        running[token] = .some(asker)
        effects.append(.run(token, event, words))
    }

    /// Confirms when everything that was ordered before is done; scripts run in their order.
    mutating func confirm() {
        guard !confirming.isEmpty, placing.isEmpty else { return }
        for (asker, event) in confirming {
            run(event, [], for: asker)
            if event == "ipreallocated" { effects.append(.tellClients(.ipReallocated, nil)) }
        }
        confirming = []
    }

    mutating func ran(_ token: Token, _ status: Int32) {
        guard let asker = running.removeValue(forKey: token) else { return }
        guard let asker else {
            if status != 0 { scriptProblem = "the scripts of an event gave \(status)" }
            return
        }
        let problem = status == 0 ? scriptProblem : "its scripts gave \(status)"
        scriptProblem = nil
        if let problem { fail(asker, problem) } else { done(asker) }
    }
}

extension HostCore.Outcome {
    /// Whether it is not as it was ordered to be.
    var isFailure: Bool {
        switch self {
        case .done, .unchanged, .noInterface: false
        case .duplicate, .failed: true
        }
    }

    /// What is wrong.
    var problem: String {
        switch self {
        case .done, .unchanged: ""
        case .noInterface: "the interface is not there"
        case .duplicate: "a machine outside the cluster has it"
        case .failed(let text): text
        }
    }
}
