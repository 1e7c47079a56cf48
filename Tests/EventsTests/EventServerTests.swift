// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// Clients, good and bad.
@Suite(.serialized) struct EventServerTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    static let missing = EventRequest.status(EventStatusRequest(component: "legacy", event: "x"))

    @Test func theSocketIsItsOwnersAlone() {
        #expect(bench.scratch.mode("eventd.socket") == 0o600)
        #expect(bench.scratch.mode("eventd.pid") == 0o644)
        #expect(bench.scratch.text("eventd.pid") == "\(Credentials.own.pid)\n")
    }

    @Test func aThousandClientsAreServed() throws {
        let clients = try (0..<100).flatMap { _ in
            let some = try (0..<10).map { _ in try bench.connect() }
            try bench.daemon.turn(until: EventLoop.clock())
            return some
        }
        #expect(clients.count == 1000)
        for client in clients { try client.send(Self.missing) }
        for client in clients {
            #expect(try bench.answer(to: client) == .statusFailed(result: 22))
        }
    }

    @Test func aRequestMayComeInPieces() throws {
        let bytes = try EventPacket(reqid: Reqid(rawValue: 5), body: Self.missing)
            .encode(layout: .native)
        let client = try bench.connect()
        for byte in bytes + bytes {
            try client.send(bytes: [byte])
            try bench.daemon.turn(until: EventLoop.clock())
        }
        #expect(try bench.answer(to: client) == .statusFailed(result: 22))
        #expect(try client.receive() == .statusFailed(result: 22))
    }

    @Test func whoGoesHalfWayThroughHarmsNobody() throws {
        let bytes = try EventPacket(reqid: Reqid(rawValue: 5), body: Self.missing)
            .encode(layout: .native)
        for count in 1..<bytes.count {
            let client = try bench.connect()
            try client.send(bytes: Array(bytes[..<count]))
            try bench.daemon.turn(until: EventLoop.clock())
        }
        #expect(try bench.ask(Self.missing) == .statusFailed(result: 22))
    }

    /// A length that lies, a command that there is not, text that goes beyond the packet.
    @Test(
        arguments: [
            [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], [3, 0, 0, 0], [255, 255, 255, 255],
            [255, 255, 255, 127, 1, 1, 1, 1],
            [16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0],
            [20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 255, 255, 255, 255],
            [12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        ] as [[UInt8]])
    func whoLiesIsLeft(bytes: [UInt8]) throws {
        let liar = try bench.connect()
        try liar.send(bytes: bytes)
        try bench.turn(until: "the connection ends") { liar.isClosed }
        #expect(bench.log.contains { $0.contains("Invalid packet") })
        #expect(try bench.ask(Self.missing) == .statusFailed(result: 22))
    }

    @Test func anEventGoesOnWhenItsClientIsGone() throws {
        try bench.script(
            "10.slow.script",
            "until [ -e \"\(bench.scratch.path)/go\" ]; do sleep 0.05; done; echo once")
        let request = EventRunRequest(
            component: "legacy", event: "x", arguments: nil, timeoutSeconds: 20, flags: 0)
        do {
            let client = try bench.connect()
            try client.send(.run(request))
            try bench.turn(until: "it runs") { !bench.scratch.processes.isEmpty }
        }
        try bench.scratch.write("", to: "go")
        try bench.turn(until: "it is remembered") {
            try bench.ask(Self.missing) != .statusFailed(result: 22)
        }
        #expect(try bench.status("x").scripts.map(\.output) == ["once\n"])
    }

    @Test func whoDoesNotReadIsReadNoMore() throws {
        try bench.script("10.talks.script", "head -c 200000 /dev/zero | tr '\\0' x")
        #expect(try bench.run("x") == 0)
        let client = try bench.connect()
        for _ in 0..<50 {
            try client.send(Self.missing)
            try bench.daemon.turn(until: EventLoop.clock())
        }
        // The others are served, and in the end so is the slow one.
        #expect(try bench.status("x").scripts.count == 1)
        for _ in 0..<50 {
            guard case .status = try bench.answer(to: client) else { throw TestTrouble.noAnswer }
        }
    }

    @Test func aScriptIsEnabledAndDisabled() throws {
        try bench.script("10.a.script", "exit 0")
        func change(_ script: String, _ action: EventScriptRequest.Action) throws -> EventReply {
            try bench.ask(
                .script(
                    EventScriptRequest(component: "legacy", script: script, action: action)))
        }
        #expect(try change("10.a", .disable) == .script(result: 0))
        #expect(bench.scratch.mode("events/legacy/10.a.script") == 0o644)
        #expect(try change("10.a.script", .enable) == .script(result: 0))
        #expect(bench.scratch.mode("events/legacy/10.a.script") == 0o755)
        #expect(try change("20.b", .enable) == .script(result: 2))
        try bench.scratch.write("", to: "events/legacy/wrong.script")
        #expect(try change("wrong", .enable) == .script(result: 22))
        try bench.scratch.link("events/legacy/30.link.script", to: "10.a.script")
        #expect(try change("30.link", .disable) == .script(result: 22))
        #expect(try change("../legacy/10.a", .disable) == .script(result: 2))
    }

    // MARK: Starts and ends

    @Test func aSecondDaemonSaysWhoIsThere() throws {
        // The lock of fcntl is a process's own, so that somebody else has to hold it.
        let lock = bench.scratch.file("other.pid")
        let holder = try ChildProcess(
            starting: Array("/usr/bin/python3".utf8),
            arguments: [
                "python3", "-c",
                "import fcntl,sys\nf=open('\(lock)','w')\nfcntl.lockf(f,fcntl.LOCK_EX)\n"
                    + "print('ready',flush=True)\nimport signal\nsignal.pause()",
            ].map { Array($0.utf8) })
        var room = [UInt8](repeating: 0, count: 64)
        try bench.turn(until: "it holds the lock") {
            if case .bytes = holder.read(into: &room) { return true }
            return false
        }
        do {
            _ = try PidFile(path: lock)
            Issue.record("the lock is not kept")
        } catch {
            #expect(error.errno == 17)
            #expect(
                error.advice == "another event daemon runs as process \(holder.pid): "
                    + "stop it first")
        }
        holder.killGroup()
        var ending: ChildProcess.Ending?
        try bench.turn(until: "it ends") {
            ending = ending ?? holder.reap()
            return ending != nil
        }
        // The number in a file that nobody has locked says nothing.
        try bench.scratch.write("1\n", to: "other.pid")
        let taken = try PidFile(path: lock)
        #expect(bench.scratch.text("other.pid") == "\(Credentials.own.pid)\n")
        #expect(taken.path == lock)
    }

    @Test func whatACrashLeftIsNoObstacle() throws {
        let other = try ScratchTree()
        try other.makeFolder("events")
        let directory = EventPaths(
            configuration: other.path, run: other.path, hostName: "here")
        do { _ = try StreamListener(boundTo: directory.socket + ".x") }
        try other.write("99999\n", to: "eventd.pid")
        let daemon = try Workbench.start(directory)
        #expect(other.exists("eventd.socket"))
        daemon.close()
        #expect(!other.exists("eventd.socket"))
    }

    @Test func theDaemonEndsWithItsParent() throws {
        let parent = try ChildProcess(
            starting: Array("/bin/sleep".utf8),
            arguments: [Array("sleep".utf8), Array("60".utf8)])
        let other = try ScratchTree()
        try other.makeFolder("events")
        let paths = EventPaths(configuration: other.path, run: other.path, hostName: "here")
        let daemon = try Workbench.start(paths, parentID: parent.pid)
        try daemon.turn(until: EventLoop.clock())
        #expect(!daemon.isEnding)
        parent.killGroup()
        for _ in 0..<1000 where !daemon.isEnding {
            try daemon.turn(until: EventLoop.clock().advanced(byMilliseconds: 20))
        }
        #expect(daemon.isEnding && daemon.end == .abandoned && daemon.end.exitCode == 3)
        #expect(other.text("log").contains("PID \(parent.pid) gone away, exiting"))
        _ = parent.reap()
        #expect(throws: SystemError.self) { try ProcessWatch(pid: .max) }
    }

    @Test func aFullDiskDoesNotStopEvents() throws {
        let full = try Workbench { $0.logLocation = .file("/dev/full") }
        try full.script("10.talks.script", "echo said; exit 3")
        #expect(try full.outcomes("x") == ["10.talks 3"])
        #expect(try full.status("x").scripts.first?.output == "said\n")
    }
}
