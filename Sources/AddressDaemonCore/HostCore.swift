// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// Keeps the public addresses of one node where they should be: the part of the daemon that every
/// node has.
///
/// Below the stage finalised ctdbd moves addresses, and this only knows what there is. In
/// finalised it takes the orders that ctdbd would take, in the same controls; addresses come and go
/// first, all of an order's at once, and the event scripts run after that, in the order of the
/// moves; a run is confirmed when all of them are done.
///
/// Invariants: an address is on this node's interfaces only while it was taken and not released
/// since; what anybody else does to them is put right, and said. Without ctdbd, or on a node that
/// is banned or stopped, nothing is hosted.
///
/// - Source: which interface is chosen, which orders do nothing, what clients are told and when: as
///   in ctdb/server/ctdb_takeover.c, Samba 4.17.
package struct HostCore: Sendable {
    /// Names something to be done.
    package typealias Token = UInt64

    /// Where an address is, or is to be.
    package struct Place: Hashable, Sendable {
        package var address: IPAddress
        package var prefixLength: UInt8
        package var interface: String

        package init(_ address: IPAddress, prefixLength: UInt8, on interface: String) {
            self.address = address
            self.prefixLength = prefixLength
            self.interface = interface
        }
    }

    /// An address that this node is configured with.
    package struct Configured: Hashable, Sendable {
        package var address: IPAddress
        package var prefixLength: UInt8
        package var interfaces: [String]
        /// Whether ctdbd is configured with it, too.
        package var isInFile: Bool

        package init(
            _ address: IPAddress, prefixLength: UInt8, on interfaces: [String],
            isInFile: Bool = true
        ) {
            self.address = address
            self.prefixLength = prefixLength
            self.interfaces = interfaces
            self.isInFile = isInFile
        }
    }

    /// A TCP connection of a client to a public address.
    package struct Connection: Hashable, Sendable {
        package var server: IPAddress
        package var serverPort: UInt16
        package var client: IPAddress
        package var clientPort: UInt16

        package init(
            server: IPAddress, serverPort: UInt16, client: IPAddress, clientPort: UInt16
        ) {
            self.server = server
            self.serverPort = serverPort
            self.client = client
            self.clientPort = clientPort
        }
    }

    /// What became of an address in the kernel.
    package enum Outcome: Equatable, Sendable {
        case done
        case unchanged
        case noInterface
        /// A machine outside has it.
        case duplicate
        case failed(String)
    }

    /// What happens.
    package enum Event: Sendable {
        /// The configuration was read.
        case configured([Configured], isPartiallyOnline: Bool)
        /// ctdbd answers; this node's number.
        case connected(PNN)
        case disconnected
        /// This node's flags as its ctdbd has them.
        case flags(NodeFlags)
        /// Go to this way of working: true is by itself.
        case host(Bool)
        /// A control for addresses, to be answered.
        case control(asker: UInt64, ControlRequest, CoordinatorCore.Order)
        /// A question to this node's ctdbd was answered; nil when it was not.
        case answered(Token, ControlReply?, problem: String)
        /// What was ordered of the kernel is done.
        case placed(Token, [Outcome])
        /// The scripts of an event have run.
        case ran(Token, status: Int32)
        /// An interface is there; whether addresses can be reached through it.
        case interface(String, hasLink: Bool)
        case interfaceGone(String)
        /// The kernel has an address.
        case present(Place)
        case gone(Place)
        /// A machine outside says that it has an address.
        case conflict(IPAddress, by: String)
        /// Connections to addresses here.
        case connections(added: [Connection], removed: [Connection])
        /// What another node says of its own.
        case heard(PNN, isComplete: Bool, added: [Connection], removed: [Connection])
        case wake
    }

    /// What to do.
    package enum Effect: Sendable {
        /// Ask this node's ctdbd.
        case ask(Token, ControlRequest)
        case add(Token, [Place])
        case remove(Token, [Place])
        case announce([Place])
        case announceOnce(IPAddress, interface: String)
        case tickle([Connection])
        /// End this machine's connections to addresses that went away.
        case endConnections([IPAddress])
        /// Look for connections to these, and for others who claim them, from now on.
        case watch(Set<IPAddress>)
        /// Run the scripts of an event, after those before.
        case run(Token, String, [String])
        /// Tell the clients of this node's ctdbd.
        case tellClients(SrvID, IPAddress?)
        /// Answer a control.
        case answer(asker: UInt64, status: Int32, error: String, ControlReply?)
        /// Refuse it: ctdbd is to be asked, or the daemon is between the two.
        case refuse(asker: UInt64, isChanging: Bool)
        /// Tell the daemons of the other nodes of connections.
        case share(isComplete: Bool, added: [Connection], removed: [Connection])
        /// The way of working is as asked for.
        case hosts(Bool)
        /// It is not possible, and everything is as before.
        case failed(String)
        /// The configuration is to be read again.
        case reload
        case history(Record)
        /// What this node can host has changed: the coordinator is to look at once.
        case lookAgain
        /// For callbacks: an address is here now, or not any more.
        case changed(IPAddress, isHere: Bool)
        case wake(at: Instant)
        case note(String)
    }

    /// Something that happened to an address.
    package struct Record: Equatable, Sendable {
        package var address: IPAddress
        package var event: String
        package var from = PNN.unknown
        package var to = PNN.unknown
        package var reason: String
        package var microseconds: UInt64?

        package init(
            address: IPAddress, event: String, from: PNN = .unknown, to: PNN = .unknown,
            reason: String, microseconds: UInt64? = nil
        ) {
            self.address = address
            self.event = event
            self.from = from
            self.to = to
            self.reason = reason
            self.microseconds = microseconds
        }
    }

    /// How the node works.
    package enum Mode: Equatable, Sendable {
        case ctdbd
        case entering
        case own
        case leaving
    }

    /// What is being done with an address.
    enum Task: Equatable, Sendable {
        case idle
        case adding
        case removing
    }

    /// A public address.
    struct Entry: Equatable, Sendable {
        var prefixLength: UInt8
        var interfaces: [String]
        /// Who has it, as far as this node was told.
        var holder = PNN.unknown
        /// Where it is to be; nil: not here.
        var place: Place?
        var task = Task.idle
        /// It is deleted when it is released.
        var isDeleting = false
        /// It was added by hand, and is not in the files.
        var isExtra = false
        /// Where the kernel has it.
        var present: Set<Place> = []
    }

    /// Why something is done, and who waits for it.
    struct Order: Equatable, Sendable {
        var asker: UInt64?
        var address: IPAddress
        var place: Place?
        var from = PNN.unknown
        var to = PNN.unknown
        var event: String
        var reason: String
        var began: Instant
        var isByHand = false
        /// So many places it is removed from.
        var placeCount = 1
    }

    package internal(set) var mode = Mode.ctdbd
    var own = PNN.unknown
    var isConnected = false
    var flags: NodeFlags = []
    var entries: [IPAddress: Entry] = [:]
    var sequence: [IPAddress] = []
    var interfaces: [String: Bool] = [:]
    var forcedDown: Set<String> = []
    var isPartiallyOnline = false
    /// The highest term that orders had.
    package internal(set) var highestTerm: UInt64 = 0
    var kernel: Set<Place> = []
    var configuration: [Configured] = []

    var lastToken: Token = 0
    var asked: [Token: Question] = [:]
    /// Who waits for this node's flags; no step waits for them.
    var flagsAsked: [Token: UInt64] = [:]
    var placing: [Token: [Order]] = [:]
    var running: [Token: UInt64?] = [:]
    var releases: [Order] = []
    var takes: [Order] = []
    var confirming: [(asker: UInt64, event: String)] = []
    var scriptProblem: String?
    var ownConnections: Set<Connection> = []
    var otherConnections: [PNN: Set<Connection>] = [:]
    var addedByHand: Set<Connection> = []
    var nextShare = Instant(nanoseconds: 0)
    var watched: Set<IPAddress> = []
    var step = Step()
    var effects: [Effect] = []

    /// What is asked of ctdbd.
    enum Question: Equatable, Sendable {
        case known
        case release(IPAddress)
        case delete(IPAddress)
        case add(IPAddress)
        case take(IPAddress)
    }

    /// What is left of a step between the two ways of working.
    struct Step: Equatable, Sendable {
        var held: [IPAddress] = []
        var problem: String?
        var isReleasing = false
    }

    package init() {}

    /// The number of addresses that are configured, and of those that are here.
    package var counts: (configured: Int, hosted: Int) {
        (entries.count, entries.values.count { $0.place != nil })
    }
    /// The connections that are known of, all nodes together.
    package var connectionCount: Int {
        ownConnections.count + addedByHand.count
            + otherConnections.values.reduce(0) { $0 + $1.count }
    }

    /// Takes an event.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .configured(let list, let isPartiallyOnline):
            self.isPartiallyOnline = isPartiallyOnline
            configure(list)
        case .connected(let pnn): connected(pnn, now)
        case .disconnected:
            isConnected = false
            for token in (Array(asked.keys) + flagsAsked.keys).sorted() {
                answered(token, nil, "ctdbd is away", now)
            }
            // ctdbd begins anew with what its file says; what is here is let go.
            mode = .ctdbd
            step = Step()
        case .flags(let flags):
            self.flags = flags
        case .host(let isOwn): host(isOwn, now)
        case .control(let asker, let request, let order): take(request, order, asker, now)
        case .answered(let token, let reply, let problem): answered(token, reply, problem, now)
        case .placed(let token, let outcomes): placed(token, outcomes, now)
        case .ran(let token, let status): ran(token, status)
        case .interface(let name, let hasLink): interface(name, hasLink, now)
        case .interfaceGone(let name):
            interfaces[name] = nil
            for place in kernel where place.interface == name { gone(place, now) }
        case .present(let place): present(place, now)
        case .gone(let place): gone(place, now)
        case .conflict(let address, let hardware):
            guard entries[address]?.place != nil else { return [] }
            record(
                address, "conflict", to: own,
                reason: "a machine outside the cluster has it too: \(hardware)")
        case .connections(let added, let removed): connections(added, removed)
        case .heard(let node, let isComplete, let added, let removed):
            heard(node, isComplete, added, removed)
        case .wake: break
        }
        settle(now)
        defer { effects = [] }
        return effects
    }

    mutating func token() -> Token {
        lastToken &+= 1
        return lastToken
    }

    mutating func record(
        _ address: IPAddress, _ event: String, from: PNN = .unknown, to: PNN = .unknown,
        reason: String, microseconds: UInt64? = nil
    ) {
        effects.append(
            .history(
                Record(
                    address: address, event: event, from: from, to: to, reason: reason,
                    microseconds: microseconds)))
    }

    // MARK: Configuration

    private mutating func configure(_ list: [Configured]) {
        configuration = list
        let wanted = Set(list.map(\.address))
        for address in sequence where !wanted.contains(address) {
            guard var entry = entries[address], !entry.isExtra else { continue }
            if entry.place != nil || entry.task != .idle {
                entry.isDeleting = true
                entries[address] = entry
            } else {
                forget(address)
            }
        }
        for configured in list {
            var entry =
                entries[configured.address]
                ?? Entry(prefixLength: configured.prefixLength, interfaces: configured.interfaces)
            if entries[configured.address] == nil {
                sequence.append(configured.address)
                entry.present = kernel.filter { $0.address == configured.address }
            }
            entry.prefixLength = configured.prefixLength
            entry.interfaces = configured.interfaces
            entry.isDeleting = false
            entry.isExtra = false
            entries[configured.address] = entry
        }
    }

    mutating func forget(_ address: IPAddress) {
        entries[address] = nil
        sequence.removeAll { $0 == address }
    }

    // MARK: Whether anything can be hosted

    /// Whether the node hosts addresses at all.
    var isAble: Bool { isConnected && !flags.isInactive }

    func hasLink(_ interface: String) -> Bool {
        interfaces[interface] == true && !forcedDown.contains(interface)
    }

    /// Whether all interfaces that addresses need have a link, where that is asked for.
    var isOnline: Bool {
        isPartiallyOnline
            || Set(entries.values.flatMap(\.interfaces)).allSatisfy { hasLink($0) }
    }

    /// Whether the node can host the addresses of interfaces with a link.
    var isOffering: Bool { isAble && flags.isDisjoint(with: .disabled) && isOnline }

    func isAvailable(_ entry: Entry) -> Bool {
        !entry.isDeleting && entry.interfaces.contains { hasLink($0) }
    }

    /// How many addresses are on an interface.
    func references(_ interface: String) -> Int {
        entries.values.count { $0.place?.interface == interface }
    }

    /// The interface with a link that has the fewest addresses.
    func bestInterface(_ entry: Entry) -> String? {
        var best: (name: String, count: Int)?
        for name in entry.interfaces where hasLink(name) {
            let count = references(name)
            if best.map({ count < $0.count }) ?? true { best = (name, count) }
        }
        return best?.name
    }

    // MARK: After everything

    /// Carries out what was ordered since, all at once, and lets go of what cannot be hosted.
    private mutating func settle(_ now: Instant) {
        switch mode {
        case .own: if !isAble { release("the node is banned or stopped", now, withUnknown: true) }
        case .entering: break
        case .ctdbd: release("ctdbd is away", now, withUnknown: false)
        case .leaving:
            guard step.isReleasing else { break }
            release("given back to ctdbd", now, withUnknown: false)
            if releases.isEmpty, takes.isEmpty, placing.isEmpty {
                step.isReleasing = false
                giveBack()
            }
        }
        flush(now)
        confirm()
        let here = Set(entries.filter { $0.value.place != nil }.keys)
        if here != watched {
            watched = here
            effects.append(.watch(here))
        }
        guard mode == .own else { return }
        if now >= nextShare {
            nextShare = now.advanced(by: .seconds(30))
            effects.append(
                .share(
                    isComplete: true, added: Array(ownConnections.union(addedByHand)), removed: []))
        }
        effects.append(.wake(at: nextShare))
    }

    /// Lets go of everything that is here.
    ///
    /// - Parameters:
    ///   - reason: why.
    ///   - now: when.
    ///   - withUnknown: also of addresses that were not taken by this daemon.
    private mutating func release(_ reason: String, _ now: Instant, withUnknown: Bool) {
        for address in sequence {
            guard let entry = entries[address], entry.task == .idle,
                let place = entry.place ?? (withUnknown ? entry.present.first : nil),
                !releases.contains(where: { $0.address == address })
            else { continue }
            releases.append(
                Order(
                    asker: nil, address: address, place: place, from: own, event: "released",
                    reason: reason, began: now))
            entries[address]?.holder = .unknown
        }
    }
}
