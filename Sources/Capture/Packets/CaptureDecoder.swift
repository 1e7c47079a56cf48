// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import DequeModule
import LegacyWire

/// Finds the packets of both protocols in a capture.
///
/// Give it the items of a file in their order, take sightings after each, and finish it at the end.
/// What it remembers is bounded: connections, fragments and requests, each by a limit of its own.
public struct CaptureDecoder: Sendable {
    /// What is looked for.
    public struct Settings: Sendable {
        /// The ports of connections between nodes, or of clients in our own recordings.
        public var ports: Set<UInt16> = [4379]
        /// The size of a word on the machines that wrote the packets; the byte order is seen.
        public var wordSize: LegacyLayout.WordSize = LegacyLayout.native.wordSize

        /// The usual ones.
        public init() {}
    }

    /// What a file has besides packets of ours.
    public struct Counts: Equatable, Sendable {
        /// Packets in the file.
        public var packets: UInt64 = 0
        /// Of them, those that are of neither protocol.
        public var others: UInt64 = 0
        /// Blocks of the file, and packets, that can not be read.
        public var unreadable: UInt64 = 0
        /// IP packets of which a fragment is missing.
        public var fragments: UInt64 = 0
        /// Packets that their interfaces lost, as far as the file says.
        public var dropped: UInt64 = 0
    }

    private let settings: Settings
    /// The port, where there is only one: it is compared with those of every packet.
    private let onlyPort: UInt16?
    private var fragments = FragmentTable()
    private var streams = StreamTable(limits: StreamTable.Limits())
    private var requests = RequestTable()
    private var sightings: Deque<Sighting> = []
    private var events: [PacketStream.Event] = []
    /// What there was so far.
    public private(set) var counts = Counts()

    /// Starts with an empty memory.
    public init(_ settings: Settings = Settings()) {
        self.settings = settings
        onlyPort = settings.ports.count == 1 ? settings.ports.first : nil
    }

    /// Takes the next thing in a file.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - interfaces: the interfaces of the file so far.
    public mutating func take(_ item: CaptureItem, interfaces: [CaptureInterface]) {
        switch item {
        case .packet(let packet):
            counts.packets &+= 1
            guard interfaces.indices.contains(packet.interface) else { return }
            counts.dropped &+= packet.dropCount ?? 0
            take(packet, interfaces[packet.interface].linkType)
        case .unreadable:
            counts.unreadable &+= 1
        case .statistics(let statistics):
            counts.dropped &+= statistics.dropped ?? 0
        case .section, .interface, .names, .passedOver:
            break
        }
    }

    /// The next packet of either protocol; nil until more items come.
    public mutating func next() -> Sighting? { sightings.popFirst() }

    /// Says what is left over: nothing more comes.
    public mutating func finish() {
        var all: [(TCPSegment.Direction, [PacketStream.Event])] = []
        streams.finish { all.append(($0, $1)) }
        for (direction, events) in all {
            let last = RawPacket(time: nil, interface: 0, bytes: [])
            for event in events { add(event, direction, last) }
        }
        counts.fragments = fragments.givenUpCount
    }

    private mutating func take(_ raw: RawPacket, _ type: LinkType) {
        if let segment = TCPSegment.usual(raw.bytes, type) { return take(segment, raw) }
        do throws(WireError) {
            switch try LinkPayload.of(raw.bytes, type) {
            case .ipv4(let bytes): try take(try InternetPacket.decodeIPv4(bytes), raw)
            case .ipv6(let bytes): try take(try InternetPacket.decodeIPv6(bytes), raw)
            case .exportedPDU(let bytes): take(try ExportedPDU.decode(bytes), raw)
            case .other: counts.others &+= 1
            }
        } catch {
            counts.unreadable &+= 1
        }
    }

    private mutating func take(
        _ packet: InternetPacket, _ raw: RawPacket
    ) throws(WireError) {
        guard packet.transport == InternetPacket.tcp || packet.fragment != nil else {
            counts.others &+= 1
            return
        }
        guard packet.fragment != nil else { return take(try TCPSegment.decode(packet), raw) }
        let whole = fragments.take(packet, at: raw.time)
        counts.fragments = fragments.givenUpCount
        guard let whole else { return }
        guard whole.transport == InternetPacket.tcp else {
            counts.others &+= 1
            return
        }
        take(try TCPSegment.decode(whole), raw)
    }

