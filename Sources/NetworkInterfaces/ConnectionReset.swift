// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets
import Vocabulary

/// Resets connections at one end or at both, with the numbers that the ends themselves give away.
///
/// An end is tickled in the name of the other one; its answer is heard on the interface, and says
/// with which numbers a reset will be believed. It is how ctdbd's `ctdb_killtcp` does it, and it
/// needs nothing of the kernel but packet sockets: for clients of an address that nobody takes, and
/// for kernels that cannot end sockets. This end answers only as long as the address is here.
public final class ConnectionReset {
    /// Which end is reset.
    public enum End: Hashable, Sendable {
        /// The client's: its answers come in.
        case client
        /// This machine's: its answers go out.
        case server
    }

    /// What came of it.
    public struct Report: Equatable, Sendable {
        /// The ends that answered and were reset.
        public var resetCount: Int
        /// The ends that did not answer.
        public var silent: [ClientConnection]
        /// Why nothing could be done, or not everything.
        public var failure: SystemError?
    }

    private let control: NetworkControl
    private let interval: Duration
    private let attemptLimit: Int
    private let ipv4: RawSocket
    private let ipv6: RawSocket?
    private var runs: [UInt64: Run] = [:]
    private var lastRun: UInt64 = 0

    /// Makes one.
    ///
    /// - Parameters:
    ///   - control: knows the interfaces.
    ///   - interval: how long to wait for answers before an end is tickled again.
    ///   - attemptLimit: how often; ctdbd tries 50 times.
    /// - Throws: `EPERM` without CAP_NET_RAW.
    public init(
        _ control: NetworkControl, interval: Duration = .milliseconds(100), attemptLimit: Int = 50
    ) throws(SystemError) {
        self.control = control
        self.interval = interval
        self.attemptLimit = max(attemptLimit, 1)
        ipv4 = try RawSocket(isIPv6: false)
        ipv6 = try? RawSocket(isIPv6: true)
    }

    /// Ends everything without a report.
    public func close() {
        for run in runs.values { finish(run, tell: false) }
    }

    /// An end that is still to be reset: what is sent to it, from whom.
    private struct Target: Hashable {
        var from: Endpoint
        var to: Endpoint
    }

    private final class Run {
        let number: UInt64
        let socket: LinkSocket
        let completion: (Report) -> Void
        var open: [Target: ClientConnection]
        var resetCount = 0
        var attempts = 0
        var failure: SystemError?
        var token: EventLoop.Token?
        var timer: EventLoop.TimerToken?

        init(
            _ number: UInt64, _ socket: LinkSocket, _ open: [Target: ClientConnection],
            _ completion: @escaping (Report) -> Void
        ) {
            self.number = number
            self.socket = socket
            self.open = open
            self.completion = completion
        }
    }

    /// Resets connections.
    ///
    /// - Parameters:
    ///   - connections: which.
    ///   - ends: which ends of each.
    ///   - interface: where their packets pass.
    ///   - completion: what came of it, when all have answered or were tried often enough.
    public func reset(
        _ connections: [ClientConnection], ends: Set<End>, on interface: String,
        completion: @escaping (Report) -> Void
    ) {
        var open: [Target: ClientConnection] = [:]
        for connection in connections {
            if ends.contains(.client) {
                open[Target(from: connection.server, to: connection.client)] = connection
            }
            if ends.contains(.server) {
                open[Target(from: connection.client, to: connection.server)] = connection
            }
        }
        do throws(SystemError) {
            guard let found = control.table.interface(named: interface) else {
                throw SystemError(call: "reset", path: interface, errno: SystemError.noDevice)
            }
            let socket = try LinkSocket(
                hearing: .all, on: found.index, filter: LinkFilter.shortSegments,
                frameByteCount: 128)
            lastRun += 1
            let run = Run(lastRun, socket, open, completion)
            runs[lastRun] = run
            run.token = try control.loop.register(socket.descriptor, for: .read) {
                [weak self, unowned run] _ in self?.hear(run)
            }
            run.timer = control.loop.makeTimer { [weak self, unowned run] in self?.attempt(run) }
            attempt(run)
        } catch {
            if let run = runs[lastRun], run.token == nil { runs[lastRun] = nil }
            control.loop.atEndOfIteration {
                completion(Report(resetCount: 0, silent: connections, failure: error))
            }
        }
    }

    private func attempt(_ run: Run) {
        guard run.attempts < attemptLimit, !run.open.isEmpty else {
            return control.loop.atEndOfIteration { [weak self] in self?.finish(run, tell: true) }
        }
        run.attempts += 1
        for target in run.open.keys {
            send(.tickle(from: target.from, to: target.to), run)
        }
        if let timer = run.timer {
            control.loop.arm(timer, at: EventLoop.clock().advanced(by: interval))
        }
    }

    private func hear(_ run: Run) {
        for _ in 0..<64 {
            guard case .frame(let frame, _, _) = run.socket.receive() else { return }
            var reader = ByteReader(frame, order: .big)
            guard (try? EthernetHeader.decode(from: &reader)) != nil,
                let segment = try? TCPSegment.decode(from: &reader), !segment.isOurs
            else { continue }
            let target = Target(from: segment.destination, to: segment.source)
            guard run.open.removeValue(forKey: target) != nil else { continue }
            // Whoever resets by itself needs nothing more.
            if !segment.flags.contains(.reset) { send(segment.resetInReply, run) }
            run.resetCount += 1
            if run.open.isEmpty { return finish(run, tell: true) }
        }
    }

    private func send(_ segment: TCPSegment, _ run: Run) {
        do throws(SystemError) {
            let octets = segment.destination.address.octets
            guard let socket = octets.count == 4 ? ipv4 : ipv6 else { return }
            try socket.send(segment.packet, to: octets)
        } catch {
            run.failure = error
        }
    }

    private func finish(_ run: Run, tell: Bool) {
        guard runs.removeValue(forKey: run.number) != nil else { return }
        if let token = run.token { control.loop.remove(token) }
        if let timer = run.timer { control.loop.removeTimer(timer) }
        guard tell else { return }
        run.completion(
            Report(
                resetCount: run.resetCount, silent: Array(Set(run.open.values)),
                failure: run.failure))
    }
}
