// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets
import Vocabulary

extension NetworkControl {
    /// How an IPv6 address is looked for on other machines before it is used.
    public enum DuplicateDetection: Equatable, Sendable {
        /// It is used at once.
        case off
        /// The kernel asks the link first, which takes about a second; the limit is what ctdbd's
        /// scripts wait.
        case wait(upTo: Duration)

        /// As ctdbd's scripts do it.
        public static let asLegacy = DuplicateDetection.wait(upTo: .seconds(5))
    }

    /// Puts addresses on interfaces.
    ///
    /// An interface that is switched off is switched on. An IPv4 address gets the broadcast address
    /// of its prefix.
    ///
    /// - Parameters:
    ///   - places: the addresses and where they are to be; hundreds go in one system call.
    ///   - detection: whether the kernel looks for duplicates of IPv6 addresses; duplicates of IPv4
    ///     addresses are for `AddressProbe`.
    ///   - completion: what became of each, in the order given.
    public func add(
        _ places: [InterfaceAddress], detection: DuplicateDetection = .off,
        completion: @escaping ([Outcome]) -> Void
    ) {
        let batch = Batch(count: places.count, loop: loop, completion: completion)
        for name in Set(places.map(\.interface)) {
            guard let interface = table.interface(named: name), !interface.isUp else { continue }
            setUp(interface) { _ in }
        }
        for (place, address) in places.enumerated() {
            guard let interface = table.interface(named: address.interface) else {
                batch.settle(place, .noInterface)
                continue
            }
            guard address.isPlausible else {
                batch.settle(place, .failed(address.error("add", SystemError.invalidArgument)))
                continue
            }
            order(
                .newAddress, [.create, .exclusive],
                address.orderBody(index: interface.index, isNew: true, detection: detection)
            ) { [weak self] answer in
                let outcome = Self.outcome(
                    answer, unchanged: SystemError.exists, address, "add")
                guard let self, outcome == .done, case .wait(let limit) = detection,
                    address.address.family == .ipv6
                else { return batch.settle(place, outcome) }
                waitForDetection(address, upTo: limit) { batch.settle(place, $0) }
            }
        }
        batch.finishIfEmpty()
    }

    /// Takes addresses from interfaces.
    ///
    /// Other addresses of the same subnet stay, whichever of them came first.
    ///
    /// - Parameters:
    ///   - places: the addresses and where they are, with the prefixes that they have there.
    ///   - completion: what became of each, in the order given.
    public func remove(
        _ places: [InterfaceAddress], completion: @escaping ([Outcome]) -> Void
    ) {
        let batch = Batch(count: places.count, loop: loop, completion: completion)
        for name in Set(places.filter { $0.address.family == .ipv4 }.map(\.interface)) {
            guard let interface = table.interface(named: name) else { continue }
            promoteSecondaries(interface.index)
        }
        for (place, address) in places.enumerated() {
            guard let interface = table.interface(named: address.interface) else {
                batch.settle(place, .noInterface)
                continue
            }
            order(
                .deleteAddress, [],
                address.orderBody(index: interface.index, isNew: false, detection: .off)
            ) { answer in
                batch.settle(
                    place,
                    Self.outcome(
                        answer, unchanged: SystemError.addressNotAvailable, address, "remove"))
            }
        }
        batch.finishIfEmpty()
    }

    /// Switches an interface on.
    public func setUp(_ interface: Interface, completion: @escaping (Outcome) -> Void) {
        let message = LinkMessage(index: interface.index, flags: .up, changeMask: .up)
        orderLink(message) { answer in
            completion(Self.outcome(answer, interface.name, "switch on"))
        }
    }

    /// Lets secondary addresses of IPv4 stay when the first one of their subnet goes.
    private func promoteSecondaries(_ index: UInt32) {
        // The interface's settings of IPv4, of which this is one.
        let setting = NetlinkAttribute(InterfaceSetting.promoteSecondaries, 1)
        let family = NetlinkAttribute(
            UInt16(AddressFamily.ipv4.rawValue),
            nesting: [NetlinkAttribute(InterfaceSetting.ipv4, nesting: [setting])])
        orderLink(
            LinkMessage(
                index: index,
                attributes: [
                    NetlinkAttribute(LinkMessage.AttributeType.families, nesting: [family])
                ])
        ) { _ in }
    }

    /// The numbers of an interface's settings.
    ///
    /// - Source: `IFLA_INET_CONF`, linux/if_link.h; `IPV4_DEVCONF_PROMOTE_SECONDARIES`, linux/ip.h.
    private enum InterfaceSetting {
        static let ipv4: UInt16 = 1
        static let promoteSecondaries: UInt16 = 20
    }

