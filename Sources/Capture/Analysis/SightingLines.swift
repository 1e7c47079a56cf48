// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import PeerWire
import Vocabulary

/// Sightings as lines for people, one for each.
///
/// A line has the number of the packet in the file, the time of day in UTC, both ends, and what is
/// said: for a legacy packet source and destination node, operation, control, reqid, what it is
/// about, its length, and for an answer what it answers and after how long. Dates are lines of
/// their own. Names are looked up once, for files have millions of packets.
public struct SightingLines: Sendable {
    /// Two ends of which the text is known.
    private struct Way: Sendable {
        static let count = 64

        var source: Endpoint?
        var destination: Endpoint?
        var text: [UInt8]

        static func place(_ source: Endpoint?, _ destination: Endpoint?) -> Int {
            Int((source?.port ?? 0) &+ (destination?.port ?? 0) &* 31) & (count &- 1)
        }
    }

    /// The lines so far; take them, and go on.
    public private(set) var bytes: [UInt8] = []
    private var day: Int64?
    private var ways = [Way?](repeating: nil, count: Way.count)
    private var operations: [LegacyWire.Operation: [UInt8]] = [:]
    private var controls: [ControlOpcode: [UInt8]] = [:]
    private var srvids: [SrvID: [UInt8]] = [:]
    private var latest: (operation: LegacyWire.Operation, name: [UInt8])?
    private var latestSrvid: (srvid: SrvID, name: [UInt8])?

    /// Starts without a line.
    public init() {}

    /// Takes the lines that have been made.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return taken
    }

    /// Adds the line of a sighting.
    public mutating func add(_ sighting: borrowing Sighting) {
        let (date, nanoseconds) = Self.split(sighting.time)
        if let date, date != day {
            day = date
            add("--- ")
            add(CalendarDay(daysAfter1970: date).text)
            add(" UTC\n")
        }
        let number = sighting.number
        let way = way(from: sighting.source, to: sighting.destination)
        bytes.append(addingCapacity: 48 &+ way.count) { line in
            line.add(number, width: 7)
            line.append(0x20)
            line.add(clock: nanoseconds)
            line.append(0x20)
            line.add(way)
        }
        switch sighting.content {
        case .legacy(let legacy): add(legacy, at: sighting.time)
        case .peer(let frame): add(frame)
        case .event(let event): add(event)
        case .gap(let missing, let unused):
            add("gap: \(missing) bytes are missing, \(unused) belong to no packet")
        case .unreadable(let name, let data, let error):
            add("\(name) unreadable: \(error); \(data.count) bytes")
        case .foreign(let name, let data): add("for \(name): \(data.count) bytes")
        }
        for comment in sighting.comments {
            add("  # ")
            // A comment comes from outside, and is to stay in its line.
            for byte in comment.utf8 { bytes.append(byte < 0x20 || byte == 0x7F ? 0x20 : byte) }
        }
        bytes.append(0x0A)
    }

    // MARK: What is said

    private mutating func add(_ legacy: LegacySighting, at time: CaptureTime?) {
        let packet = legacy.packet
        let (source, destination) = (packet.source, packet.destination)
        let (reqid, database, byteCount) = (packet.reqid, legacy.database, legacy.bytes.count)
        let srvid = legacy.srvid
        let operation = name(of: packet.operation)
        let control = legacy.opcode.map { name(of: $0) }
        let about = srvid.map { name(of: $0) }
        let status: Int32? =
            switch packet.body {
            case .replyControl(let reply): reply.status
            case .replyCall(let reply): reply.status
            default: nil
            }
        let asked = legacy.request.map { (number: $0.number, time: $0.time) }
        let room = operation.count &+ (control?.count ?? 0) &+ (about?.count ?? 0)
        // Beside names there are words, and ten numbers of at most twenty digits.
        bytes.append(addingCapacity: 320 &+ room) { line in
            line.add(node: source)
            line.add(" > ")
            line.add(node: destination)
            line.append(0x20)
            line.add(operation)
            if let control {
                line.append(0x20)
                line.add(control)
            }
            if reqid.rawValue != 0 {
                line.add(" reqid ")
                line.add(UInt64(reqid.rawValue))
            }
            if let about {
                line.add(" srvid ")
                line.add(about)
            }
            if let database {
                line.add(" db 0x")
                line.add(hexadecimal: database.rawValue)
            }
            if let status {
                line.add(" status ")
                line.add(Int64(status))
            }
            line.append(0x20)
            line.add(UInt64(byteCount))
            line.add(" bytes")
            if let asked {
                line.add(" answers ")
                line.add(asked.number)
                if let before = asked.time, let time {
                    line.add(" after ")
                    line.add(before.distance(to: time) / 1_000)
                    line.add(" us")
                }
            }
        }
        if srvid == .tunnelNewProtocol, packet.operation == .requestMessage,
            case .frame(let frame) = legacy.payload
        {
            add(": ")
            add(frame)
        }
    }

    private mutating func add(_ frame: PeerFrame) {
        let header = frame.frame.header
        add("frame \(header.sequence)")
        switch frame.frame.body {
        case .hello: add(" hello")
        case .outcomes(let outcomes):
            if !outcomes.isEmpty { add(" \(outcomes.count) outcomes") }
        }
        for packet in frame.packets {
            let header = packet.header
            add(
                "; \(header.source.node.shortName).\(header.source.service.name) > "
                    + "\(header.destination.node.shortName).\(header.destination.service.name) "
                    + "\(header.kind) \(header.procedure) id \(header.packetID)"
                    + (header.replyTo == 0 ? "" : " answers \(header.replyTo)")
                    + " \(header.payloadLength) bytes")
        }
        if let failure = frame.failure { add("; unreadable: \(failure)") }
    }

    private mutating func add(_ event: EventSighting) {
        switch event {
        case .request(let packet): add("event request \(packet.body.command) \(packet.reqid)")
        case .reply(let packet):
            switch packet.body {
            case .run(let result): add("event reply run \(result)")
            case .status: add("event reply status")
            case .statusFailed(let result): add("event reply status failed \(result)")
            case .script(let result): add("event reply script \(result)")
            }
            add(" \(packet.reqid)")
        }
    }

    // MARK: Names

    private mutating func name(of operation: LegacyWire.Operation) -> [UInt8] {
        if let latest, latest.operation == operation { return latest.name }
        let name = operations[operation] ?? Array(operation.name.utf8)
        // What is made up does not fill memory.
        if operations.count < 64 { operations[operation] = name }
        latest = (operation, name)
        return name
    }

    private mutating func name(of opcode: ControlOpcode) -> [UInt8] {
        if let name = controls[opcode] { return name }
        let name = Array(opcode.description.utf8)
        if controls.count < 512 { controls[opcode] = name }
        return name
    }

    private mutating func name(of srvid: SrvID) -> [UInt8] {
        if let latestSrvid, latestSrvid.srvid == srvid { return latestSrvid.name }
        let name =
            srvids[srvid] ?? Array((srvid.name ?? "0x" + String(srvid.rawValue, radix: 16)).utf8)
        if srvids.count < 4_096 { srvids[srvid] = name }
        latestSrvid = (srvid, name)
        return name
    }

    /// Both ends, as they stand in a line.
    private mutating func way(from source: Endpoint?, to destination: Endpoint?) -> [UInt8] {
        let place = Way.place(source, destination)
        if let way = ways[place], way.source == source, way.destination == destination {
            return way.text
        }
        let text = [source, destination].map { $0?.description ?? "-" }.joined(separator: " > ")
        let way = Way(source: source, destination: destination, text: Array((text + "  ").utf8))
        ways[place] = way
        return way.text
    }

    private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// The day, counted from 1970, and the nanoseconds of the day.
    private static func split(_ time: CaptureTime?) -> (day: Int64?, nanoseconds: UInt64?) {
        guard let time else { return (nil, nil) }
        let length: Int64 = 86_400_000_000_000
        let (day, rest) = CalendarDay.divide(time.nanoseconds, by: length)
        return (day, UInt64(clamping: rest))
    }
}

