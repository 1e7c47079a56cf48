// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// Keeps requests under way to a service, over the new protocol.
public final class PeerLoad {
    private static let stallMilliseconds: UInt64 = 20_000

    private let session: PeerSession
    private let lane: Lane
    private let payload: [UInt8]
    private var meter: RoundTripMeter

    /// Who this is, as far as the proxy has told it.
    public var address: Address { session.endpoint.address }

    /// Binds a client's socket; `PNN.current` means the process of this node, past the proxy.
    public init(
        directory: String, node: PNN, service: Service = .echo, lane: Lane, plan: LoadPlan
    ) throws(BenchError) {
        session = try PeerSession(directory: directory, node: node, service: service)
        self.lane = lane
        payload = [UInt8](repeating: 0x5A, count: plan.byteCount)
        meter = RoundTripMeter(plan)
    }

    /// Runs the load.
    ///
    /// - Returns: what was measured.
    /// - Throws: `.unreachable` when nobody answers at all, `.stalled` when answers stop.
    public func run() throws(BenchError) -> LoadReport {
        try session.reach()
        refill()
        let isWhole = try session.loop.iterate(
            milliseconds: Self.stallMilliseconds, progress: { meter.settledCount }
        ) { meter.isDone }
        session.endpoint.close()
        guard isWhole else { throw .stalled(finished: meter.settledCount) }
        return meter.report()
    }

    private func refill() {
        while meter.wantsMore {
            meter.begin()
            let begun = EventLoop.clock()
            session.endpoint.send(
                to: session.destination, .request, lane: lane, payload: payload[...],
                completion: { [unowned self] in settle($0, begun) })
        }
    }

    private func settle(_ completion: Completion, _ begun: Instant) {
        let now = EventLoop.clock()
        if case .answered(let reply) = completion, !reply.isRefusal,
            reply.payload.count == payload.count
        {
            meter.finish(begunAt: begun, at: now)
        } else {
            meter.fail(at: now)
        }
        refill()
    }
}
