// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Replay
import Testing
import Vocabulary

@Suite struct ReplaySelectionTests {
    private let database = DatabaseID(rawValue: 7)
    private let own = SrvID(rawValue: 0xAE00_0000_0000_0001)

    private func script() throws -> ReplayScript {
        var scene = Scene()
        let note = ClientNote(number: 11, pid: 5, name: "smbd")
        try scene.ask(1, 1, .registerSrvID(own), comments: [note.text])  // 0
        try scene.answer(1, 1, .done(status: 0))
        try scene.ask(2, 1, .shutdown)  // 2
        try scene.answer(2, 1, .done(status: 0))
        scene.time = 1_000
        try scene.ask(2, 2, .attachDatabase(name: "a.tdb", .volatile))  // 4
        try scene.answer(2, 2, .databaseID(database))
        try scene.ask(1, 2, .getDatabasePath(database))  // 6
        try scene.answer(1, 2, .databasePath("/a"))
        try scene.message(2, isSent: true, .takeoverRun, [UInt8](repeating: 0, count: 16))  // 8
        return scene.script
    }

    @Test func whatIsDestructiveIsLeftOutUnlessItIsNamed() throws {
        let script = try script()
        var selection = ReplaySelection()
        #expect(selection.choose(script).skipped == [2, 8])
        #expect(selection.choose(script).refused == ["shutdown": 1, "takeoverRun": 1])
        selection.allowed = ["shutdown"]
        #expect(selection.choose(script).refused == ["takeoverRun": 1])
        selection.allowed = Set(DestructiveControls.names)
        #expect(selection.choose(script).skipped.isEmpty)
    }

    /// A control that is new has to be put in one of the lists.
    @Test func everyControlIsHarmlessOrNamed() {
        let listed = DestructiveControls.list.map(\.opcode)
        #expect(Set(listed).count == listed.count)
        #expect(DestructiveControls.harmless.isDisjoint(with: listed))
        #expect(DestructiveControls.harmless.union(listed) == Set(ControlOpcode.allKnown))
    }

    @Test(arguments: [2, 163, UInt32.max])
    func whatIsNotKnownIsRefused(number: UInt32) {
        let control = RequestControl(opcode: ControlOpcode(rawValue: number))
        #expect(danger(.requestControl(control)) == "unknown")
        #expect(danger(.unknown(operation: 6, bytes: [])) == "unknown")
        #expect(danger(.requestControl(RequestControl(opcode: .ping))) == nil)
    }

    @Test(arguments: [
        (SrvID.releaseIP, "releaseIPMessage"), (.recovery, "recovery"),
        (SrvID(rawValue: 0xF001_0000_0000_0007), "recovery"), (.banning, "banning"),
        (SrvID(rawValue: 0xF002_0000_0000_0007), nil), (.ipReallocated, nil),
        (SrvID(rawValue: 0xFE00_0000_0000_0001), nil),
    ])
    func messagesToDaemonsAreRefused(srvid: SrvID, name: String?) {
        #expect(danger(.requestMessage(RequestMessage(srvid: srvid, data: []))) == name)
    }

    private func danger(_ body: LegacyPacket.Body) -> String? {
        DestructiveControls.danger(
            LegacyPacket(destination: .current, reqid: Reqid(rawValue: 1), body: body))?.name
    }

    @Test func namesAreTakenInEveryForm() {
        #expect(DestructiveControls.name(of: "wipe-database") == "wipeDatabase")
        #expect(DestructiveControls.name(of: "SET_BAN_STATE") == "setBanState")
        #expect(DestructiveControls.name(of: "ping") == nil)
        #expect(ReplaySelection.control(named: "get-database-path") == .getDatabasePath)
        #expect(ReplaySelection.control(named: "getPNN") == .getPNN)
        #expect(ReplaySelection.control(named: "pnn") == nil)
        #expect(Set(DestructiveControls.names).count == DestructiveControls.names.count)
    }

    /// On another node it ends ctdbd 4.17.
    @Test func aConnectionIsToldToTheOwnNodeOnly() throws {
        let connection = TCPConnection(
            source: .ipv4(address: 1, port: 2), destination: .ipv4(address: 3, port: 4))
        for (node, isRefused) in [(PNN.current, false), (PNN(rawValue: 1), true)] {
            var scene = Scene()
            try scene.ask(1, 1, .tcpClient(connection), to: node)
            #expect(ReplaySelection().choose(scene.script).skipped.isEmpty != isRefused)
        }
    }

    @Test func filtersLeaveOutTheRest() throws {
        let script = try script()
        var selection = ReplaySelection()
        selection.allowed = Set(DestructiveControls.names)
        selection.clients = [11]
        #expect(selection.choose(script).skipped == [2, 4, 8])
        selection.clients = nil
        selection.controls = ["getDatabasePath"]
        #expect(selection.choose(script).skipped == [0, 2, 4, 8])
        selection.controls = nil
        selection.databases = [database]
        #expect(selection.choose(script).skipped == [0, 2, 4, 8])
        selection.databases = nil
        selection.from = 1
        #expect(selection.choose(script).skipped == [0, 2])
        selection.from = nil
        selection.until = 1
        #expect(selection.choose(script).skipped == [4, 6, 8])
    }

    @Test func aSampleHasWhatItsQuestionNeeds() throws {
        let script = try script()
        // What the client has registered, the attachment by whomever, the question and its answer.
        #expect(script.sample(of: 6) == [0, 1, 4, 5, 6, 7])
        #expect(script.sample(of: 0) == [0, 1])
        #expect(script.sample(of: 99) == [])
    }

    @Test func aSampleIsAScriptOfItsOwn() throws {
        let script = try script()
        var reader = ScriptReader()
        for place in script.sample(of: 6) {
            let (pdu, comments) = script.pdu(of: place)
            let step = script.steps[place]
            reader.take(
                Sighting(
                    number: step.number, time: nil, source: pdu.source,
                    destination: pdu.destination, comments: comments,
                    content: .legacy(step.sighting)), isRelayed: true)
        }
        #expect(
            reader.script.steps.map(\.action) == [
                .send(answer: 1), .answer(to: 0), .send(answer: 3), .answer(to: 2),
                .send(answer: 5), .answer(to: 4),
            ])
        #expect(reader.script.clients.count == 2)
        #expect(reader.script.databases[database]?.name == "a.tdb")
    }
}