    private mutating func take(_ segment: TCPSegment, _ raw: RawPacket) {
        guard
            isWanted(segment.direction.destination.port)
                || isWanted(segment.direction.source.port)
        else {
            counts.others &+= 1
            return
        }
        var events = self.events
        self.events = []
        streams.take(segment, at: raw.time, into: &events)
        for event in events { add(event, segment.direction, raw) }
        events.removeAll(keepingCapacity: true)
        self.events = events
    }

    private func isWanted(_ port: UInt16) -> Bool {
        onlyPort.map { $0 == port } ?? settings.ports.contains(port)
    }

    private mutating func add(
        _ event: PacketStream.Event, _ direction: TCPSegment.Direction, _ raw: RawPacket
    ) {
        switch event {
        case .packet(let bytes, let order):
            addLegacy(bytes, order, raw, direction.source, direction.destination)
        case .gap(let missing, let unused):
            add(
                .gap(missingByteCount: missing, unusedByteCount: unused), raw,
                direction.source, direction.destination)
        }
    }

    private mutating func add(
        _ content: Sighting.Content, _ raw: RawPacket, _ source: Endpoint?,
        _ destination: Endpoint?
    ) {
        sightings.append(
            Sighting(
                number: counts.packets, time: raw.time, interface: raw.interface, source: source,
                destination: destination, comments: raw.comments, content: content))
    }

    private mutating func addLegacy(
        _ bytes: ArraySlice<UInt8>, _ order: ByteOrder, _ raw: RawPacket, _ source: Endpoint?,
        _ destination: Endpoint?
    ) {
        let layout = LegacyLayout(byteOrder: order, wordSize: settings.wordSize)
        do {
            let packet = try LegacyPacket.decode(bytes, layout: layout)
            let request = requests.take(
                packet, layout: layout, number: counts.packets, time: raw.time, source: source,
                destination: destination)
            let question = requests.question(packet, layout: layout)
            add(
                .legacy(
                    LegacySighting(
                        bytes: bytes, layout: layout, packet: packet, request: request,
                        question: question)),
                raw, source, destination)
        } catch {
            add(
                .unreadable(protocol: ExportedPDU.legacy, bytes: bytes, error), raw, source,
                destination)
        }
    }

    private mutating func take(_ pdu: ExportedPDU, _ raw: RawPacket) {
        let bytes = pdu.payload
        switch pdu.dissector {
        case ExportedPDU.legacy:
            addLegacy(bytes, Self.byteOrder(bytes), raw, pdu.source, pdu.destination)
        case ExportedPDU.peer:
            addDecoded(pdu, raw) { () throws(WireError) in .peer(try PeerFrame.decode(bytes)) }
        case ExportedPDU.event:
            // Who has a port is the client: a number of its connection.
            let isReply = (pdu.source?.port ?? 0) == 0 && (pdu.destination?.port ?? 0) != 0
            let layout = LegacyLayout(byteOrder: .native, wordSize: settings.wordSize)
            addDecoded(pdu, raw) { () throws(WireError) in
                .event(try EventSighting.decode(bytes, isReply: isReply, layout: layout))
            }
        default:
            counts.others &+= 1
            add(
                .foreign(dissector: pdu.dissector, bytes: bytes), raw, pdu.source,
                pdu.destination)
        }
    }

    private mutating func addDecoded(
        _ pdu: ExportedPDU, _ raw: RawPacket,
        _ decode: () throws(WireError) -> Sighting.Content
    ) {
        do {
            add(try decode(), raw, pdu.source, pdu.destination)
        } catch {
            add(
                .unreadable(protocol: pdu.dissector, bytes: pdu.payload, error), raw, pdu.source,
                pdu.destination)
        }
    }

    /// The order of the bytes of a legacy packet, by its magic number.
    private static func byteOrder(_ bytes: ArraySlice<UInt8>) -> ByteOrder {
        bytes.dropFirst(4).first == 0x43 ? .big : .little
    }
}
