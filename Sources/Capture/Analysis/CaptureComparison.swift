// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Vocabulary

/// What was said in a capture, by conversation, to be compared with another capture.
///
/// A conversation is what a pair of nodes, or a client of a relay and ctdbd, say to each other.
public struct CaptureTranscript: Sendable {
    /// A packet, with its place.
    public struct Entry: Sendable {
        /// The number of the packet in the file.
        public var number: UInt64
        /// It as a tree of fields.
        public var fields: FieldValue
        /// It, when it is a legacy packet.
        public var legacy: LegacySighting?
    }

    /// Packets of a kind, in a conversation.
    public struct Kind: Hashable, Sendable {
        /// Who talks.
        public var conversation: String
        /// What is said: from whom, the operation, the control, the database.
        public var packet: String
    }

    /// The entries of each kind, in order.
    public private(set) var entries: [Kind: [Entry]] = [:]
    /// The kinds, in the order of their first packets.
    public private(set) var kinds: [Kind] = []
    private var clients: [Endpoint: Int] = [:]

    /// Starts empty.
    public init() {}

    /// Adds what was seen.
    public mutating func add(_ sighting: Sighting, _ interfaces: [CaptureInterface]) {
        let kind: Kind
        var fields = sighting.content.fields
        switch sighting.content {
        case .legacy(let legacy): kind = self.kind(of: legacy, sighting, interfaces)
        case .peer(let frame):
            let sender = frame.frame.header.sender
            let receiver = frame.frame.header.receiver
            kind = Kind(
                conversation:
                    "\(sender.node.shortName).\(sender.service.name) and "
                    + "\(receiver.node.shortName).\(receiver.service.name)",
                packet: "frame of \(frame.packets.count) packets")
        case .event(.request(let packet)):
            kind = Kind(conversation: "event daemon", packet: "request \(packet.body.command)")
        case .event(.reply): kind = Kind(conversation: "event daemon", packet: "reply")
        case .gap, .unreadable, .foreign:
            kind = Kind(conversation: "others", packet: sighting.content.name)
        }
        if case .fields(let all) = fields {
            // Counted anew in every capture.
            fields = .fields(all.filter { !["reqid", "generation", "answers"].contains($0.name) })
        }
        var legacy: LegacySighting?
        if case .legacy(let value) = sighting.content { legacy = value }
        if entries[kind] == nil { kinds.append(kind) }
        entries[kind, default: []].append(
            Entry(number: sighting.number, fields: fields, legacy: legacy))
    }

    private mutating func kind(
        of legacy: LegacySighting, _ sighting: Sighting, _ interfaces: [CaptureInterface]
    ) -> Kind {
        let packet = legacy.packet
        var name = packet.operation.name
        if let opcode = legacy.opcode { name += " \(opcode)" }
        // Numbers of clients' own differ from one life to the next.
        if let srvid = legacy.srvid, let known = srvid.name { name += " \(known)" }
        if let database = legacy.database { name += " db \(database)" }
        let ends = "\(packet.source.shortName) > \(packet.destination.shortName)"
        let isRelayed =
            interfaces.indices.contains(sighting.interface)
            && interfaces[sighting.interface].linkType == .exportedPDU
        let client = [sighting.source, sighting.destination].compactMap { $0 }
            .first { $0.port != ClientNote.daemonPort }
        if isRelayed, let client {
            let isNew = sighting.comments.contains { ClientNote(text: $0) != nil }
            if isNew || clients[client] == nil { clients[client] = clients.count + 1 }
            let isAnswer = sighting.destination == client
            return Kind(
                conversation: "client \(clients[client] ?? 0)",
                packet: (isAnswer ? "answer " : "") + name)
        }
        let pair = [packet.source.shortName, packet.destination.shortName].sorted()
        return Kind(
            conversation: "nodes \(pair.joined(separator: " and "))", packet: "\(ends) \(name)")
    }
}

/// How two captures differ.
public struct CaptureComparison: Sendable {
    /// Packets of a kind of which one capture has more.
    public struct Surplus: Equatable, Sendable {
        /// Which packets.
        public var kind: CaptureTranscript.Kind
        /// How many the first capture has.
        public var first: Int
        /// How many the second has.
        public var second: Int
    }

    /// A field that differs between packets that stand for each other.
    public struct Difference: Equatable, Sendable {
        /// Which packets.
        public var kind: CaptureTranscript.Kind
        /// The field.
        public var path: String
        /// In how many pairs.
        public var count: Int
        /// The first pair, by the packets' numbers in their files.
        public var numbers: (first: UInt64, second: UInt64)
        /// What the first capture has there.
        public var first: FieldValue?
        /// What the second has.
        public var second: FieldValue?
        /// Why it may differ; nil when it may not.
        public var reason: String?

        /// Compares everything.
        public static func == (lhs: Self, rhs: Self) -> Bool {
            lhs.kind == rhs.kind && lhs.path == rhs.path && lhs.count == rhs.count
                && lhs.numbers == rhs.numbers && lhs.first == rhs.first
                && lhs.second == rhs.second && lhs.reason == rhs.reason
        }
    }

    /// How many pairs there were.
    public private(set) var pairs = 0
    /// How many pairs are the same, but for what may differ.
    public private(set) var same = 0
    /// What only one has.
    public private(set) var surplus: [Surplus] = []
    /// What differs.
    public private(set) var differences: [Difference] = []

    /// Compares: the first packet of a kind in a conversation with the first of that kind in the
    /// other capture, the second with the second, and so on.
    ///
    /// - Parameters:
    ///   - first: one capture.
    ///   - second: the other.
    ///   - reason: why a field of a packet may differ; nil when it may not.
    public init(
        _ first: CaptureTranscript, _ second: CaptureTranscript,
        reason: (String, LegacySighting) -> String?
    ) {
        let known = Set(first.kinds)
        for kind in first.kinds + second.kinds.filter({ !known.contains($0) }) {
            let one = first.entries[kind] ?? []
            let other = second.entries[kind] ?? []
            if one.count != other.count {
                surplus.append(Surplus(kind: kind, first: one.count, second: other.count))
            }
            var places: [String: Int] = [:]
            for (left, right) in zip(one, other) {
                compare(kind, left, right, &places, reason)
            }
        }
    }

    /// Whether nothing differs but what may.
    public var isSame: Bool { surplus.isEmpty && differences.allSatisfy { $0.reason != nil } }

    private mutating func compare(
        _ kind: CaptureTranscript.Kind, _ left: CaptureTranscript.Entry,
        _ right: CaptureTranscript.Entry, _ places: inout [String: Int],
        _ reason: (String, LegacySighting) -> String?
    ) {
        pairs += 1
        var isSame = true
        for difference in left.fields.differences(to: right.fields) {
            let why = left.legacy.flatMap { reason(difference.path, $0) }
            if why == nil { isSame = false }
            if let place = places[difference.path] {
                differences[place].count += 1
            } else {
                places[difference.path] = differences.count
                differences.append(
                    Difference(
                        kind: kind, path: difference.path, count: 1,
                        numbers: (left.number, right.number), first: difference.first,
                        second: difference.second, reason: why))
            }
        }
        if isSame { same += 1 }
    }
}