    private func orderLink(
        _ message: LinkMessage, completion: @escaping (NetlinkAnswer) -> Void
    ) {
        var writer = ByteWriter(order: .native, capacity: 64)
        message.encode(into: &writer)
        order(.setLink, [], writer.finish(), completion: completion)
    }

    private static func outcome(
        _ answer: NetlinkAnswer, unchanged: Int32, _ address: InterfaceAddress, _ verb: String
    ) -> Outcome {
        if answer.errorNumber == unchanged { return .unchanged }
        return outcome(answer, "\(address)", verb)
    }

    private static func outcome(
        _ answer: NetlinkAnswer, _ subject: String, _ verb: String
    ) -> Outcome {
        switch answer.errorNumber {
        case 0: .done
        case SystemError.noDevice: .noInterface
        case let code:
            .failed(
                SystemError(
                    call: "netlink \(verb)", path: subject, errno: code, advice: answer.text))
        }
    }

    /// Waits until the kernel has found no duplicate, or one.
    private func waitForDetection(
        _ place: InterfaceAddress, upTo limit: Duration, completion: @escaping (Outcome) -> Void
    ) {
        let wait = Wait()
        let finish = { [weak self] (outcome: Outcome) in
            guard let self else { return }
            if let token = wait.watch { stopWatching(token) }
            if let timer = wait.timer { loop.removeTimer(timer) }
            guard !wait.isOver else { return }
            wait.isOver = true
            guard outcome != .done else { return completion(.done) }
            remove([place]) { _ in completion(outcome) }
        }
        let look = { [weak self] in
            switch self?.table[place] {
            case nil: finish(.duplicate)
            case .some(let found) where found.flags.contains(.duplicate): finish(.duplicate)
            case .some(let found) where found.isUsable: finish(.done)
            case .some: break
            }
        }
        wait.timer = loop.makeTimer {
            finish(.failed(place.error("add", SystemError.timedOut)))
        }
        wait.watch = watch { _ in look() }
        if let timer = wait.timer { loop.arm(timer, at: EventLoop.clock().advanced(by: limit)) }
        look()
    }

    private final class Wait {
        var watch: WatchToken?
        var timer: EventLoop.TimerToken?
        var isOver = false
    }
}

/// Orders that are reported together.
private final class Batch {
    typealias Outcome = NetworkControl.Outcome

    private var outcomes: [Outcome]
    private var openCount: Int
    private let loop: EventLoop
    private let completion: ([Outcome]) -> Void

    init(count: Int, loop: EventLoop, completion: @escaping ([Outcome]) -> Void) {
        outcomes = [Outcome](repeating: .unchanged, count: count)
        openCount = count
        self.loop = loop
        self.completion = completion
    }

    func settle(_ place: Int, _ outcome: Outcome) {
        outcomes[place] = outcome
        openCount -= 1
        guard openCount == 0 else { return }
        // Never from inside the call that gave the order.
        loop.atEndOfIteration { [self] in completion(outcomes) }
    }

    func finishIfEmpty() {
        guard outcomes.isEmpty else { return }
        loop.atEndOfIteration { [self] in completion(outcomes) }
    }
}

extension InterfaceAddress {
    /// Whether the prefix fits the address.
    var isPlausible: Bool { prefixLength <= address.bitCount }

    func error(_ verb: String, _ errno: Int32) -> SystemError {
        SystemError(call: "netlink \(verb)", path: description, errno: errno)
    }

    /// The highest address of the subnet; nil where there is none, as in IPv6.
    var broadcast: IPAddress? {
        guard address.family == .ipv4, prefixLength <= 30 else { return nil }
        return .ipv4(
            UInt32(truncatingIfNeeded: address.low)
                | (UInt32.max >> UInt32(prefixLength)))
    }

    /// The body of an order to add or remove the address.
    func orderBody(
        index: UInt32, isNew: Bool, detection: NetworkControl.DuplicateDetection
    ) -> [UInt8] {
        typealias Types = AddressMessage.AttributeType
        var attributes = [
            NetlinkAttribute(Types.local, octets: address.octets),
            NetlinkAttribute(Types.address, octets: address.octets),
        ]
        if isNew, let broadcast {
            attributes.append(NetlinkAttribute(Types.broadcast, octets: broadcast.octets))
        }
        var flags: AddressMessage.Flags = []
        if isNew, address.family == .ipv6, detection == .off { flags = .noDuplicateDetection }
        var writer = ByteWriter(order: .native, capacity: 64)
        AddressMessage(
            family: AddressFamily(address.family).rawValue, prefixLength: prefixLength,
            lowFlags: UInt8(truncatingIfNeeded: flags.rawValue), index: index,
            attributes: attributes
        ).encode(into: &writer)
        return writer.finish()
    }
}
