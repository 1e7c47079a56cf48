// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Replay
import Vocabulary

/// Makes captures of conversations, packet by packet.
struct Scene {
    static let generation = Generation(rawValue: 77)
    private(set) var reader = ScriptReader()
    private var number: UInt64 = 0
    private var questions: [Reqid: SeenRequest] = [:]
    /// Milliseconds since the beginning.
    var time: Int64 = 0

    var script: ReplayScript { reader.script }

    static func endpoint(_ client: UInt16) -> Endpoint {
        Endpoint(address: .ipv4(0x7F00_0001), port: client)
    }

    /// A packet that was seen.
    mutating func see(
        _ client: UInt16, isSent: Bool, _ reqid: UInt32, _ body: LegacyPacket.Body,
        to destination: PNN = .current, comments: [String] = []
    ) throws {
        number += 1
        let packet = LegacyPacket(
            generation: isSent ? Generation(rawValue: 0) : Self.generation,
            destination: destination, source: PNN(rawValue: 0), reqid: Reqid(rawValue: reqid),
            body: body)
        let bytes = try packet.encode(layout: .native)
        let key = Reqid(rawValue: reqid &+ UInt32(client) << 16)
        let request = isSent ? nil : questions[key]
        let sighting = LegacySighting(
            bytes: bytes[...], layout: .native, packet: packet, request: request)
        if isSent {
            questions[key] = SeenRequest(
                number: number, time: nil, operation: packet.operation, opcode: sighting.opcode,
                srvid: nil, database: sighting.database)
        }
        let ends = [Self.endpoint(client), Self.endpoint(ClientNote.daemonPort)]
        reader.take(
            Sighting(
                number: number, time: CaptureTime(nanoseconds: time * 1_000_000),
                source: isSent ? ends[0] : ends[1], destination: isSent ? ends[1] : ends[0],
                comments: comments, content: .legacy(sighting)),
            isRelayed: true)
    }

    /// A control of a client.
    mutating func ask(
        _ client: UInt16, _ reqid: UInt32, _ request: ControlRequest, to node: PNN = .current,
        flags: RequestControl.Flags = [], comments: [String] = []
    ) throws {
        try see(
            client, isSent: true, reqid,
            .requestControl(try request.encode(layout: .native, flags: flags)), to: node,
            comments: comments)
    }

    /// The answer to a control.
    mutating func answer(_ client: UInt16, _ reqid: UInt32, _ reply: ControlReply) throws {
        try see(
            client, isSent: false, reqid, .replyControl(try reply.encode(layout: .native)),
            to: PNN(rawValue: 0))
    }

    /// A message of a client, or to one.
    mutating func message(
        _ client: UInt16, isSent: Bool, _ srvid: SrvID, _ data: [UInt8]
    ) throws {
        try see(
            client, isSent: isSent, 0,
            .requestMessage(RequestMessage(srvid: srvid, data: data[...])))
    }

    /// A daemon of another cluster that is much the same.
    static var target: ReplayTarget {
        ReplayTarget(
            ownNode: PNN(rawValue: 0), nodes: (0..<3).map { PNN(rawValue: $0) },
            generation: Generation(rawValue: 99), databases: [:], rsnFloor: 1_000, pid: 4_242)
    }
}

/// Plays a script to a made-up daemon, with made-up time.
struct Theatre {
    var machine: ReplayMachine
    var now = Instant(nanoseconds: 1_000_000_000)
    /// What was done, in order: `connect 0`, `send 0 ping`, `close 0`, `finished`.
    var log: [String] = []
    /// The packets that were sent, by the client.
    var sent: [(client: Int, packet: LegacyPacket)] = []
    private var wakeAt: Instant?

    init(
        _ script: ReplayScript, _ target: ReplayTarget = Scene.target,
        skipping skipped: Set<Int> = [],
        _ configure: (inout ReplayMachine.Settings) -> Void = { _ in }
    ) {
        var settings = ReplayMachine.Settings()
        configure(&settings)
        machine = ReplayMachine(
            script, ReplayBindings(script, to: target), skipping: skipped, settings: settings)
    }

    var isFinished: Bool { log.last == "finished" }

    /// Something happens; connections are there at once.
    mutating func happen(_ event: ReplayMachine.Event) throws {
        var events = [event]
        while !events.isEmpty {
            for effect in machine.handle(events.removeFirst(), at: now) {
                switch effect {
                case .connect(let client):
                    log.append("connect \(client)")
                    events.append(.connected(client))
                case .send(let client, let bytes):
                    let packet = try LegacyPacket.decode(bytes[...], layout: .native)
                    sent.append((client, packet))
                    log.append("send \(client) \(Self.name(packet))")
                case .close(let client): log.append("close \(client)")
                case .wake(let instant): wakeAt = instant
                case .finished: log.append("finished")
                }
            }
        }
    }

    /// The daemon answers something that was sent.
    mutating func answer(_ place: Int, _ reply: ControlReply) throws {
        let question = sent[place]
        let packet = LegacyPacket(
            generation: Generation(rawValue: 99), destination: PNN(rawValue: 0),
            source: PNN(rawValue: 0), reqid: question.packet.reqid,
            body: .replyControl(try reply.encode(layout: .native)))
        try happen(.received(question.client, try packet.encode(layout: .native)[...]))
    }

    mutating func message(_ client: Int, _ srvid: SrvID, _ data: [UInt8]) throws {
        let packet = LegacyPacket(
            destination: PNN(rawValue: 0), reqid: Reqid(rawValue: 0),
            body: .requestMessage(RequestMessage(srvid: srvid, data: data[...])))
        try happen(.received(client, try packet.encode(layout: .native)[...]))
    }

    /// Time passes until the machine wants to be woken.
    mutating func rest() throws -> UInt64? {
        guard let instant = wakeAt else { return nil }
        wakeAt = nil
        let passed = instant > now ? instant.nanoseconds - now.nanoseconds : 0
        now = max(now, instant)
        try happen(.wake)
        return passed / 1_000_000
    }

    private static func name(_ packet: LegacyPacket) -> String {
        switch packet.body {
        case .requestControl(let control): "\(control.opcode)"
        case .requestMessage(let message): "message \(message.srvid)"
        default: "\(packet.operation)"
        }
    }
}
