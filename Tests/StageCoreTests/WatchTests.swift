// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import StageCore
import Testing
import Vocabulary

/// A daemon's watch over itself, and the watch over it from outside.
@Suite struct WatchTests {
    @Test func errorsInARow() {
        var watch = FitnessWatch()
        #expect(watch.record(.error, latency: .zero, at: at(1)) == nil)
        #expect(watch.record(.error, latency: .zero, at: at(1)) == nil)
        #expect(watch.record(.good, latency: .zero, at: at(1)) == nil)
        #expect(watch.record(.error, latency: .zero, at: at(1)) == nil)
        #expect(watch.record(.error, latency: .zero, at: at(1)) == nil)
        #expect(watch.record(.error, latency: .zero, at: at(1)) == "3 errors in a row")
    }

    @Test func ratesCountFromSomeTasksOn() {
        var watch = FitnessWatch()
        for _ in 0..<18 { #expect(watch.record(.good, latency: .zero, at: at(1)) == nil) }
        #expect(watch.record(.mismatch, latency: .zero, at: at(2)) == nil)
        #expect(
            watch.record(.good, latency: .zero, at: at(2)) == "1 of 20 tasks had a wrong result")
        // A minute later that is forgotten.
        #expect(watch.record(.good, latency: .zero, at: at(70)) == nil)
        #expect(watch.tasks == 1)
        watch.reset()
        #expect(watch.tasks == 0)
    }

    @Test func slownessOfOneInAHundred() {
        var watch = FitnessWatch(settings: .init(latency: .milliseconds(100)))
        for number in 0..<200 {
            let problem = watch.record(
                .good, latency: number % 200 == 0 ? .seconds(3) : .milliseconds(1), at: at(1))
            if number >= 100 { #expect(problem == nil) }
        }
        #expect(watch.latencyMicroseconds == 1024)
        var problem: String?
        for _ in 0..<5 {
            problem = watch.record(.good, latency: .milliseconds(500), at: at(2))
        }
        #expect(problem == "one in a hundred of 205 tasks takes 262 ms or more")
    }

    // MARK: From outside

    private func watch(_ stage: Stage = .native) -> DeathWatch {
        var watch = DeathWatch()
        #expect(watch.handle(.recorded(.event, stage, epoch: 4), at: at(0)) == [])
        #expect(watch.handle(.answered(.event, pid: 7), at: at(0)) == [])
        return watch
    }

    @Test func aDaemonThatComesBackSoonIsForgiven() {
        var watch = watch()
        #expect(watch.handle(.ended(.event, pid: 7), at: at(1)) == [])
        #expect(watch.handle(.absent(.event), at: at(2)) == [])
        #expect(watch.handle(.answered(.event, pid: 8), at: at(3)) == [])
        #expect(watch.handle(.wake, at: at(60)) == [])
    }

    @Test func aDeadDaemonIsReversedOnce() {
        var watch = watch()
        #expect(watch.handle(.ended(.event, pid: 7), at: at(1)) == [])
        #expect(watch.handle(.absent(.event), at: at(10)) == [])
        // It may have come back by now.
        #expect(watch.handle(.wake, at: at(11)) == [])
        let reversal = DeathWatch.Effect.reverse(
            .event, epoch: 4, reason: "ctdb-eventd is not running")
        #expect(watch.handle(.absent(.event), at: at(11)) == [reversal])
        #expect(watch.handle(.wake, at: at(12)) == [])
        #expect(watch.handle(.notReversed(.event), at: at(13)) == [])
        #expect(watch.handle(.wake, at: at(14)) == [reversal])
        #expect(watch.handle(.recorded(.event, .shadow, epoch: 5), at: at(15)) == [])
        #expect(watch.handle(.wake, at: at(99)) == [])
    }

    @Test func aDaemonThatDiesAgainAndAgainIsReversed() {
        var watch = watch()
        for round in 0..<UInt32(2) {
            #expect(watch.handle(.ended(.event, pid: 7 + round), at: at(1)) == [])
            #expect(watch.handle(.answered(.event, pid: 8 + round), at: at(2)) == [])
        }
        #expect(
            watch.handle(.ended(.event, pid: 9), at: at(3)) == [
                .reverse(.event, epoch: 4, reason: "ctdb-eventd has died 3 times")
            ])
    }

