// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import Foundation
import Glibc
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// The distribution's event daemon, whose sockets are borrowed and given back.
@Suite(.serialized, .enabled(if: LegacyLender.isPossible, LegacyLender.reason))
struct BorrowerTests {
    let lender: LegacyLender
    let bench: BorrowingBench

    init() throws {
        lender = try LegacyLender()
        bench = try BorrowingBench(lender)
    }

    private static func run(_ event: String, _ timeout: UInt32 = 30) -> EventRequest {
        .run(
            EventRunRequest(
                component: "legacy", event: event, arguments: nil, timeoutSeconds: timeout,
                flags: 0))
    }

    private static func status(_ event: String) -> EventRequest {
        .status(EventStatusRequest(component: "legacy", event: event))
    }

    /// What comes over a connection that the legacy daemon serves.
    private func answer(to client: TestClient) throws -> EventReply {
        let end = EventLoop.clock().advanced(byMilliseconds: 30_000)
        while EventLoop.clock() < end {
            if let reply = try client.receive() { return reply }
            sched_yield()
        }
        throw TestTrouble.noAnswer
    }

    @Test func eventsRunHereAndThenThereAndEachOnce() throws {
        try lender.markingScript()
        for round in 0..<3 {
            try lender.ctdbd.send(Self.run("there\(round)"))
            #expect(try answer(to: lender.ctdbd) == .run(result: 0))
            try bench.become(.native)
            #expect(lender.state == "t")
            try lender.ctdbd.send(Self.run("here\(round)"))
            #expect(try bench.answer(to: lender.ctdbd) == .run(result: 0))
            try bench.become(.legacy)
            #expect(lender.state != "t")
        }
        let events = (0..<3).flatMap { ["there\($0)", "here\($0)"] }
        #expect(lender.marks == events.flatMap { ["begin \($0)", "end \($0)"] })
    }

