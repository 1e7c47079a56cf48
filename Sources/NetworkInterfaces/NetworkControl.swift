// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets
import Vocabulary

/// The interfaces and addresses of this machine on an event loop: what the kernel has, what changes
/// there, and orders to change it.
///
/// Reports come in on a socket of their own. When the kernel had to drop some of them, everything
/// is read again, and what was missed is reported like any other change. An order is carried out
/// at the end of the loop's iteration, together with all others of that iteration; by the time its
/// completion runs, `table` has what came of it. Nothing here is called back from inside a call.
public final class NetworkControl {
    /// What a watcher is told.
    public enum Report: Equatable, Sendable {
        /// Something has changed.
        case change(InterfaceTable.Change)
        /// Reports were lost; everything was read again, and the changes follow.
        case overrun
        /// The kernel refuses to be watched; it will be tried again.
        case failed(SystemError)
    }

    /// Names a watcher.
    public struct WatchToken: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// What became of an order.
    public enum Outcome: Equatable, Sendable {
        /// It is done.
        case done
        /// It was so before.
        case unchanged
        /// There is no such interface.
        case noInterface
        /// Another machine on the link has the IPv6 address; it is not kept.
        case duplicate
        /// The kernel refused; `EPERM` without CAP_NET_ADMIN.
        case failed(SystemError)
    }

    /// The interfaces and addresses as last reported.
    public private(set) var table = InterfaceTable()
    /// How often reports were lost so far.
    public private(set) var overrunCount: UInt64 = 0
    /// How many messages of the kernel could not be read so far.
    public private(set) var malformedCount: UInt64 = 0

    let loop: EventLoop
    private let reports: NetlinkSocket
    private let orders: NetlinkOrders
    private var registration: EventLoop.Token?
    private var watchers: [(token: WatchToken, handler: (Report) -> Void)] = []
    private var lastWatcher: UInt64 = 0
    private var reading = Reading.idle
    private var readingSequence: UInt32 = 0
    private var isRepeatNeeded = false

    /// What is being read from the beginning.
    private enum Reading { case idle, links, addresses }

    /// How long the kernel may take to say what there is, at the start.
    private static let patience: Duration = .seconds(5)
    private static let retryDelay: Duration = .milliseconds(100)

    /// Reads what there is, and begins to watch.
    ///
    /// - Parameters:
    ///   - loop: what runs the watchers and completions.
    ///   - reportByteCount: room for reports that were not read yet.
    /// - Throws: what the kernel refuses; none of it needs a capability.
    public init(loop: EventLoop, reportByteCount: Int32 = 1 << 20) throws(SystemError) {
        self.loop = loop
        reports = try NetlinkSocket(
            .route, groups: [.links, .ipv4Addresses, .ipv6Addresses],
            bufferByteCount: reportByteCount)
        orders = try NetlinkOrders(loop: loop)
        orders.beforeCompletion = { [unowned self] in drain() }
        startReading()
        let end = EventLoop.clock().advanced(by: Self.patience)
        while reading != .idle {
            drain()
            guard reading != .idle else { break }
            guard EventLoop.clock() < end else {
                throw SystemError(call: "netlink dump", errno: SystemError.timedOut)
            }
            _ = reports.wait(milliseconds: 100)
        }
        registration = try loop.register(reports.descriptor, for: .read) { [unowned self] _ in
            drain()
        }
    }

    /// Stops watching; orders under way get no completion.
    public func close() {
        if let registration { loop.remove(registration) }
        registration = nil
        watchers = []
        orders.close()
    }

    /// Calls a handler with every change from now on.
    public func watch(_ handler: @escaping (Report) -> Void) -> WatchToken {
        lastWatcher += 1
        let token = WatchToken(number: lastWatcher)
        watchers.append((token, handler))
        return token
    }

    /// Ends a watch.
    public func stopWatching(_ token: WatchToken) {
        watchers.removeAll { $0.token == token }
    }

