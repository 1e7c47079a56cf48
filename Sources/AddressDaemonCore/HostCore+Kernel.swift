// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Vocabulary

extension HostCore {
    // MARK: What somebody else does

    mutating func present(_ place: Place, _ now: Instant) {
        kernel.insert(place)
        guard entries[place.address] != nil else { return }
        entries[place.address]?.present.insert(place)
        guard mode == .own, let entry = entries[place.address], entry.task == .idle,
            entry.place != place, !releases.contains(where: { $0.address == place.address })
        else { return }
        if entry.place == nil {
            releases.append(
                Order(
                    asker: nil, address: place.address, place: place, from: own, to: entry.holder,
                    event: "removed", reason: "it was put here by hand", began: now,
                    isByHand: true))
        } else {
            let token = token()
            placing[token] = []
            effects.append(.remove(token, [place]))
            record(place.address, "removed", reason: "it was put on another interface by hand")
        }
    }

    mutating func gone(_ place: Place, _ now: Instant) {
        kernel.remove(place)
        guard entries[place.address] != nil else { return }
        entries[place.address]?.present.remove(place)
        guard mode == .own, let entry = entries[place.address], entry.task == .idle,
            entry.place == place
        else { return }
        entries[place.address]?.place = nil
        guard isAble, let interface = bestInterface(entry) else {
            entries[place.address]?.holder = .unknown
            effects.append(.changed(place.address, isHere: false))
            effects.append(.lookAgain)
            return record(
                place.address, "released", from: own,
                reason: "its interface \(place.interface) is gone")
        }
        takes.append(
            Order(
                asker: nil, address: place.address,
                place: Place(place.address, prefixLength: entry.prefixLength, on: interface),
                from: own, to: own, event: "repaired", reason: "it was removed by hand",
                began: now, isByHand: true))
    }

    mutating func interface(_ name: String, _ hasLink: Bool, _ now: Instant) {
        guard interfaces[name] != hasLink else { return }
        interfaces[name] = hasLink
        changeInterfaces(now)
    }

    /// Moves addresses from interfaces without a link to others that have one.
    mutating func changeInterfaces(_ now: Instant) {
        if mode == .own { effects.append(.lookAgain) }
        guard mode == .own, isOnline || isPartiallyOnline else { return }
        for address in sequence {
            guard let entry = entries[address], entry.task == .idle, let place = entry.place,
                !hasLink(place.interface), let better = bestInterface(entry)
            else { continue }
            let target = Place(address, prefixLength: entry.prefixLength, on: better)
            let token = token()
            placing[token] = []
            effects.append(.remove(token, [place]))
            entries[address]?.present.remove(place)
            kernel.remove(place)
            run("updateip", [place.interface, better, "\(address)", "\(entry.prefixLength)"])
            takes.append(
                Order(
                    asker: nil, address: address, place: target, from: own, to: own,
                    event: "updated", reason: "\(place.interface) has no link", began: now,
                    isByHand: true))
        }
    }

    // MARK: Connections

    /// The connections of clients to addresses, as far as any node knows them.
    package func connections(to addresses: Set<IPAddress>) -> [Connection] {
        var all = ownConnections.union(addedByHand)
        for one in otherConnections.values { all.formUnion(one) }
        return all.filter { addresses.contains($0.server) }
    }

    mutating func connections(_ added: [Connection], _ removed: [Connection]) {
        ownConnections.formUnion(added)
        ownConnections.subtract(removed)
        // Those of an address that went away have ended for this node only.
        let removed = removed.filter { entries[$0.server]?.place != nil }
        guard mode == .own, !added.isEmpty || !removed.isEmpty else { return }
        effects.append(.share(isComplete: false, added: added, removed: removed))
    }

    private static let connectionLimit = 1_000_000

    mutating func heard(
        _ node: PNN, _ isComplete: Bool, _ added: [Connection], _ removed: [Connection]
    ) {
        var known = isComplete ? [] : otherConnections[node] ?? []
        known.subtract(removed)
        if known.count + added.count <= Self.connectionLimit { known.formUnion(added) }
        otherConnections[node] = known
    }

    mutating func change(_ connection: TCPConnection, isAdded: Bool, _ asker: UInt64) {
        guard let server = IPAddress(connection.destination),
            let client = IPAddress(connection.source)
        else { return fail(asker, "a connection has two addresses") }
        let one = Connection(
            server: server, serverPort: connection.destination.port, client: client,
            clientPort: connection.source.port)
        if isAdded {
            guard entries[server] != nil else {
                return fail(asker, "\(server) is no public address of this node")
            }
            addedByHand.insert(one)
        } else {
            addedByHand.remove(one)
            ownConnections.remove(one)
            for node in otherConnections.keys { otherConnections[node]?.remove(one) }
        }
        effects.append(
            .share(
                isComplete: false, added: isAdded ? [one] : [], removed: isAdded ? [] : [one]))
        done(asker)
    }

    mutating func tickles(_ address: SocketAddress, _ asker: UInt64) {
        guard let ip = IPAddress(address), entries[ip] != nil else {
            return fail(asker, "\(address) is no public address of this node")
        }
        let port = address.port
        let found = connections(to: [ip]).filter { port == 0 || $0.serverPort == port }
            .sorted { ($0.clientPort, $0.serverPort) < ($1.clientPort, $1.serverPort) }
        answer(
            asker,
            .tickles(
                TickleList(
                    address: SocketAddress(ip),
                    connections: found.map {
                        TCPConnection(
                            source: SocketAddress($0.client, port: $0.clientPort),
                            destination: SocketAddress($0.server, port: $0.serverPort))
                    })))
    }
}