    @Test func whatTheLegacyDaemonRememberedIsKnownHere() throws {
        try lender.script("10.says.script", "echo said; exit 3")
        try lender.ctdbd.send(Self.run("startup"))
        #expect(try answer(to: lender.ctdbd) == .run(result: 8))
        try lender.ctdbd.send(Self.status("startup"))
        let before = try answer(to: lender.ctdbd)
        try bench.become(.native)
        try lender.ctdbd.send(Self.status("startup"))
        #expect(try bench.answer(to: lender.ctdbd) == before)
        // What has run here since is not overwritten by what the other one remembers of earlier.
        try lender.script("10.says.script", "echo more; exit 0")
        try lender.ctdbd.send(Self.run("startup"))
        #expect(try bench.answer(to: lender.ctdbd) == .run(result: 0))
        try bench.become(.shadow)
        try bench.become(.native)
        #expect(
            try bench.ask(Self.status("startup")).scripts?.map(\.output) == ["more\n"])
    }

    @Test func itIsTakenOverOnlyBetweenEvents() throws {
        let go = lender.scratch.file("go")
        try lender.markingScript("until [ -e \(go) ]; do sleep 0.02; done")
        try lender.ctdbd.send(Self.run("slow"))
        bench.enter(.native)
        try bench.turn(until: "it says why it waits") { !bench.news.isEmpty }
        guard case .failed(.native, let reason)? = bench.news.first else {
            throw TestTrouble.never("\(bench.news)")
        }
        #expect(reason.contains("runs a script: process "), "\(reason)")
        try lender.scratch.write("", to: "go")
        try bench.become(.native)
        #expect(try answer(to: lender.ctdbd) == .run(result: 0))
        #expect(lender.marks == ["begin slow", "end slow"])
    }

    @Test func whatRunsIsFinishedBeforeItIsGivenBack() throws {
        let go = lender.scratch.file("go")
        try lender.markingScript("until [ -e \(go) ]; do sleep 0.02; done")
        try bench.become(.native)
        try lender.ctdbd.send(Self.run("first"))
        try bench.turn(until: "it runs") { lender.marks == ["begin first"] }
        // What comes while it is given back is run here too, or there, but once.
        bench.enter(.legacy)
        try lender.ctdbd.send(Self.run("second"))
        try bench.loop.iterate(until: EventLoop.clock().advanced(byMilliseconds: 50))
        #expect(lender.state == "t")
        try lender.scratch.write("", to: "go")
        #expect(try bench.answer(to: lender.ctdbd) == .run(result: 0))
        #expect(try bench.answer(to: lender.ctdbd) == .run(result: 0))
        try bench.turn(until: "it is given back") { bench.news.contains(.entered(.legacy)) }
        #expect(lender.marks == ["begin first", "end first", "begin second", "end second"])
    }

    @Test func monitorGivesWayAndEveryRequestIsTakenAway() throws {
        try lender.markingScript("[ $1 != monitor ] || sleep 60")
        try bench.become(.native)
        try lender.ctdbd.send(Self.run("monitor"))
        try bench.turn(until: "it runs") { lender.marks == ["begin monitor"] }
        // The answer to the question comes before that to the event in front of it.
        try lender.ctdbd.send(Self.status("nothing"))
        #expect(try bench.answer(to: lender.ctdbd) == .statusFailed(result: 22))
        try lender.ctdbd.send(Self.run("takeip"))
        #expect(try bench.answer(to: lender.ctdbd) == .run(result: 125))
        #expect(try bench.answer(to: lender.ctdbd) == .run(result: 0))
        try bench.become(.legacy)
        // Had something been left, the legacy daemon would answer it now, in front of this.
        try lender.ctdbd.send(Self.run("after"))
        #expect(try answer(to: lender.ctdbd) == .run(result: 0))
        #expect(
            lender.marks == [
                "begin monitor", "begin takeip", "end takeip", "begin after",
                "end after",
            ])
    }

    @Test func whatWasNotFinishedIsRunByTheLegacyDaemon() throws {
        let go = lender.scratch.file("go")
        try lender.markingScript("until [ -e \(go) ]; do sleep 0.02; done")
        try bench.become(.native)
        try lender.ctdbd.send(Self.run("cut"))
        try bench.turn(until: "it runs") { lender.marks == ["begin cut"] }
        bench.close()
        try lender.scratch.write("", to: "go")
        #expect(try answer(to: lender.ctdbd) == .run(result: 0))
        #expect(lender.marks == ["begin cut", "begin cut", "end cut"])
    }

    // MARK: Clients

    @Test func othersConnectAsEver() throws {
        try lender.markingScript()
        let early = try TestClient(lender.paths.socket)
        try early.send(Self.status("x"))
        #expect(try answer(to: early) == .statusFailed(result: 22))
        try bench.become(.native)
        let late = try (0..<20).map { _ in
            let client = try TestClient(lender.paths.socket)
            try client.send(Self.status("x"))
            #expect(try bench.answer(to: client) == .statusFailed(result: 22))
            return client
        }
        try early.send(Self.run("y"))
        #expect(try bench.answer(to: early) == .run(result: 0))
        try bench.become(.legacy)
        #expect(late.allSatisfy(\.isClosed) && !early.isClosed)
        try early.send(Self.run("z"))
        #expect(try answer(to: early) == .run(result: 0))
        #expect(lender.marks == ["y", "z"].flatMap { ["begin \($0)", "end \($0)"] })
    }

    @Test func aRequestMayComeInPieces() throws {
        try lender.markingScript()
        try bench.become(.native)
        let bytes = try EventPacket(reqid: Reqid(rawValue: 7), body: Self.run("slowly"))
            .encode(layout: .native)
        for byte in bytes + bytes {
            try lender.ctdbd.send(bytes: [byte])
            try bench.loop.iterate(until: EventLoop.clock())
        }
        for _ in 0..<2 { #expect(try bench.answer(to: lender.ctdbd) == .run(result: 0)) }
        // One of which half has come is the legacy daemon's to finish.
        try lender.ctdbd.send(bytes: Array(bytes.prefix(20)))
        try bench.become(.legacy)
        try lender.ctdbd.send(bytes: Array(bytes.dropFirst(20)))
        #expect(try answer(to: lender.ctdbd) == .run(result: 0))
        #expect(lender.marks.count == 6)
    }

    @Test func whoGoesWhileItsEventRunsIsNotAskedAgain() throws {
        try lender.markingScript("sleep 0.3")
        do {
            let client = try TestClient(lender.paths.socket)
            try client.send(Self.status("x"))
            #expect(try answer(to: client) == .statusFailed(result: 22))
            try bench.become(.native)
            try client.send(Self.run("gone"))
            try bench.turn(until: "it runs") { lender.marks == ["begin gone"] }
        }
        try bench.become(.legacy)
        try lender.ctdbd.send(Self.status("x"))
        #expect(try answer(to: lender.ctdbd) == .statusFailed(result: 22))
        #expect(lender.marks == ["begin gone", "end gone"])
    }

    @Test(
        arguments: [
            [3, 0, 0, 0], [255, 255, 255, 127, 0, 0, 0, 0],
            [16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0],
        ] as [[UInt8]])
    func whoLiesIsLeft(bytes: [UInt8]) throws {
        let liar = try TestClient(lender.paths.socket)
        try liar.send(Self.status("x"))
        #expect(try answer(to: liar) == .statusFailed(result: 22))
        try bench.become(.native)
        try liar.send(bytes: bytes)
        try bench.turn(until: "the connection ends") { liar.isClosed }
        try lender.ctdbd.send(Self.status("x"))
        #expect(try bench.answer(to: lender.ctdbd) == .statusFailed(result: 22))
        try bench.become(.legacy)
        try lender.ctdbd.send(Self.status("x"))
        #expect(try answer(to: lender.ctdbd) == .statusFailed(result: 22))
    }

    // MARK: Signals and ends

    @Test func aDaemonThatIsAskedToEndEnds() throws {
        try lender.markingScript("sleep 60")
        try bench.become(.native)
        try lender.ctdbd.send(Self.run("monitor"))
        try bench.turn(until: "it runs") { lender.marks == ["begin monitor"] }
        #expect(kill(lender.process.pid, SIGTERM) == 0)
        try bench.turn(until: "it is let go") {
            bench.news.contains { if case .dropped = $0 { true } else { false } }
        }
        try bench.turn(until: "it ends") { lender.hasEnded }
        #expect(!lender.scratch.exists("run/eventd.socket"))
    }

    @Test func itsLogIsOpenedAgainHereToo() throws {
        try bench.become(.native)
        try lender.scratch.remove("own.log")
        #expect(kill(lender.process.pid, SIGHUP) == 0)
        try lender.script("10.fails.script", "exit 1")
        try bench.turn(until: "there is another file") {
            try lender.ctdbd.send(Self.run("x"))
            _ = try bench.answer(to: lender.ctdbd)
            return lender.scratch.exists("own.log")
        }
    }

    @Test func aDaemonThatIsKilledIsMissed() throws {
        try bench.become(.native)
        #expect(kill(lender.process.pid, SIGKILL) == 0)
        try bench.turn(until: "it is noticed") {
            bench.news.contains { if case .dropped = $0 { true } else { false } }
        }
        try bench.turn(until: "ctdbd hears of it") { lender.ctdbd.isClosed }
        try bench.turn(until: "it is gone") { lender.hasEnded }
    }

    @Test func whatCannotBeRunHereIsRunThere() throws {
        try lender.markingScript()
        try bench.become(.native)
        // The folder that scripts are started in is gone, which the legacy daemon does not mind.
        try lender.scratch.remove("cwd")
        try lender.ctdbd.send(Self.run("x"))
        try bench.turn(until: "it is given up") {
            bench.news.contains { if case .dropped = $0 { true } else { false } }
        }
        #expect(try answer(to: lender.ctdbd) == .run(result: 0))
        #expect(lender.marks == ["begin x", "end x"])
        #expect(bench.news.contains(.ran(.error, overhead: .zero)))
    }
}

extension EventReply {
    /// The scripts of a status.
    var scripts: [EventScriptResult]? {
        if case .status(let status) = self { status.scripts } else { nil }
    }
}
