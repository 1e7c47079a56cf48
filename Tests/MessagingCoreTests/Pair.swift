// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Testing
import Vocabulary

/// Two hops that face each other, over a path that the test may cut.
struct Pair {
    static let service = Address(
        node: PNN(rawValue: 1), service: .echo, instance: Instance(rawValue: 77))
    static let key = FlowKey(
        source: Address(node: PNN(rawValue: 0), service: .cluster, instance: Instance(rawValue: 9)),
        destination: service, lane: .normal)

    var now = Instant(nanoseconds: 1_000_000_000)
    var ends: [Link]
    /// Frames on their way, by the end that they go to.
    var wire: [[[UInt8]]] = [[], []]
    var received: [[Link.Received]] = [[], []]
    var failures: [[Outcome]] = [[], []]

    static func link(_ node: UInt32, life: UInt64, _ settings: LinkSettings = LinkSettings())
        -> Link
    {
        let own = Address(
            node: PNN(rawValue: node), service: .proxy, instance: Instance(rawValue: life))
        let peer = Address(
            node: PNN(rawValue: 1 - node), service: .proxy, instance: Instance(rawValue: 0))
        return Link(own: own, peer: peer, settings: settings, seed: life)
    }

    init(_ first: LinkSettings = LinkSettings(), _ second: LinkSettings = LinkSettings()) {
        ends = [Self.link(0, life: 1, first), Self.link(1, life: 2, second)]
    }

    mutating func flush(_ end: Int) {
        for frame in ends[end].flush(at: now, failures: &failures[end]) {
            wire[1 - end].append(frame.pieces.flatMap { $0 })
        }
    }

    /// Delivers what is on its way until nothing is.
    mutating func exchange() throws {
        for _ in 0..<40 {
            flush(0)
            flush(1)
            guard !wire[0].isEmpty || !wire[1].isEmpty else { return }
            for end in 0..<2 {
                let frames = wire[end]
                wire[end] = []
                for bytes in frames { try deliver(bytes, to: end) }
            }
        }
        Issue.record("the two ends never come to rest")
    }

    mutating func deliver(_ bytes: [UInt8], to end: Int) throws {
        let frame = try Frame.decode(bytes[...])
        let result = ends[end].receive(frame, at: now)
        failures[end] += result.failures
        for outcome in result.outcomes { _ = ends[end].settle(outcome) }
        received[end].append(result)
    }

    mutating func pass(milliseconds: UInt64) { now = now.advanced(byMilliseconds: milliseconds) }

    mutating func open() throws {
        ends[0].resume(at: now)
        ends[1].resume(at: now)
        try exchange()
    }

    mutating func hold(_ id: UInt64, _ lane: Lane = .normal) -> OutcomeCode? {
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: .message,
            flags: lane == .urgent ? PeerProtocol.packetUrgent : 0, procedure: 0,
            source: Self.key.source, destination: Self.key.destination, packetID: id, replyTo: 0,
            deadlineMilliseconds: 0, payloadLength: 0, fragmentOffset: 0, messageLength: 4)
        let bytes = Packet.encode(header, payload: [1, 2, 3, 4])
        var key = Self.key
        key.lane = lane
        return ends[0].hold(bytes[...], id: id, of: key, resent: false, deadline: nil)
    }

    /// The ids that an end was given, with whether they were marked as sent again.
    func packets(at end: Int) throws -> [String] {
        var all: [String] = []
        for result in received[end] {
            var rest = result.packets
            while let packet = try Packet.takeFirst(from: &rest) {
                all.append("\(packet.header.packetID)\(result.resent ? " again" : "")")
            }
        }
        return all
    }
}
