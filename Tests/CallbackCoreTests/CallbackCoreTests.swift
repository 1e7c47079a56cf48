// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import PeerWire
import Testing
import Vocabulary

/// Events in, effects out.
@Suite struct CallbackCoreTests {
    typealias Effect = CallbackCore.Effect
    typealias RunID = CallbackCore.RunID

    private var core = CallbackCore()

    private func at(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private func callback(
        _ name: String, _ topics: Set<ChangeTopic> = [.node], retries: Int = 2
    ) -> Callback {
        Callback(
            name: name, program: "/bin/\(name)", topics: topics, timeout: .seconds(10),
            retries: retries)
    }

    private func change(
        _ subject: String, _ state: String, _ topic: ChangeTopic = .node
    ) -> StateChange {
        StateChange(topic: topic, subject: subject, state: state, time: 1, details: [])
    }

    /// Takes an event, and gives the effects without the notes.
    private mutating func take(_ event: CallbackCore.Event, at milliseconds: UInt64 = 0) -> [Effect]
    {
        core.handle(event, at: at(milliseconds)).filter {
            if case .note = $0 { false } else { true }
        }
    }

    private mutating func end(
        _ run: UInt64, _ code: Int32 = 0, at milliseconds: UInt64 = 0
    ) -> [Effect] {
        take(
            .ended(RunID(run), .exited(code), output: [UInt8(ascii: "x")], time: 9),
            at: milliseconds)
    }

    private func start(
        _ run: UInt64, _ callback: Callback, _ change: StateChange, previous: String? = nil,
        attempt: Int = 1
    ) -> Effect {
        .start(
            RunID(run),
            .init(callback: callback, change: change, previous: previous, attempt: attempt))
    }

    @Test mutating func eachCallbackOfTheTopicIsTold() {
        let (first, second) = (callback("a"), callback("b"))
        _ = take(.configured([second, first, callback("c", [.leader])]))
        let down = change("1", "disconnected")
        #expect(
            take(.changed(down)) == [
                .save, start(1, first, down), start(2, second, down), .wake(at: at(10_000)),
            ])
        #expect(take(.changed(down)) == [])
        #expect(end(1) == [.save])
        let up = change("1", "ok")
        #expect(
            take(.changed(up)) == [.save, start(3, first, up, previous: "disconnected")])
        #expect(core.statuses.map(\.state) == [.running, .running])
        #expect(core.statuses.map(\.name) == ["a", "b"])
    }

    @Test mutating func theLastStateAlwaysArrives() {
        let one = callback("a")
        _ = take(.configured([one]))
        _ = take(.changed(change("1", "s0")))
        for number in 1...100 {
            #expect(take(.changed(change("1", "s\(number)"))) == [.save])
        }
        #expect(core.statuses.first?.passedOver == 99)
        #expect(
            end(1) == [
                .save, start(2, one, change("1", "s100"), previous: "s0"),
            ])
        #expect(end(2) == [.save])
        #expect(core.statuses.first?.state == .done)
        #expect(core.statuses.first?.runs == 2)
    }

    @Test mutating func aLateRunIsEndedAndTheLaterStateTold() {
        let one = callback("a")
        _ = take(.configured([one]))
        _ = take(.changed(change("1", "s0")))
        #expect(take(.wake, at: 9_999) == [.wake(at: at(10_000))])
        #expect(take(.wake, at: 10_000) == [.terminate(RunID(1)), .wake(at: at(12_000))])
        _ = take(.changed(change("1", "s1")), at: 11_000)
        #expect(take(.wake, at: 12_000) == [.kill(RunID(1))])
        #expect(
            take(.ended(RunID(1), .signalled(9), output: [], time: 9), at: 12_001) == [
                .save, start(2, one, change("1", "s1")), .wake(at: at(22_001)),
            ])
        #expect(core.statuses.first?.problem == "not in time")
    }

    @Test mutating func whatFailsIsTriedAgainWithLongerPauses() {
        let one = callback("a")
        let down = change("1", "down")
        _ = take(.configured([one]))
        _ = take(.changed(down))
        #expect(end(1, 3) == [.save, .wake(at: at(1000))])
        #expect(core.statuses.first?.state == .retrying)
        #expect(core.statuses.first?.problem == "exit code 3")
        #expect(core.statuses.first?.output == [UInt8(ascii: "x")])
        #expect(
            take(.wake, at: 1000) == [start(2, one, down, attempt: 2), .wake(at: at(11_000))])
        #expect(end(2, 3, at: 1000) == [.save, .wake(at: at(3000))])
        #expect(
            take(.wake, at: 3000) == [start(3, one, down, attempt: 3), .wake(at: at(13_000))])
        #expect(end(3, 3, at: 3000) == [.save])
        #expect(core.statuses.first?.state == .givenUp)
        // The next state is tried afresh.
        #expect(
            take(.changed(change("1", "up")), at: 4000) == [
                .save, start(4, one, change("1", "up")), .wake(at: at(14_000)),
            ])
    }

    @Test mutating func aCallbackThatCannotBeStartedFails() {
        _ = take(.configured([callback("a", retries: 0)]))
        _ = take(.changed(change("1", "down")))
        #expect(
            take(.ended(RunID(1), .notStarted("No such file"), output: [], time: 9)) == [.save])
        #expect(core.statuses.first?.state == .givenUp)
        #expect(core.statuses.first?.problem == "No such file")
    }

    @Test mutating func soManyRunAtOnceAndNoMore() {
        core = CallbackCore(runLimit: 2)
        let one = callback("a")
        _ = take(.configured([one]))
        for number in 0..<4 { _ = take(.changed(change("\(number)", "down"))) }
        #expect(core.statuses.map(\.state) == [.running, .running, .waiting, .waiting])
        #expect(end(2) == [.save, start(3, one, change("2", "down"))])
        #expect(end(1) == [.save, start(4, one, change("3", "down"))])
    }

    @Test mutating func anotherLifeTellsWhatWasNotTold() {
        _ = take(.configured([callback("a"), callback("b")]))
        _ = take(.changed(change("1", "down")))
        _ = take(.changed(change("2", "down")))
        _ = end(1)
        let saved = core.saved
        #expect(saved.map { $0.told.map(\.value) } == [["a"], []])
        core = CallbackCore()
        _ = take(.configured([callback("a"), callback("b")]))
        #expect(take(.restored(saved)) == [.wake(at: at(3000))])
        // What is seen meanwhile is told at once, or is no change.
        #expect(take(.changed(change("1", "down")), at: 1000) == [])
        let up = change("2", "up")
        #expect(
            take(.changed(up), at: 1000) == [
                .save, start(1, callback("a"), up), start(2, callback("b"), up),
            ])
        #expect(
            take(.wake, at: 3000) == [
                start(3, callback("b"), change("1", "down")), .wake(at: at(11_000)),
            ])
    }

    @Test mutating func aNewCallbackLearnsOfEverything() {
        let one = callback("a")
        _ = take(.configured([one]))
        _ = take(.changed(change("1", "down")))
        _ = end(1)
        let other = callback("b", [.node, .leader])
        #expect(
            take(.configured([one, other])) == [.save, start(2, other, change("1", "down"))])
        #expect(take(.configured([one])) == [.terminate(RunID(2)), .save])
        #expect(end(2) == [])
        #expect(core.statuses.map(\.name) == ["a"])
    }

    @Test mutating func subjectsAreBounded() {
        _ = take(.configured([callback("a")]))
        for number in 0...CallbackCore.subjectLimit {
            _ = take(.changed(change("\(number)", "down")))
        }
        #expect(core.states.count == CallbackCore.subjectLimit)
        #expect(!core.states.contains { $0.subject == "0" })
        #expect(core.statuses.count == CallbackCore.subjectLimit)
    }

    /// Whatever happens in whatever order: when changes cease, all is told or given up.
    @Test(arguments: 0..<200 as Range<UInt64>)
    mutating func anyOrderOfEventsEndsWell(seed: UInt64) {
        var random = Random(state: seed)
        core = CallbackCore(runLimit: 3)
        var running: [RunID] = []
        var now: UInt64 = 0
        var last: [String: String] = [:]
        var told: [String: [String: String]] = [:]
        var launches: [RunID: CallbackCore.Launch] = [:]
        func collect(_ effects: [Effect]) {
            for effect in effects {
                if case .start(let run, let launch) = effect {
                    // One run of a telling at a time.
                    let isAlone = !running.contains {
                        launches[$0]?.callback.name == launch.callback.name
                            && launches[$0]?.change.subject == launch.change.subject
                    }
                    #expect(isAlone)
                    running.append(run)
                    launches[run] = launch
                }
            }
            #expect(running.count <= 3)
        }
        func finish(_ run: RunID, _ code: Int32) -> CallbackCore.Event {
            running.removeAll { $0 == run }
            if code == 0, let launch = launches[run] {
                told[launch.callback.name, default: [:]][launch.change.subject] =
                    launch.change.state
            }
            return .ended(run, .exited(code), output: [], time: now)
        }
        collect(take(.configured([callback("a", retries: 100), callback("b", retries: 100)])))
        for _ in 0..<300 {
            now += random.below(500)
            switch random.below(4) {
            case 0, 1:
                let subject = "\(random.below(5))"
                let state = "\(random.below(4))"
                last[subject] = state
                collect(take(.changed(change(subject, state)), at: now))
            case 2 where !running.isEmpty:
                let run = running[Int(random.below(UInt64(running.count)))]
                collect(take(finish(run, random.below(3) == 0 ? 1 : 0), at: now))
            default: collect(take(.wake, at: now))
            }
        }
        for _ in 0..<200 {
            now += 60_000
            collect(take(.wake, at: now))
            while let run = running.first { collect(take(finish(run, 0), at: now)) }
        }
        #expect(told["a"] == last)
        #expect(told["b"] == last)
        #expect(core.statuses.allSatisfy { $0.state == .done })
    }
}

/// SplitMix64.
private struct Random {
    var state: UInt64

    mutating func below(_ bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (z ^ (z >> 31)) % bound
    }
}