    @Test func aDaemonThatHangsIsKilledAndReversed() {
        var watch = watch()
        #expect(watch.handle(.silent(.event), at: at(1)) == [])
        #expect(watch.handle(.silent(.event), at: at(30)) == [])
        #expect(
            watch.handle(.wake, at: at(31)) == [
                .kill(.event, pid: 7),
                .reverse(
                    .event, epoch: 4, reason: "ctdb-eventd did not answer, and was killed"),
            ])
        #expect(watch.handle(.ended(.event, pid: 7), at: at(32)) == [])
        #expect(watch.handle(.wake, at: at(60)) == [])
    }

    @Test func aDaemonThatHungBeforeItAnsweredIsKilledToo() {
        var watch = DeathWatch()
        _ = watch.handle(.recorded(.event, .native, epoch: 4), at: at(0))
        _ = watch.handle(.absent(.event), at: at(0))
        #expect(watch.handle(.silent(.event), at: at(1)) == [])
        #expect(watch.handle(.seen(.event, pid: 7), at: at(1)) == [])
        #expect(watch.handle(.silent(.event), at: at(20)) == [])
        #expect(watch.handle(.wake, at: at(31)).first == .kill(.event, pid: 7))
    }

    @Test(arguments: [Stage.legacy, .shadow, .finalised])
    func whatIsNotNativeIsNotReversed(stage: Stage) {
        var watch = watch(stage)
        #expect(watch.handle(.ended(.event, pid: 7), at: at(1)) == [])
        #expect(watch.handle(.absent(.event), at: at(999)) == [])
        // But one that hangs may hold ctdbd off from before.
        #expect(watch.handle(.answered(.event, pid: 8), at: at(1000)) == [])
        #expect(watch.handle(.silent(.event), at: at(1001)) == [])
        #expect(watch.handle(.silent(.event), at: at(1031)) == [.kill(.event, pid: 8)])
    }

    @Test func aDaemonThatWasNeverThereHasTheGraceToo() {
        var watch = DeathWatch()
        #expect(watch.handle(.absent(.event), at: at(0)) == [])
        #expect(watch.handle(.recorded(.event, .native, epoch: 4), at: at(100)) == [])
        #expect(watch.handle(.absent(.event), at: at(109)) == [])
        #expect(watch.handle(.absent(.event), at: at(110)).count == 1)
    }

    // MARK: The ledger

    @Test func differencesAreGroupedByField() {
        var ledger = ShadowLedger()
        ledger.begin(at: 5)
        ledger.compare([], subject: "a", replay: "", time: 6) { [1] }
        for number in 0..<UInt64(20) {
            ledger.compare(
                [
                    .init(field: "node", legacy: "0", own: "\(number)"),
                    .init(field: "reason", legacy: "x", own: "y"),
                ], subject: "10.0.0.1", replay: "ctdb ip plan --state -", time: 10 + number
            ) { [UInt8(number)] }
        }
        let report = ledger.report(.init(field: "node", examples: 16, inputs: true))
        #expect(report.since == 5 && report.compared == 21 && report.different == 20)
        #expect(report.fields.map(\.name) == ["node"])
        #expect(report.fields.map(\.count) == [20])
        // The first ones, and the latest.
        #expect(
            report.fields[0].examples.map(\.own) == ["0", "1", "2", "3", "16", "17", "18", "19"])
        #expect(
            report.fields[0].examples.map(\.input) == [0, 1, 2, 3, 16, 17, 18, 19].map { [$0] })
        let all = ledger.report(.init(field: "", examples: 1, inputs: false))
        #expect(all.fields.map(\.name) == ["node", "reason"])
        #expect(all.fields.map { $0.examples.count } == [1, 1])
        #expect(all.fields[0].examples[0].input == [])
    }

    @Test func theLedgerIsBounded() throws {
        var ledger = ShadowLedger()
        let long = String(repeating: "ä", count: 10_000)
        for number in 0..<400 {
            ledger.compare(
                [.init(field: "field \(number)", legacy: long, own: long)], subject: long,
                replay: long, time: 1
            ) { [UInt8](repeating: 0, count: 65_536) }
        }
        let report = ledger.report(.init(field: "", examples: 16, inputs: true))
        #expect(report.fields.count == 256)
        #expect(report.unlisted == 144)
        let bytes = report.fields.flatMap(\.examples).reduce(0) { $0 + $1.input.count }
        #expect(bytes == ShadowLedger.inputBudget)
        #expect(try StageReport.decode(try report.encoded()[...]) == report)
    }
}
