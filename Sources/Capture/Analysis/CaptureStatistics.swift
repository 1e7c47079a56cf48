// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// What there is in a capture, counted.
///
/// It keeps a number for each kind of packet, control, end and second, and a sample of latencies of
/// each control: memory does not grow with the number of packets of a kind.
public struct CaptureStatistics: Sendable {
    /// How often, and how many bytes.
    public struct Count: Equatable, Sendable {
        /// Packets.
        public var packets: UInt64 = 0
        /// Their bytes, without what a network puts around them.
        public var bytes: UInt64 = 0

        mutating func add(_ byteCount: Int) {
            packets &+= 1
            bytes &+= UInt64(clamping: byteCount)
        }
    }

    /// A control, or calls for records, and its answers.
    public struct Exchange: Equatable, Sendable {
        /// What was asked.
        public var asked = Count()
        /// What was answered.
        public var answered: UInt64 = 0
        /// Answers with a status below 0.
        public var failed: UInt64 = 0
        /// How long answers took.
        public var latency = LatencySample()
    }

    /// What is said in a second.
    public struct Second: Equatable, Sendable {
        /// Seconds since 1970.
        public var second: Int64
        /// All packets.
        public var count = Count()
    }

    private static let kindLimit = 4_096
    private static let secondLimit = 1 << 20

    /// All packets of both protocols.
    public private(set) var total = Count()
    /// By kind: the operation, `frame`, `event`, `gap`, `unreadable`.
    public private(set) var kinds: [String: Count] = [:]
    /// By the name of the control; calls are `call`.
    public private(set) var exchanges: [String: Exchange] = [:]
    /// By who sent them: a node of a legacy packet, or an address.
    public private(set) var senders: [String: Count] = [:]
    /// Messages by srvid.
    public private(set) var messages: [String: Count] = [:]
    /// Packets by size: place N counts those of 2^N to 2^(N+1) - 1 bytes.
    public private(set) var sizes = [UInt64](repeating: 0, count: 33)
    /// The first and the last moment.
    public private(set) var first: CaptureTime?
    /// The last moment.
    public private(set) var last: CaptureTime?
    private var seconds: [Int64: Count] = [:]

    /// Starts with nothing.
    public init() {}

    /// What was said in each second in which anything was, in order.
    public var rates: [Second] {
        seconds.map { Second(second: $0.key, count: $0.value) }.sorted { $0.second < $1.second }
    }

    /// From the first to the last packet, in nanoseconds.
    public var duration: Int64 {
        guard let first, let last else { return 0 }
        return max(0, first.distance(to: last))
    }

    /// Counts a sighting.
    public mutating func add(_ sighting: Sighting) {
        let byteCount = sighting.byteCount
        total.add(byteCount)
        sizes[Self.place(of: byteCount)] &+= 1
        note(sighting.time, byteCount)
        switch sighting.content {
        case .legacy(let legacy): add(legacy, sighting, byteCount)
        case .peer(let frame):
            Self.add(byteCount, to: "frame", in: &kinds)
            let sender = frame.frame.header.sender
            Self.add(
                byteCount, to: "node \(sender.node.shortName) \(sender.service.name)",
                in: &senders)
        default:
            Self.add(byteCount, to: sighting.content.name, in: &kinds)
            Self.add(byteCount, to: sighting.source?.description ?? "unknown", in: &senders)
        }
    }

