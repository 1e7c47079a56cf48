// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Sockets
import Vocabulary

/// Keeps a list of the established connections to some addresses, and tells how it changes.
///
/// The kernel is asked every now and then, and goes through its sockets for it; that is done only
/// while there is an address to look for, and the more seldom the longer it takes: a hundredth of
/// the time goes into it at most, unless it takes longer than 50 ms.
public final class ConnectionTracker {
    /// How the list has changed.
    public struct Change: Equatable, Sendable {
        /// Connections that are new.
        public var added: Set<ClientConnection>
        /// Connections that are no more.
        public var removed: Set<ClientConnection>
    }

    /// The connections as last seen.
    public private(set) var connections: Set<ClientConnection> = []
    /// The addresses that are looked for.
    public private(set) var addresses: Set<IPAddress> = []
    /// Why the last look was for nothing; nil when it was not.
    public private(set) var failure: SystemError?

    private static let share = 100
    private static let longestInterval = Duration.seconds(5)

    private let loop: EventLoop
    private let interval: Duration
    private let list: SocketList
    private let changed: (Change) -> Void
    private var timer: EventLoop.TimerToken?
    private var isLooking = false
    /// Whether addresses were added while the kernel was asked for the others.
    private var isLookWanted = false

    /// Makes a tracker of no address.
    ///
    /// - Parameters:
    ///   - loop: what runs it.
    ///   - interval: how long between two looks.
    ///   - changed: is told every change; never with nothing in it.
    /// - Throws: what the kernel refuses; no capability is needed.
    public init(
        loop: EventLoop, interval: Duration = .seconds(1), changed: @escaping (Change) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.interval = interval
        self.changed = changed
        list = try SocketList(loop: loop)
        timer = loop.makeTimer { [unowned self] in look() }
    }

    /// Ends it.
    public func close() {
        if let timer { loop.removeTimer(timer) }
        timer = nil
        list.close()
    }

    /// Sets the addresses; the kernel is asked at once if some are new.
    ///
    /// Connections to addresses that are no longer looked for are reported as removed.
    public func track(_ addresses: Set<IPAddress>) {
        let isLarger = !addresses.isSubset(of: self.addresses)
        self.addresses = addresses
        let kept = connections.filter { addresses.contains($0.server.address) }
        if kept.count < connections.count {
            loop.atEndOfIteration { [weak self] in self?.narrow() }
        }
        if isLarger {
            isLookWanted = isLooking
            look()
        }
        if addresses.isEmpty, let timer { loop.disarm(timer) }
    }

    /// Asks the kernel now, without waiting for the next time.
    public func look() {
        guard !addresses.isEmpty, !isLooking, timer != nil else { return }
        isLooking = true
        let start = EventLoop.clock()
        list.ask(addresses, states: .established) { [weak self] result in
            self?.isLooking = false
            self?.take(result)
            self?.arm(after: EventLoop.clock().nanoseconds &- start.nanoseconds)
            guard let self, isLookWanted else { return }
            isLookWanted = false
            look()
        }
    }

    /// Sets the time of the next look, by how long the last one took.
    private func arm(after nanoseconds: UInt64) {
        guard let timer, !addresses.isEmpty else { return }
        let pause = Duration.nanoseconds(Int64(clamping: nanoseconds)) * Self.share
        loop.arm(
            timer,
            at: EventLoop.clock().advanced(by: max(interval, min(pause, Self.longestInterval))))
    }

    private func narrow() {
        update(connections.filter { addresses.contains($0.server.address) })
    }

    private func take(_ result: Result<[SocketReport], SystemError>) {
        switch result {
        case .failure(let error): failure = error
        case .success(let reports):
            failure = nil
            // Addresses may have changed while the kernel was asked.
            update(
                Set(reports.lazy.map(ClientConnection.init)).filter {
                    addresses.contains($0.server.address)
                })
        }
    }

    private func update(_ present: Set<ClientConnection>) {
        let change = Change(
            added: present.subtracting(connections), removed: connections.subtracting(present))
        connections = present
        if !change.added.isEmpty || !change.removed.isEmpty { changed(change) }
    }
}

extension ClientConnection {
    /// The connection of a socket.
    init(_ report: SocketReport) { self.init(server: report.local, client: report.remote) }
}
