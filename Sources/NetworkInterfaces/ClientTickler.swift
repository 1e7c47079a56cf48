// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Sockets
import Vocabulary

/// Makes clients find out that a connection of theirs is no more.
///
/// A client gets an acknowledgement with numbers that cannot be right, and answers with the right
/// ones; this machine, which has the address now but not the connection, answers that with a reset.
/// That takes one round trip, and the client may connect anew. The announcement of the address
/// must be on its way first, or the answer goes to where the address was.
public final class ClientTickler {
    /// When the segments are sent, counted from the call.
    ///
    /// ctdbd sends them three times, every 1.1 s. A client that has answered answers again only
    /// after half a second, so that what follows at once helps only if the first was lost.
    public static let usualDelays: [Duration] = [
        .zero, .milliseconds(20), .milliseconds(100), .milliseconds(600), .milliseconds(1700),
        .milliseconds(2800),
    ]

    /// Is told which address could not be tickled, and why, once for each call and repetition.
    public var failed: (IPAddress, SystemError) -> Void = { _, _ in }
    /// The segments sent so far.
    public private(set) var sentCount: UInt64 = 0

    private struct Round {
        var connections: ArraySlice<ClientConnection>
        var due: Instant
    }

    private let loop: EventLoop
    private let delays: [Duration]
    private let ipv4: RawSocket
    private let ipv6: RawSocket?
    private var rounds: [Round] = []
    private var timer: EventLoop.TimerToken?

    /// So many are sent before the loop has its turn.
    private static let batch = 512

    /// Makes a tickler.
    ///
    /// - Parameters:
    ///   - loop: what runs it.
    ///   - delays: when to send, counted from the call.
    /// - Throws: `EPERM` without CAP_NET_RAW.
    public init(
        loop: EventLoop, delays: [Duration] = ClientTickler.usualDelays
    ) throws(SystemError) {
        self.loop = loop
        self.delays = delays
        ipv4 = try RawSocket(isIPv6: false)
        // A machine may have no IPv6.
        ipv6 = try? RawSocket(isIPv6: true)
        timer = loop.makeTimer { [unowned self] in sendDue() }
    }

    /// Ends all repetitions.
    public func close() {
        if let timer { loop.removeTimer(timer) }
        timer = nil
        rounds = []
    }

    /// Sends to each client now, and again after each delay.
    public func tickle(_ connections: some Sequence<ClientConnection>) {
        let all = Array(connections)[...]
        guard !all.isEmpty else { return }
        let now = EventLoop.clock()
        rounds += delays.map { Round(connections: all, due: now.advanced(by: $0)) }
        rounds.sort { $0.due < $1.due }
        sendDue()
    }

    /// Forgets repetitions for addresses that have moved on.
    public func forget(_ addresses: Set<IPAddress>) {
        for index in rounds.indices {
            rounds[index].connections =
                rounds[index].connections.filter {
                    !addresses.contains($0.server.address)
                }[...]
        }
        rounds.removeAll { $0.connections.isEmpty }
    }

    private func sendDue() {
        let now = EventLoop.clock()
        var left = Self.batch
        var failures: [IPAddress: SystemError] = [:]
        while left > 0, let round = rounds.first, round.due <= now {
            for connection in round.connections.prefix(left) {
                do throws(SystemError) {
                    try send(.tickle(from: connection.server, to: connection.client))
                } catch {
                    failures[connection.server.address] = error
                }
            }
            let count = min(left, round.connections.count)
            left -= count
            rounds[0].connections = round.connections.dropFirst(count)
            if rounds[0].connections.isEmpty { rounds.removeFirst() }
        }
        for (address, error) in failures { failed(address, error) }
        guard let timer else { return }
        if let next = rounds.first?.due {
            loop.arm(timer, at: max(next, now.advanced(by: .microseconds(200))))
        }
    }

    private func send(_ segment: TCPSegment) throws(SystemError) {
        let destination = segment.destination.address
        guard let socket = destination.family == .ipv4 ? ipv4 : ipv6 else {
            throw SystemError(
                call: "tickle", path: "\(destination)", errno: SystemError.addressNotAvailable,
                advice: "this machine has no IPv6")
        }
        try socket.send(segment.packet, to: destination.octets)
        sentCount &+= 1
    }
}