    private mutating func add(_ legacy: LegacySighting, _ sighting: Sighting, _ byteCount: Int) {
        Self.add(byteCount, to: legacy.packet.operation.name, in: &kinds)
        let source = legacy.packet.source
        let sender =
            source.isNode ? "node \(source.rawValue)" : sighting.source?.description ?? "unknown"
        Self.add(byteCount, to: sender, in: &senders)
        switch legacy.packet.body {
        case .requestControl(let control):
            exchange("\(control.opcode)") { $0.asked.add(byteCount) }
        case .requestCall: exchange("call") { $0.asked.add(byteCount) }
        case .replyControl(let reply):
            guard let request = legacy.request, let opcode = request.opcode else { return }
            answer("\(opcode)", request, sighting.time, isFailed: reply.status < 0)
        case .replyCall(let reply):
            guard let request = legacy.request else { return }
            answer("call", request, sighting.time, isFailed: reply.status < 0)
        case .replyDmaster, .replyError:
            guard let request = legacy.request else { return }
            let isFailed = if case .replyError = legacy.packet.body { true } else { false }
            answer("call", request, sighting.time, isFailed: isFailed)
        case .requestMessage(let message):
            let srvid = message.srvid
            Self.add(
                byteCount, to: srvid.name ?? "0x" + String(srvid.rawValue, radix: 16),
                in: &messages)
        default: break
        }
    }

    private mutating func answer(
        _ name: String, _ request: SeenRequest, _ time: CaptureTime?, isFailed: Bool
    ) {
        exchange(name) { exchange in
            exchange.answered &+= 1
            if isFailed { exchange.failed &+= 1 }
            if let asked = request.time, let time { exchange.latency.add(asked.distance(to: time)) }
        }
    }

    private mutating func exchange(_ name: String, _ change: (inout Exchange) -> Void) {
        guard exchanges[name] != nil || exchanges.count < Self.kindLimit else { return }
        change(&exchanges[name, default: Exchange()])
    }

    private static func add(_ byteCount: Int, to name: String, in counts: inout [String: Count]) {
        // What is made up does not fill memory.
        let name = counts[name] != nil || counts.count < kindLimit ? name : "others"
        counts[name, default: Count()].add(byteCount)
    }

    private mutating func note(_ time: CaptureTime?, _ byteCount: Int) {
        guard let time else { return }
        first = first.map { min($0, time) } ?? time
        last = last.map { max($0, time) } ?? time
        let second = CalendarDay.divide(time.nanoseconds, by: 1_000_000_000).0
        guard seconds[second] != nil || seconds.count < Self.secondLimit else { return }
        seconds[second, default: Count()].add(byteCount)
    }

    private static func place(of byteCount: Int) -> Int {
        byteCount < 1 ? 0 : min(32, Int.bitWidth - 1 - byteCount.leadingZeroBitCount)
    }
}

extension Sighting {
    /// How many bytes the packet has, without what a network puts around it.
    public var byteCount: Int {
        switch content {
        case .legacy(let legacy): legacy.bytes.count
        case .peer(let frame): frame.bytes.count
        case .event(let event): (try? event.encoded(layout: .native))?.count ?? 0
        case .gap: 0
        case .unreadable(_, let bytes, _), .foreign(_, let bytes): bytes.count
        }
    }
}

/// How long some things took: exact for the first thousands, and then a fair sample of all.
public struct LatencySample: Equatable, Sendable {
    private static let limit = 8_192

    /// How many there were.
    public private(set) var count: UInt64 = 0
    /// The shortest, in nanoseconds.
    public private(set) var least: Int64 = .max
    /// The longest, in nanoseconds.
    public private(set) var greatest: Int64 = .min
    private var kept: [Int64] = []
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Starts without any.
    public init() {}

    /// Adds how long something took, in nanoseconds.
    public mutating func add(_ nanoseconds: Int64) {
        count &+= 1
        least = min(least, nanoseconds)
        greatest = max(greatest, nanoseconds)
        guard kept.count == Self.limit else { return kept.append(nanoseconds) }
        // Each one is kept with the same probability: reservoir sampling, always the same way.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = (state >> 11) % count
        if place < UInt64(Self.limit) { kept[Int(place)] = nanoseconds }
    }

    /// The time that so many of a thousand were not slower than; nil without any.
    public func quantile(perMille: Int) -> Int64? {
        guard !kept.isEmpty else { return nil }
        let sorted = kept.sorted()
        let place = (sorted.count - 1) * min(max(perMille, 0), 1_000) / 1_000
        return sorted[place]
    }
}
