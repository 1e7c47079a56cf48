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
    /// The lines so far; take them, and go on.
    public private(set) var bytes: [UInt8] = []
    private var day: Int64?
    private var endpoints: [Endpoint: [UInt8]] = [:]
    private var operations: [LegacyWire.Operation: [UInt8]] = [:]
    private var controls: [ControlOpcode: [UInt8]] = [:]
    private var srvids: [SrvID: [UInt8]] = [:]

    /// Starts without a line.
    public init() {}

    /// Takes the lines that have been made.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return taken
    }

    /// Adds the line of a sighting.
    public mutating func add(_ sighting: Sighting) {
        let (date, nanoseconds) = Self.split(sighting.time)
        if let date, date != day {
            day = date
            add("--- ")
            add(CalendarDay(daysAfter1970: date).text)
            add(" UTC\n")
        }
        add(sighting.number, width: 7)
        add(" ")
        add(clock: nanoseconds)
        add(" ")
        add(sighting.source)
        add(" > ")
        add(sighting.destination)
        add("  ")
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
        add("\n")
    }

    // MARK: What is said

    private mutating func add(_ legacy: LegacySighting, at time: CaptureTime?) {
        let packet = legacy.packet
        add(node: packet.source)
        add(" > ")
        add(node: packet.destination)
        add(" ")
        add(name(of: packet.operation))
        if let opcode = legacy.opcode {
            add(" ")
            add(name(of: opcode))
        }
        if packet.reqid.rawValue != 0 {
            add(" reqid ")
            add(UInt64(packet.reqid.rawValue))
        }
        if let srvid = legacy.srvid {
            add(" srvid ")
            add(name(of: srvid))
        }
        if let database = legacy.database {
            add(" db 0x")
            add(hexadecimal: database.rawValue)
        }
        if case .replyControl(let reply) = packet.body {
            add(" status ")
            add(Int64(reply.status))
        } else if case .replyCall(let reply) = packet.body {
            add(" status ")
            add(Int64(reply.status))
        }
        add(" ")
        add(UInt64(legacy.bytes.count))
        add(" bytes")
        if let request = legacy.request {
            add(" answers ")
            add(request.number)
            if let asked = request.time, let time {
                add(" after ")
                add(asked.distance(to: time) / 1_000)
                add(" us")
            }
        }
        if packet.operation == .requestMessage, legacy.srvid == .tunnelNewProtocol,
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
        if let name = operations[operation] { return name }
        let name = Array(operation.name.utf8)
        // What is made up does not fill memory.
        if operations.count < 64 { operations[operation] = name }
        return name
    }

    private mutating func name(of opcode: ControlOpcode) -> [UInt8] {
        if let name = controls[opcode] { return name }
        let name = Array(opcode.description.utf8)
        if controls.count < 512 { controls[opcode] = name }
        return name
    }

    private mutating func name(of srvid: SrvID) -> [UInt8] {
        if let name = srvids[srvid] { return name }
        let name = Array((srvid.name ?? "0x" + String(srvid.rawValue, radix: 16)).utf8)
        if srvids.count < 4_096 { srvids[srvid] = name }
        return name
    }

    private mutating func add(_ endpoint: Endpoint?) {
        guard let endpoint else { return add("-") }
        if let text = endpoints[endpoint] { return add(text) }
        let text = Array(endpoint.description.utf8)
        if endpoints.count < 4_096 { endpoints[endpoint] = text }
        add(text)
    }

    // MARK: Writing

    private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }
    private mutating func add(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    private mutating func add(node: PNN) {
        if node.isNode { add(UInt64(node.rawValue)) } else { add(node.shortName) }
    }

    private mutating func add(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        add(number.magnitude)
    }

    private mutating func add(_ number: UInt64, width: Int = 1, padding: UInt8 = 0x20) {
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest != 0
        while bytes.count &- start < width { bytes.append(padding) }
        bytes[start...].reverse()
    }

    private mutating func add(hexadecimal number: UInt32) {
        for place in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> place & 0xF)
            bytes.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        }
    }

    private mutating func add(clock nanoseconds: UInt64?) {
        guard let nanoseconds else { return add("                 -") }
        let seconds = nanoseconds / 1_000_000_000
        add(seconds / 3_600, width: 2, padding: 0x30)
        add(":")
        add(seconds / 60 % 60, width: 2, padding: 0x30)
        add(":")
        add(seconds % 60, width: 2, padding: 0x30)
        add(".")
        add(nanoseconds % 1_000_000_000, width: 9, padding: 0x30)
    }

    /// The day, counted from 1970, and the nanoseconds of the day.
    private static func split(_ time: CaptureTime?) -> (day: Int64?, nanoseconds: UInt64?) {
        guard let time else { return (nil, nil) }
        let length: Int64 = 86_400_000_000_000
        let (day, rest) = CalendarDay.divide(time.nanoseconds, by: length)
        return (day, UInt64(clamping: rest))
    }
}
