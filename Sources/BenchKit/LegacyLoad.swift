// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import Vocabulary

/// The head of a message of the legacy round trip; ctdbd does not tell who sent a message.
///
/// - Shape: the sender's node (u32), a number that comes back (u32), the srvid to answer to (u64).
struct LegacyHead: Equatable, Sendable {
    static let byteCount = 16

    var node: PNN
    var number: Int
    var srvid: SrvID

    init(node: PNN, number: Int, srvid: SrvID) {
        self.node = node
        self.number = number
        self.srvid = srvid
    }

    init?(_ data: ArraySlice<UInt8>) {
        guard data.count >= Self.byteCount else { return nil }
        let low = UInt64(BareClient.word(data, ByteOrder.native == .little ? 8 : 12))
        let high = UInt64(BareClient.word(data, ByteOrder.native == .little ? 12 : 8))
        node = PNN(rawValue: BareClient.word(data, 0))
        number = Int(BareClient.word(data, 4))
        srvid = SrvID(rawValue: high << 32 | low)
    }

    /// A message's data with this head.
    func data(byteCount: Int) -> [UInt8] {
        var writer = LegacyLayout.native.writer(capacity: max(byteCount, Self.byteCount))
        writer.write(node.rawValue)
        writer.write(UInt32(truncatingIfNeeded: number))
        writer.write(srvid.rawValue)
        writer.writeZeros(max(0, byteCount - Self.byteCount))
        return writer.finish()
    }
}

/// Answers messages of the legacy round trip.
public final class LegacyEcho {
    /// The srvid that it is registered for unless somebody says otherwise.
    public static let srvid = SrvID(rawValue: SrvID.Range.test.first.rawValue | 0xEC40)

    private let loop: EventLoop
    private let client: BareClient
    private let signals: SignalSource

    /// Attaches to ctdbd.
    public init(socket: String, srvid: SrvID) throws(BenchError) {
        let loop = try attempt { () throws(SystemError) in try EventLoop() }
        self.loop = loop
        signals = try attempt { () throws(SystemError) in
            try SignalSource([.terminate, .interrupt])
        }
        client = try BareClient(path: socket, loop: loop, srvid: srvid)
    }

    /// Answers until it is told to stop or ctdbd goes away.
    public func run() throws(BenchError) {
        client.received = { [unowned self] data in
            guard let head = LegacyHead(data) else { return }
            client.send(data, to: head.node, head.srvid)
        }
        var isStopped = false
        _ = try attempt { () throws(SystemError) in
            try loop.register(signals.descriptor, for: .read) { _ in isStopped = true }
        }
        while !isStopped, client.failure == nil {
            try attempt { () throws(SystemError) in try loop.iterate() }
        }
        if let failure = client.failure { throw .legacy(failure) }
    }
}

/// Keeps legacy messages under way to a `LegacyEcho`, with nothing above them.
public final class LegacyLoad {
    private static let stallMilliseconds: UInt64 = 20_000

    private let loop: EventLoop
    private let client: BareClient
    private let destination: PNN
    private let service: SrvID
    private var meter: RoundTripMeter
    private var requests: [[UInt8]] = []
    private var begun: [Instant] = []
    private var isReached = false

    /// Attaches to ctdbd, which does not tell the echo where this is: `ownNode` does.
    public init(
        socket: String, node: PNN, ownNode: PNN, service: SrvID, plan: LoadPlan
    ) throws(BenchError) {
        let loop = try attempt { () throws(SystemError) in try EventLoop() }
        self.loop = loop
        let pid = UInt64(UInt32(bitPattern: Credentials.own.pid))
        let own = SrvID(rawValue: SrvID.Range.test.first.rawValue | 1 << 32 | pid)
        client = try BareClient(path: socket, loop: loop, srvid: own)
        destination = node
        self.service = service
        meter = RoundTripMeter(plan)
        for number in 0..<plan.outstanding {
            let head = LegacyHead(node: ownNode, number: number, srvid: own)
            requests.append(head.data(byteCount: plan.byteCount))
        }
        begun = [Instant](repeating: EventLoop.clock(), count: plan.outstanding)
    }

    /// Runs the load.
    ///
    /// - Returns: what was measured.
    /// - Throws: `.unreachable` when nobody answers at all, `.stalled` when answers stop.
    public func run() throws(BenchError) -> LoadReport {
        client.received = { [unowned self] data in settle(data) }
        try reach()
        for number in requests.indices { begin(number) }
        let isWhole = try loop.iterate(
            milliseconds: Self.stallMilliseconds, progress: { meter.settledCount }
        ) { meter.isDone || client.failure != nil }
        client.close()
        if let failure = client.failure { throw .legacy(failure) }
        guard isWhole else { throw .stalled(finished: meter.settledCount) }
        return meter.report()
    }

    /// ctdbd drops what nobody is registered for, without a word.
    private func reach() throws(BenchError) {
        for _ in 0..<50 where !isReached {
            client.send(requests[0][...], to: destination, service)
            _ = try loop.iterate(milliseconds: 200) { isReached || client.failure != nil }
        }
        guard isReached else { throw .unreachable("no answer to \(service)") }
        // Answers to earlier tries must not look like answers to the load.
        _ = try loop.iterate(milliseconds: 20) { false }
    }

    private func begin(_ number: Int) {
        meter.begin()
        begun[number] = EventLoop.clock()
        client.send(requests[number][...], to: destination, service)
    }

    private func settle(_ data: ArraySlice<UInt8>) {
        guard meter.settledCount > 0 || meter.wantsMore == false else {
            isReached = true
            return
        }
        let now = EventLoop.clock()
        guard let head = LegacyHead(data), begun.indices.contains(head.number) else { return }
        meter.finish(begunAt: begun[head.number], at: now)
        if !meter.isDone { begin(head.number) }
    }
}
