// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import LegacyWire
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Testing
import Vocabulary
import XDR

/// The service `event` of the new protocol, beside the distribution's event daemon.
@Suite(.serialized, .enabled(if: LegacyLender.isPossible, LegacyLender.reason))
struct EventConversationTests {
    let lender: LegacyLender
    let bench: BorrowingBench
    let client: PeerEndpoint

    init() throws {
        lender = try LegacyLender()
        bench = try BorrowingBench(lender)
        try bench.converse()
        client = try PeerEndpoint(
            directory: bench.peerDirectory, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: bench.loop)
    }

    private func ask<Answer: XDRCodable>(
        _ procedure: UInt32, _ request: (some XDRCodable)?, _: Answer.Type
    ) throws -> Answer {
        var completion: Completion?
        client.send(
            to: Address(node: .current, service: .event, instance: Instance(rawValue: 0)),
            .request, procedure: procedure, payload: try request?.encoded()[...] ?? [],
            timeoutMilliseconds: 30_000, completion: { completion = $0 })
        try bench.turn(until: "an answer comes") { completion != nil }
        guard case .answered(let reply)? = completion, !reply.isRefusal else {
            throw TestTrouble.never("\(String(describing: completion))")
        }
        return try Answer.decode(reply.payload)
    }

    private func name(_ component: String, _ event: String) -> EventName {
        EventName(component: Array(component.utf8), event: Array(event.utf8))
    }

    private func run(
        _ component: String, _ event: String, _ words: [String] = []
    ) throws -> Int32 {
        try ask(
            PeerProtocol.eventRun,
            EventRun(
                name: name(component, event),
                words: words.map { EventWord(bytes: Array($0.utf8)) }, timeoutSeconds: 30,
                runAll: false), EventResult.self
        ).result
    }

    private func status(_ component: String, _ event: String) throws -> EventOutcome {
        try ask(PeerProtocol.eventStatus, name(component, event), EventOutcome.self)
    }

    @Test func ctdbdsEventsAreAskedOfWhoeverRunsThem() throws {
        try lender.script("10.says.script", "echo \"$PPID $# $*\"; [ $1 != fails ] || exit 3")
        #expect(try run("legacy", "there", ["a", "b"]) == 0)
        let there = try status("legacy", "there")
        #expect(
            there.scripts.first?.output == Array("\(lender.process.pid) 3 there a b\n".utf8))
        // The legacy daemon knows no words with spaces.
        #expect(try run("legacy", "there", ["a b"]) == 22)
        #expect(
            try ask(PeerProtocol.eventAnswering, nil as EventName?, EventAnswering.self)
                == EventAnswering(runner: .legacy, pid: 0))
        try bench.become(.native)
        #expect(
            try ask(PeerProtocol.eventAnswering, nil as EventName?, EventAnswering.self)
                == EventAnswering(runner: .borrowed, pid: UInt32(lender.process.pid)))
        #expect(try run("legacy", "fails", ["a b", ""]) == 8)
        let here = try status("legacy", "fails")
        #expect(here.result == 0 && here.summary == 3)
        #expect(
            here.scripts.first?.output
                == Array("\(Credentials.own.pid) 3 fails a b \n".utf8))
        #expect(try status("legacy", "never") == EventOutcome(result: 22, summary: 0, scripts: []))
    }

    @Test func everyComponentOfOthersIsRunHere() throws {
        try lender.scratch.makeFolder("events/service")
        try lender.scratch.write("#!/bin/sh\necho $PPID\n", to: "events/service/10.x.script")
        #expect(
            try ask(PeerProtocol.eventComponents, nil as EventName?, EventComponents.self)
                .components.map { String(decoding: $0.name, as: UTF8.self) }
                == ["legacy", "service"])
        let component = EventComponent(name: Array("service".utf8))
        func scripts() throws -> [Bool] {
            try ask(PeerProtocol.eventScripts, component, EventScripts.self).scripts.map(\.enabled)
        }
        #expect(try scripts() == [false])
        let change = ScriptChange(
            component: component.name, script: Array("10.x".utf8), enabled: true)
        #expect(try ask(PeerProtocol.eventChangeScript, change, EventResult.self).result == 0)
        #expect(try scripts() == [true])
        #expect(try run("service", "started") == 0)
        #expect(
            try status("service", "started").scripts.first?.output
                == Array("\(Credentials.own.pid)\n".utf8))
    }

    @Test(
        arguments: [
            ("..", "x"), ("a/b", "x"), ("", "x"), ("none", "x"), ("legacy\0", "x"),
            ("service", "x\0y"),
        ])
    func whatIsNoNameIsRefused(component: String, event: String) throws {
        #expect(try run(component, event) != 0)
        #expect(
            try ask(
                PeerProtocol.eventScripts, EventComponent(name: Array(component.utf8)),
                EventScripts.self
            ).result != 0 || component == "service")
    }

    @Test func whatCannotBeReadIsRefused() throws {
        for (procedure, code) in [
            (PeerProtocol.eventRun, RefusalCode.badPayload), (77, .unknownProcedure),
        ] {
            var completion: Completion?
            client.send(
                to: Address(node: .current, service: .event, instance: Instance(rawValue: 0)),
                .request, procedure: procedure, payload: [1, 2, 3],
                timeoutMilliseconds: 30_000, completion: { completion = $0 })
            try bench.turn(until: "an answer comes") { completion != nil }
            guard case .answered(let reply)? = completion, reply.isRefusal else {
                Issue.record("\(String(describing: completion))")
                continue
            }
            #expect(try Refusal.decode(reply.payload).code == code)
        }
    }
}