    /// Reads everything again; differences are reported as changes.
    public func reread() {
        guard reading == .idle else {
            isRepeatNeeded = true
            return
        }
        startReading()
    }

    /// Gives an order of which nothing but the answer is of interest.
    func order(
        _ kind: NetlinkMessage.Kind, _ flags: NetlinkMessage.Flags, _ body: [UInt8],
        completion: @escaping (NetlinkAnswer) -> Void
    ) {
        orders.append(kind, flags, body, completion: completion)
    }

    // MARK: Reports

    private func tell(_ report: Report) {
        for watcher in watchers { watcher.handler(report) }
    }

    /// Takes everything that has been reported.
    private func drain() {
        while true {
            switch reports.receive() {
            case .datagram(let bytes): take(bytes)
            case .empty: return
            case .overrun:
                overrunCount &+= 1
                tell(.overrun)
                // What is being read may have lost a part too.
                if reading == .idle { startReading() } else { isRepeatNeeded = true }
            case .failed(let error):
                tell(.failed(error))
                return
            }
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        let messages: [NetlinkMessage]
        do throws(WireError) {
            messages = try NetlinkMessage.decodeAll(bytes)
        } catch {
            malformedCount &+= 1
            return
        }
        for message in messages {
            let isAnswer = message.sequence == readingSequence && reading != .idle
            if isAnswer, message.flags.contains(.interrupted) { isRepeatNeeded = true }
            switch message.kind {
            case .done where isAnswer: continueReading()
            case .answer where isAnswer:
                // A list that is refused: another one is under way, or there is no memory.
                reading = .idle
                retryLater()
            default:
                do throws(WireError) {
                    for change in try table.take(message) { tell(.change(change)) }
                } catch {
                    malformedCount &+= 1
                }
            }
        }
    }

    private func startReading() {
        isRepeatNeeded = false
        table.beginReading()
        ask(.getLink, LinkMessage(index: 0, attributes: Self.withoutStatistics), as: .links)
    }

    private static let withoutStatistics = [
        NetlinkAttribute(
            LinkMessage.AttributeType.extensionMask, LinkMessage.withoutStatistics)
    ]

    private func continueReading() {
        switch reading {
        case .idle: return
        case .links:
            var writer = ByteWriter(order: .native, capacity: 8)
            AddressMessage(family: 0, prefixLength: 0, index: 0, attributes: [])
                .encode(into: &writer)
            ask(.getAddress, writer.finish(), as: .addresses)
        case .addresses:
            reading = .idle
            guard !isRepeatNeeded else { return startReading() }
            for change in table.endReading() { tell(.change(change)) }
        }
    }

    private func ask(_ kind: NetlinkMessage.Kind, _ link: LinkMessage, as step: Reading) {
        var writer = ByteWriter(order: .native, capacity: 24)
        link.encode(into: &writer)
        ask(kind, writer.finish(), as: step)
    }

    private func ask(_ kind: NetlinkMessage.Kind, _ body: [UInt8], as step: Reading) {
        readingSequence &+= 1
        // Reports of changes have the number 0.
        if readingSequence == 0 { readingSequence = 1 }
        var writer = ByteWriter(order: .native, capacity: 64)
        NetlinkMessage(
            kind, flags: [.request, .dump], sequence: readingSequence, body: body[...]
        ).encode(into: &writer)
        reading = step
        do throws(SystemError) {
            try reports.send(writer.finish())
        } catch {
            reading = .idle
            tell(.failed(error))
            retryLater()
        }
    }

    private func retryLater() {
        let timer = Timer()
        timer.token = loop.makeTimer { [weak self, loop] in
            if let token = timer.token { loop.removeTimer(token) }
            guard let self, registration != nil, reading == .idle else { return }
            startReading()
        }
        if let token = timer.token {
            loop.arm(token, at: EventLoop.clock().advanced(by: Self.retryDelay))
        }
    }

    private final class Timer { var token: EventLoop.TimerToken? }
}
