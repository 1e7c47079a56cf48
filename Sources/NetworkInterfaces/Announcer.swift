// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Sockets
import Vocabulary

/// Tells everybody on the link that addresses are at this machine: at once, some more times, and
/// every now and then as long as they are here.
///
/// An address is announced only while the kernel has it on that interface. When an interface gets
/// its link back, or another hardware address, all of its addresses are announced anew.
public final class Announcer {
    /// When addresses are announced.
    public struct Settings: Equatable, Sendable {
        /// How often in all after `announce`; ctdbd does it three times.
        public var repeatCount = 3
        /// How long after each other; ctdbd waits 1.1 s.
        public var interval: Duration = .milliseconds(1100)
        /// How often from then on; nil is never, as ctdbd has it.
        public var refresh: Duration? = .seconds(60)

        /// As ctdbd does it, and a refresh every minute.
        public init() {}
    }

    /// What went wrong.
    public struct Failure: Equatable, Sendable {
        /// What could not be announced.
        public var place: InterfaceAddress
        /// Why.
        public var error: SystemError
    }

    /// Is told what could not be announced; it is tried again with the next repetition.
    public var failed: (Failure) -> Void = { _ in }

    private struct Entry {
        var place: InterfaceAddress
        /// So many repetitions are left before refreshing begins.
        var leftCount: Int
        var next: Instant?
    }

    private static let batch = 256

    private let control: NetworkControl
    private let settings: Settings
    private let socket: LinkSocket
    private var entries: [IPAddress: Entry] = [:]
    private var linkStates: [String: Link] = [:]
    private var timer: EventLoop.TimerToken?
    private var watch: NetworkControl.WatchToken?

    /// What must not change without everybody being told.
    private struct Link: Equatable {
        var hardwareAddress: HardwareAddress?
        var isUp: Bool
    }

    /// Makes an announcer.
    ///
    /// - Throws: `EPERM` without CAP_NET_RAW.
    public init(_ control: NetworkControl, settings: Settings = Settings()) throws(SystemError) {
        self.control = control
        self.settings = settings
        socket = try LinkSocket()
        for interface in control.table.interfaces.values { note(interface) }
        timer = control.loop.makeTimer { [unowned self] in sendDue() }
        watch = control.watch { [unowned self] report in
            guard case .change(.interface(let interface)) = report else { return }
            if note(interface) { restart(on: interface.name) }
        }
    }

    /// Ends all of it.
    public func close() {
        if let timer { control.loop.removeTimer(timer) }
        if let watch { control.stopWatching(watch) }
        timer = nil
        watch = nil
        entries = [:]
    }

    /// Announces addresses now, repeats it, and refreshes it until `withdraw`.
    ///
    /// The first frames are sent before this returns, where the kernel has the addresses already.
    public func announce(_ places: [InterfaceAddress]) {
        let now = EventLoop.clock()
        for place in places {
            entries[place.address] = Entry(
                place: place, leftCount: max(settings.repeatCount, 1), next: now)
            send(place.address, at: now)
        }
        arm()
    }

    /// Announces addresses no more.
    public func withdraw(_ addresses: [IPAddress]) {
        for address in addresses { entries[address] = nil }
    }

    /// Announces an address once, as `ctdb gratarp` does, whether or not the kernel has it.
    ///
    /// - Throws: what the kernel refuses; `ENODEV` without such an interface, `EINVAL` where it is
    ///   no Ethernet; the loopback has nobody to tell, and that is no error.
    public func announceOnce(_ address: IPAddress, on interface: String) throws(SystemError) {
        guard let found = control.table.interface(named: interface) else {
            throw SystemError(call: "announce", path: interface, errno: SystemError.noDevice)
        }
        guard !found.isLoopback else { return }
        guard let hardware = found.hardwareAddress else {
            throw SystemError(
                call: "announce", path: interface, errno: SystemError.invalidArgument,
                advice: "it is no Ethernet interface")
        }
        for frame in Announcement.frames(of: address, at: hardware) {
            try socket.send(frame, on: found.index)
        }
    }

    // MARK: Repetitions

    /// Sends what is due, and looks when something is due again.
    private func sendDue() {
        let now = EventLoop.clock()
        let due = entries.filter { ($0.value.next ?? now.advanced(by: .seconds(1))) <= now }
        for address in due.keys.prefix(Self.batch) { send(address, at: now) }
        // Between two batches the loop does other things.
        if due.count > Self.batch, let timer {
            control.loop.arm(timer, at: now.advanced(by: .milliseconds(2)))
        } else {
            arm()
        }
    }

    private func send(_ address: IPAddress, at now: Instant) {
        guard var entry = entries[address] else { return }
        if entry.leftCount > 0 { entry.leftCount -= 1 }
        let pause = entry.leftCount > 0 ? settings.interval : settings.refresh
        entry.next = pause.map { now.advanced(by: $0) }
        entries[address] = entry
        guard let present = control.table[entry.place], present.isUsable else { return }
        do throws(SystemError) {
            try announceOnce(address, on: entry.place.interface)
        } catch {
            failed(Failure(place: entry.place, error: error))
        }
    }

    private func arm() {
        guard let timer else { return }
        if let next = entries.values.compactMap(\.next).min() {
            control.loop.arm(timer, at: next)
        } else {
            control.loop.disarm(timer)
        }
    }

    // MARK: Links

    /// Remembers an interface's state; whether it can be heard again, or is another one.
    @discardableResult
    private func note(_ interface: Interface) -> Bool {
        let link = Link(
            hardwareAddress: interface.hardwareAddress,
            isUp: control.table.linkState(of: interface.name) == .up)
        guard let old = linkStates.updateValue(link, forKey: interface.name) else {
            return link.isUp
        }
        return link.isUp && link != old
    }

    private func restart(on interface: String) {
        let places = entries.values.map(\.place).filter { $0.interface == interface }
        if !places.isEmpty { announce(places) }
    }
}