/// Pieces of a line; who makes room for a line knows how long they can be.
extension OutputSpan<UInt8> {
    fileprivate mutating func add(_ text: String) {
        let bytes = text.utf8.span
        for place in bytes.indices { append(bytes[place]) }
    }

    fileprivate mutating func add(_ text: [UInt8]) {
        let bytes = text.span
        for place in bytes.indices { append(bytes[place]) }
    }

    fileprivate mutating func add(node: PNN) {
        if node.isNode { add(UInt64(node.rawValue)) } else { add(node.shortName) }
    }

    fileprivate mutating func add(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        add(number.magnitude)
    }

    /// At most twenty digits.
    fileprivate mutating func add(_ number: UInt64, width: Int = 1) {
        var digits = InlineArray<20, UInt8>(repeating: 0x20)
        var place = 20
        var rest = number
        repeat {
            place &-= 1
            digits[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest != 0
        for place in min(place, 20 &- width)..<20 { append(digits[place]) }
    }

    /// So many digits, zeros in front, of a number that has no more than nine.
    private mutating func add(digits count: Int, of number: UInt64) {
        var digits = InlineArray<9, UInt8>(repeating: 0x30)
        var rest = UInt32(truncatingIfNeeded: number)
        for place in stride(from: 8, through: 9 &- count, by: -1) {
            digits[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        for place in (9 &- count)..<9 { append(digits[place]) }
    }

    fileprivate mutating func add(hexadecimal number: UInt32) {
        for place in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> place & 0xF)
            append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        }
    }

    fileprivate mutating func add(clock nanoseconds: UInt64?) {
        guard let nanoseconds else { return add("                 -") }
        let seconds = nanoseconds / 1_000_000_000
        add(digits: 2, of: seconds / 3_600)
        append(UInt8(ascii: ":"))
        add(digits: 2, of: seconds / 60 % 60)
        append(UInt8(ascii: ":"))
        add(digits: 2, of: seconds % 60)
        append(UInt8(ascii: "."))
        add(digits: 9, of: nanoseconds % 1_000_000_000)
    }
}
