// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Sockets
import Vocabulary

/// Asks a link whether another machine has an address, without claiming it.
///
/// For IPv4 it is the probe of RFC 5227, for IPv6 the question of duplicate detection, of which the
/// kernel need know nothing. This machine may have the addresses itself meanwhile.
public final class AddressProbe {
    /// What was found.
    public enum Finding: Equatable, Sendable {
        /// Nobody answered in time.
        case free
        /// Another machine has it.
        case taken(by: HardwareAddress)
        /// It could not be found out: without CAP_NET_RAW, or without a link.
        case unknown(SystemError)
    }

    private let control: NetworkControl
    private var runs: [UInt64: Run] = [:]
    private var lastRun: UInt64 = 0

    /// Makes one.
    public init(_ control: NetworkControl) { self.control = control }

    /// Ends all questions without an answer.
    public func close() {
        for run in runs.values { end(run) }
    }

    private final class Run {
        let number: UInt64
        var places: [InterfaceAddress]
        var findings: [Finding?]
        var listeners: [ClaimListener] = []
        var timer: EventLoop.TimerToken?
        let completion: ([Finding]) -> Void

        init(
            _ number: UInt64, _ places: [InterfaceAddress],
            _ completion: @escaping ([Finding]) -> Void
        ) {
            self.number = number
            self.places = places
            findings = [Finding?](repeating: nil, count: places.count)
            self.completion = completion
        }
    }

    /// Asks for addresses on the links where they are to be.
    ///
    /// - Parameters:
    ///   - places: the addresses and the interfaces.
    ///   - limit: how long to wait for an answer; the question is asked twice in that time.
    ///   - completion: what was found of each, in the order given; sooner than the limit when all
    ///     are taken.
    public func probe(
        _ places: [InterfaceAddress], within limit: Duration,
        completion: @escaping ([Finding]) -> Void
    ) {
        lastRun += 1
        let run = Run(lastRun, places, completion)
        runs[lastRun] = run
        for name in Set(places.map(\.interface)) {
            do throws(SystemError) {
                try listen(run, on: name)
            } catch {
                for (index, place) in places.enumerated() where place.interface == name {
                    run.findings[index] = .unknown(error)
                }
            }
        }
        ask(run)
        let start = EventLoop.clock()
        let end = start.advanced(by: limit)
        run.timer = control.loop.makeTimer { [weak self, unowned run] in
            guard let self else { return }
            guard EventLoop.clock() < end, let timer = run.timer else { return settle(run) }
            ask(run)
            control.loop.arm(timer, at: end)
        }
        if let timer = run.timer { control.loop.arm(timer, at: start.advanced(by: limit / 2)) }
        if !run.findings.contains(nil) {
            control.loop.atEndOfIteration { [weak self] in self?.settle(run) }
        }
    }

    private func listen(_ run: Run, on name: String) throws(SystemError) {
        guard let interface = control.table.interface(named: name) else {
            throw SystemError(call: "probe", path: name, errno: SystemError.noDevice)
        }
        let addresses = Set(run.places.filter { $0.interface == name }.map(\.address))
        let listener = try ClaimListener(
            loop: control.loop, to: addresses, on: interface.index
        ) { [weak self, unowned run] claim in self?.hear(claim, run) }
        run.listeners.append(listener)
    }

    private func ask(_ run: Run) {
        guard let socket = try? LinkSocket() else { return }
        for (index, place) in run.places.enumerated() where run.findings[index] == nil {
            guard let interface = control.table.interface(named: place.interface),
                let hardware = interface.hardwareAddress
            else {
                run.findings[index] =
                    control.table.interface(named: place.interface)?.isLoopback == true
                    ? .free
                    : .unknown(
                        SystemError(
                            call: "probe", path: place.interface, errno: SystemError.noDevice,
                            advice: "it is no Ethernet interface"))
                continue
            }
            let frame =
                switch place.address.family {
                case .ipv4:
                    ARPPacket.probe(
                        for: UInt32(truncatingIfNeeded: place.address.low), from: hardware
                    ).broadcastFrame
                case .ipv6: NeighbourMessage.probe(for: place.address).frame(from: hardware)
                }
            do throws(SystemError) {
                try socket.send(frame, on: interface.index)
            } catch {
                run.findings[index] = .unknown(error)
            }
        }
    }

    private func hear(_ claim: ClaimListener.Claim, _ run: Run) {
        guard !control.isOwn(claim.hardware),
            let name = control.table.interfaces[claim.interface]?.name
        else { return }
        for (index, place) in run.places.enumerated()
        where place.address == claim.address && place.interface == name {
            run.findings[index] = .taken(by: claim.hardware)
        }
        guard !run.findings.contains(nil) else { return }
        control.loop.atEndOfIteration { [weak self] in self?.settle(run) }
    }

    private func settle(_ run: Run) {
        guard end(run) else { return }
        run.completion(run.findings.map { $0 ?? .free })
    }

    @discardableResult
    private func end(_ run: Run) -> Bool {
        guard runs.removeValue(forKey: run.number) != nil else { return false }
        for listener in run.listeners { listener.close() }
        if let timer = run.timer { control.loop.removeTimer(timer) }
        return true
    }
}

extension NetworkControl {
    /// Whether an interface of this machine has a hardware address.
    func isOwn(_ hardware: HardwareAddress) -> Bool {
        table.interfaces.values.contains { $0.hardwareAddress == hardware }
    }
}
