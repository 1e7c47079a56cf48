// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkInterfaces
import NetworkWire
import Sockets
import Vocabulary

/// Does to the kernel's network what the machines decide, and tells what happens there.
///
/// What needs a capability that the process lacks is left out; each such thing is named once, and
/// everything else works.
final class AddressHands {
    /// What happens in the kernel, or on the link.
    enum Report {
        /// An interface is there, or not what it was.
        case interface(Interface, LinkState)
        /// An interface is gone.
        case interfaceGone(String)
        /// An address is there, or not what it was.
        case address(PresentAddress)
        /// An address is gone.
        case addressGone(InterfaceAddress)
        /// Connections have come or gone.
        case connections(ConnectionTracker.Change)
        /// Another machine claims an address that this one has.
        case conflict(ConflictWatch.Conflict, interface: String)
        /// Something did not work.
        case trouble(String)
    }

    let control: NetworkControl
    /// What the process may not do.
    let lacks: [NetworkPrivileges.Lack]
    private let loop: EventLoop
    private let report: (Report) -> Void
    private var announcer: Announcer?
    private var announcements: Announcer.Settings
    private var tickler: ClientTickler?
    private var ender: ConnectionEnder?
    private var tracker: ConnectionTracker?
    private var conflicts: ConflictWatch?
    private var probes: AddressProbe?
    private var watch: NetworkControl.WatchToken?
    private var isWatchingConflicts: Bool { !lacks.contains { $0.capability == .rawSockets } }
    private var troubles: Set<String> = []
    private var announced: [IPAddress: InterfaceAddress] = [:]

    /// Reads what the kernel has, and begins to watch.
    ///
    /// - Throws: what the kernel refuses that needs no capability.
    init(
        loop: EventLoop, announcements: Announcer.Settings, connectionInterval: Duration,
        report: @escaping (Report) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.report = report
        self.announcements = announcements
        lacks = try NetworkPrivileges().lacks
        control = try NetworkControl(loop: loop)
        makeAnnouncer()
        tickler = try? ClientTickler(loop: loop)
        tickler?.failed = { [unowned self] address, error in
            trouble("connections to \(address) cannot be tickled: \(error)")
        }
        ender = try ConnectionEnder(loop: loop)
        tracker = try ConnectionTracker(loop: loop, interval: connectionInterval) {
            [unowned self] change in self.report(.connections(change))
        }
        conflicts = ConflictWatch(control) { [unowned self] conflict in
            let name = control.table.interfaces[conflict.interface]?.name ?? "?"
            self.report(.conflict(conflict, interface: name))
        }
        probes = AddressProbe(control)
        watch = control.watch { [unowned self] in take($0) }
    }

    /// Ends everything; what the kernel has stays.
    func close() {
        if let watch { control.stopWatching(watch) }
        announcer?.close()
        tickler?.close()
        ender?.close()
        tracker?.close()
        conflicts?.close()
        probes?.close()
        control.close()
    }

    /// Announces as these settings say from now on.
    func setAnnouncements(_ settings: Announcer.Settings) {
        guard settings != announcements else { return }
        announcements = settings
        announcer?.close()
        makeAnnouncer()
        announcer?.announce(Array(announced.values))
    }

    private func makeAnnouncer() {
        announcer = try? Announcer(control, settings: announcements)
        announcer?.failed = { [unowned self] failure in
            trouble("\(failure.place) cannot be announced: \(failure.error)")
        }
    }

    // MARK: What there is

    /// Tells everything that there is, as if it had just come.
    func tellAll() {
        for interface in control.table.interfaces.values { tell(interface) }
        for address in control.table.addresses { report(.address(address)) }
    }

    private func tell(_ interface: Interface) {
        report(.interface(interface, control.table.linkState(of: interface.name)))
    }

    private func take(_ report: NetworkControl.Report) {
        switch report {
        case .change(.interface(let interface)):
            tell(interface)
            // A bond's state is that of its ports; a VLAN reports its own.
            if let master = interface.masterIndex,
                let bond = control.table.interfaces[master], bond.kind == "bond"
            {
                tell(bond)
            }
        case .change(.interfaceGone(let interface)):
            self.report(.interfaceGone(interface.name))
        case .change(.address(let address)): self.report(.address(address))
        case .change(.addressGone(let address)): self.report(.addressGone(address.place))
        case .overrun: trouble("reports of the kernel were lost; everything is read again")
        case .failed(let error): trouble("the kernel's network cannot be watched: \(error)")
        }
    }

    /// Says something that does not work; the same once, until it has worked.
    private func trouble(_ text: String) {
        guard troubles.count < 256, troubles.insert(text).inserted else { return }
        report(.trouble(text))
    }

    // MARK: Orders

    func add(
        _ places: [InterfaceAddress], completion: @escaping ([NetworkControl.Outcome]) -> Void
    ) {
        control.add(places, completion: completion)
    }

    func remove(
        _ places: [InterfaceAddress], completion: @escaping ([NetworkControl.Outcome]) -> Void
    ) {
        withdraw(places.map(\.address))
        control.remove(places, completion: completion)
    }

    /// Announces addresses from now on.
    func announce(_ places: [InterfaceAddress]) {
        for place in places { announced[place.address] = place }
        announcer?.announce(places)
    }

    /// Announces addresses no more, and tickles nobody for them.
    func withdraw(_ addresses: [IPAddress]) {
        for address in addresses { announced[address] = nil }
        announcer?.withdraw(addresses)
        tickler?.forget(Set(addresses))
    }

    /// Announces an address once, as `ctdb gratarp` does.
    func announceOnce(_ address: IPAddress, on interface: String) -> String? {
        guard let announcer else { return lackOfRawSockets }
        do throws(SystemError) {
            try announcer.announceOnce(address, on: interface)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private var lackOfRawSockets: String {
        lacks.first { $0.capability == .rawSockets }?.description ?? "it is not possible here"
    }

    /// Tickles clients, at once and some more times.
    func tickle(_ connections: some Sequence<ClientConnection>) {
        tickler?.tickle(connections)
    }

    /// Ends this machine's connections to addresses.
    func endConnections(
        to addresses: [IPAddress], completion: @escaping (ConnectionEnder.Report) -> Void
    ) {
        ender?.end(connectionsTo: addresses, completion: completion)
    }

    /// Looks for connections to these addresses from now on.
    func track(_ addresses: Set<IPAddress>) {
        guard tracker?.addresses != addresses else { return }
        tracker?.track(addresses)
    }

    /// The connections as last seen.
    var connections: Set<ClientConnection> { tracker?.connections ?? [] }

    /// Listens for others who claim these addresses from now on.
    func watchConflicts(_ addresses: Set<IPAddress>) {
        guard isWatchingConflicts else { return }
        do throws(SystemError) {
            try conflicts?.watch(addresses)
        } catch {
            trouble("duplicates of addresses are not heard: \(error)")
        }
    }

    /// Asks the link whether others have addresses.
    func probe(
        _ places: [InterfaceAddress], within limit: Duration,
        completion: @escaping ([AddressProbe.Finding]) -> Void
    ) {
        probes?.probe(places, within: limit, completion: completion)
    }
}
