// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import Callbacks
import PeerWire
import Sockets
import Testing
import Vocabulary

/// Real programs, good and bad.
@Suite struct CallbackProgramTests {
    private let bench: CallbackBench

    init() throws { bench = try CallbackBench() }

    @Test func aProgramIsToldOnItsInputAndInItsEnvironment() throws {
        let path = try bench.script(
            "tell", "cat; env | grep '^CTDB_CHANGE\\|^CTDB_CALLBACK' | sort")
        bench.start([bench.callback("tell", path)])
        bench.callbacks.node = PNN(rawValue: 2)
        bench.tell("1", "disconnected", details: [.init(name: "flags", value: "a\"b")])
        let status = try bench.waitForEnd("tell")
        #expect(status.state == .done)
        #expect(
            String(decoding: status.output, as: UTF8.self) == """
                {"schema":"ctdb.change/1","callback":"tell","topic":"node","subject":"1",\
                "state":"disconnected","previous":null,"time_milliseconds":5,"node":2,\
                "attempt":1,"details":{"flags":"a\\"b"}}
                CTDB_CALLBACK=tell
                CTDB_CHANGE_ATTEMPT=1
                CTDB_CHANGE_DETAIL_FLAGS=a"b
                CTDB_CHANGE_NODE=2
                CTDB_CHANGE_PREVIOUS=
                CTDB_CHANGE_STATE=disconnected
                CTDB_CHANGE_SUBJECT=1
                CTDB_CHANGE_TIME_MILLISECONDS=5
                CTDB_CHANGE_TOPIC=node

                """)
    }

    @Test func aProgramThatHangsIsEnded() throws {
        // One that minds SIGTERM, and one that does not; and their children.
        let gentle = try bench.script("gentle", "sleep 1000")
        let stubborn = try bench.script("stubborn", "trap '' TERM; while :; do sleep 1000; done")
        bench.start([
            bench.callback("gentle", gentle, retries: 0),
            bench.callback("stubborn", stubborn, retries: 0),
        ])
        bench.tell("1", "ok")
        for name in ["gentle", "stubborn"] {
            let status = try bench.waitForEnd(name)
            #expect(status.state == .givenUp)
            #expect(status.problem == "not in time")
        }
    }

    @Test func aProgramThatFailsIsTriedAgain() throws {
        let mark = bench.scratch.file("mark")
        let path = try bench.script(
            "third", "echo x >>\(mark); echo no; [ $(wc -l <\(mark)) -ge 3 ]")
        bench.start([bench.callback("third", path, retries: 5, delay: .milliseconds(1))])
        bench.tell("1", "ok")
        let status = try bench.waitForEnd("third")
        #expect(status.state == .done)
        #expect(status.runs == 3)
        #expect(status.output == Array("no\n".utf8))
    }

    @Test func aProgramThatIsMissingOrNoneIsNamed() throws {
        let text = bench.scratch.file("text")
        try bench.scratch.write(Array("no program".utf8), to: "text")
        bench.start([
            bench.callback("missing", bench.scratch.file("missing"), retries: 0),
            bench.callback("text", text, retries: 0),
            bench.callback("folder", bench.scratch.path, retries: 0),
        ])
        bench.tell("1", "ok")
        #expect(try bench.waitForEnd("missing").problem == "No such file or directory")
        #expect(try bench.waitForEnd("text").problem == "Permission denied")
        #expect(try bench.waitForEnd("folder").problem == "Permission denied")
    }

    @Test func aFloodOfOutputIsNotKept() throws {
        let path = try bench.script("flood", "head -c 30000000 /dev/zero | tr '\\0' x")
        bench.start([bench.callback("flood", path)])
        bench.tell("1", "ok")
        let status = try bench.waitForEnd("flood")
        #expect(status.state == .done)
        #expect(status.output == [UInt8](repeating: UInt8(ascii: "x"), count: 4096))
    }

    @Test func whoDoesNotReadItsInputKeepsNobodyWaiting() throws {
        let path = try bench.script("deaf", "exec <&-; exit 0")
        bench.start([bench.callback("deaf", path)])
        let long = String(repeating: "x", count: 1000)
        bench.tell(
            "1", "ok", details: (0..<32).map { .init(name: "d\($0)", value: long) })
        #expect(try bench.waitForEnd("deaf").state == .done)
    }

    @Test func childrenThatGoOnKeepNobodyWaiting() throws {
        let path = try bench.script("fork", "sleep 1000 & echo started; exit 0")
        bench.start([bench.callback("fork", path)])
        bench.tell("1", "ok")
        let status = try bench.waitForEnd("fork")
        #expect(status.state == .done)
        #expect(status.output == Array("started\n".utf8))
    }

    @Test func theLastStateArrivesHoweverFastStatesChange() throws {
        let record = bench.scratch.file("record")
        let path = try bench.script("slow", "echo $CTDB_CHANGE_STATE >>\(record)")
        bench.start([bench.callback("slow", path)])
        for number in 0..<50 { bench.tell("1", "s\(number)") }
        try bench.wait("the last state") {
            let text = (try? SmallFile.read(record, limit: 10_000)) ?? []
            return String(decoding: text, as: UTF8.self).hasSuffix("s49\n")
        }
        let lines = String(
            decoding: try SmallFile.read(record, limit: 10_000), as: UTF8.self
        ).split(separator: "\n")
        #expect(lines.first == "s0")
        #expect(lines.count < 50)
    }

    @Test func anotherLifeTellsWhatWasNotTold() throws {
        let record = bench.scratch.file("record")
        let hanging = try bench.script("a", "sleep 1000")
        bench.start([bench.callback("a", hanging)])
        bench.tell("1", "down")
        try bench.wait("the run") { bench.status("a")?.state == .running }
        bench.callbacks.close()
        // The next life: the program is a better one now.
        let again = try CallbackBench(sharing: bench.scratch)
        let good = try again.script("a", "echo $CTDB_CHANGE_STATE >>\(record)")
        again.start([again.callback("a", good)])
        try again.wait("the state") { again.status("a")?.state == .done }
        #expect(try SmallFile.read(record, limit: 100) == Array("down\n".utf8))
        // A third one has nothing to tell.
        let third = try CallbackBench(sharing: bench.scratch)
        third.start([third.callback("a", good)])
        #expect(third.status("a")?.state == .done)
        #expect(third.status("a")?.runs == 0)
    }

    @Test func aFileThatIsDamagedIsReportedAndLeftBehind() throws {
        try bench.scratch.write([1, 2, 3], to: "callbacks.state")
        var isNoted = false
        bench.callbacks.noted = { note in
            if case .notRestored = note { isNoted = true }
        }
        let path = try bench.script("a", "exit 0")
        bench.start([bench.callback("a", path)])
        #expect(isNoted)
        bench.tell("1", "ok")
        #expect(try bench.waitForEnd("a").state == .done)
    }

    @Test func whatCannotBeKeptIsSaid() throws {
        let other = try CallbackBench(path: "/nonexistent/folder/callbacks.state")
        other.start([])
        #expect(
            !other.callbacks.take(
                StateChange(topic: .node, subject: "1", state: "ok", time: 1, details: [])))
    }
}
