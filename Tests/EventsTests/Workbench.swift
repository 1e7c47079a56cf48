// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// A folder with event scripts, an event daemon that serves it on this thread, and its clients.
final class Workbench {
    let scratch: ScratchTree
    let paths: EventPaths
    let daemon: EventDaemon
    /// What has to live as long.
    var keeps: ScratchTree?

    /// Makes the folder, and starts the daemon.
    init(_ configure: (inout EventConfiguration) -> Void = { _ in }) throws {
        scratch = try ScratchTree()
        paths = EventPaths(
            configuration: scratch.path, run: scratch.path, hostName: "here")
        try scratch.makeFolder("events")
        try scratch.makeFolder("events/legacy")
        daemon = try Self.start(paths, configure)
    }

    deinit { daemon.close() }

    static func start(
        _ paths: EventPaths, parentID: Int32? = nil,
        _ configure: (inout EventConfiguration) -> Void = { _ in }
    ) throws -> EventDaemon {
        var configuration = EventConfiguration()
        configuration.logLocation = .file(paths.run + "/log")
        configuration.logLevel = .debug
        configure(&configuration)
        let log = try LegacyLog(
            configuration.logLocation, level: configuration.logLevel, name: "ctdb-eventd",
            hostName: paths.hostName)
        return try EventDaemon(
            configuration, paths: paths, log: log, parentID: parentID, reload: { nil })
    }

    /// Writes an event script for sh.
    func script(_ name: String, _ text: String, isExecutable: Bool = true) throws {
        try scratch.write("#!/bin/sh\n" + text + "\n", to: "events/legacy/\(name)")
        try scratch.setMode("events/legacy/\(name)", isExecutable ? 0o755 : 0o644)
    }

    /// What the log says, without the beginnings of its lines.
    var log: [String] {
        scratch.text("log").split(separator: "\n").map { line in
            line.split(separator: " ", maxSplits: 3).last.map(String.init) ?? ""
        }
    }

    func connect() throws -> TestClient { try TestClient(paths.socket) }

    /// Asks, and turns the daemon's loop until it has answered.
    func ask(_ request: EventRequest, within seconds: UInt64 = 20) throws -> EventReply {
        let client = try connect()
        try client.send(request)
        return try answer(to: client, within: seconds)
    }

    func answer(to client: TestClient, within seconds: UInt64 = 20) throws -> EventReply {
        let end = EventLoop.clock().advanced(byMilliseconds: seconds * 1000)
        while EventLoop.clock() < end {
            if let reply = try client.receive() { return reply }
            try daemon.turn(until: EventLoop.clock().advanced(byMilliseconds: 20))
        }
        throw TestTrouble.noAnswer
    }

    func run(
        _ event: String, _ arguments: String? = nil, timeout: UInt32 = 10, flags: UInt32 = 0
    ) throws -> Int32 {
        let request = EventRunRequest(
            component: "legacy", event: event, arguments: arguments, timeoutSeconds: timeout,
            flags: flags)
        guard case .run(let result) = try ask(.run(request)) else { throw TestTrouble.noAnswer }
        return result
    }

    func status(_ event: String) throws -> EventStatus {
        let request = EventStatusRequest(component: "legacy", event: event)
        guard case .status(let status) = try ask(.status(request)) else {
            throw TestTrouble.noAnswer
        }
        return status
    }

    /// Runs an event, and gives what each script came to.
    func outcomes(_ event: String, timeout: UInt32 = 10) throws -> [String] {
        _ = try run(event, timeout: timeout)
        return try status(event).scripts.map { "\($0.name ?? "?") \($0.result)" }
    }

    /// Turns the loop until something is so.
    func turn(until what: String, _ condition: () throws -> Bool) throws {
        let end = EventLoop.clock().advanced(byMilliseconds: 20_000)
        while try !condition() {
            guard EventLoop.clock() < end else { throw TestTrouble.never(what) }
            try daemon.turn(until: EventLoop.clock().advanced(byMilliseconds: 20))
        }
    }
}

/// What a test could not do.
enum TestTrouble: Error {
    case noAnswer
    case closed
    case never(String)
}

/// Somebody who talks to an event daemon.
final class TestClient {
    private let socket: StreamSocket
    private var framer = EventFramer(layout: .native)
    private var scratch = [UInt8](repeating: 0, count: 65_536)
    private var count: UInt32 = 0

    init(_ path: String) throws { socket = try StreamSocket(connectedTo: path) }

    func send(_ request: EventRequest) throws {
        count += 1
        try send(
            bytes: EventPacket(reqid: Reqid(rawValue: count), body: request)
                .encode(layout: .native))
    }

    func send(bytes: [UInt8]) throws {
        guard socket.write(bytes) == .wrote(bytes.count) else { throw TestTrouble.closed }
    }

    /// A reply, when one has come.
    func receive() throws -> EventReply? {
        switch socket.read(into: &scratch) {
        case .bytes(let bytes): framer.append(bytes)
        case .wouldBlock: break
        case .closed, .failed: throw TestTrouble.closed
        }
        return try framer.next().map { packet in
            try EventPacket<EventReply>.decode(packet, layout: .native).body
        }
    }

    /// Whether the daemon has ended the connection.
    var isClosed: Bool {
        switch socket.read(into: &scratch) {
        case .closed, .failed: true
        case .bytes, .wouldBlock: false
        }
    }
}
