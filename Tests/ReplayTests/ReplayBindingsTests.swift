// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Replay
import Testing
import Vocabulary

@Suite struct ReplayBindingsTests {
    private let old = DatabaseID(rawValue: 0x0101)
    private let new = DatabaseID(rawValue: 0x0202)

    private func target(_ databases: [String: ReplayTarget.Database] = [:]) -> ReplayTarget {
        var target = Scene.target
        target.ownNode = PNN(rawValue: 1)
        target.databases = databases
        return target
    }

    /// The first packet of a scene, as the daemon gets it.
    private func bound(_ script: ReplayScript, _ bindings: ReplayBindings) throws -> LegacyPacket {
        var bindings = bindings
        let bytes = try bindings.bind(
            try #require(script.steps.first).sighting, reqid: Reqid(rawValue: 555))
        return try LegacyPacket.decode(bytes[...], layout: .native)
    }

    @Test func theHeaderNamesTheDaemonsOwn() throws {
        var scene = Scene()
        try scene.ask(1, 7, .getPNN, to: PNN(rawValue: 0))
        try scene.answer(1, 7, .pnn(PNN(rawValue: 0)))
        let packet = try bound(scene.script, ReplayBindings(scene.script, to: target()))
        #expect(packet.reqid == Reqid(rawValue: 555))
        #expect(packet.destination == PNN(rawValue: 1))
        #expect(packet.source == PNN(rawValue: 1))
        // A client names no instance.
        #expect(packet.generation == Generation(rawValue: 0))
        var bindings = ReplayBindings(scene.script, to: target())
        let bytes = try bindings.bind(
            try #require(scene.script.steps.last).sighting, reqid: Reqid(rawValue: 1))
        let answer = try LegacyPacket.decode(bytes[...], layout: .native)
        #expect(answer.generation == Generation(rawValue: 99))
    }

    @Test func nothingElseOfAPacketChanges() throws {
        var scene = Scene()
        try scene.ask(1, 7, .setDebug(level: 4))
        let sighting = try #require(scene.script.steps.first).sighting
        // smbd does not pad what it sends: the bytes stay as many as they are.
        let bare = sighting.bytes.dropLast(2)
        var short = sighting
        short.bytes = [UInt8(bare.count)] + bare.dropFirst()
        var bindings = ReplayBindings(scene.script, to: Scene.target)
        var bytes = try bindings.bind(short, reqid: Reqid(rawValue: 7))
        #expect(bytes.count == short.bytes.count)
        bytes.replaceSubrange(28..<32, with: sighting.bytes.dropFirst(28).prefix(4))
        #expect(bytes == Array(short.bytes))
    }

    @Test func databasesAreFoundByTheirNames() throws {
        var scene = Scene()
        try scene.ask(1, 2, .getDatabasePath(old))
        try scene.ask(1, 1, .attachDatabase(name: "a.tdb", .volatile))
        try scene.answer(1, 1, .databaseID(old))
        let there = ["a.tdb": ReplayTarget.Database(id: new, kind: .volatile)]
        let bindings = ReplayBindings(scene.script, to: target(there))
        guard case .requestControl(let control) = try bound(scene.script, bindings).body else {
            Issue.record("no control")
            return
        }
        #expect(
            try ControlRequest.decode(from: control, layout: .native) == .getDatabasePath(new))
        #expect(bindings.attachments.isEmpty)
        #expect(bindings.gaps.isEmpty)
    }

    @Test func theDatabaseOfACallIsExchangedToo() throws {
        var scene = Scene()
        let call = RequestCall(
            flags: .immediateMigration, database: old, function: RequestCall.nullFunction,
            hopCount: 0, key: [1, 2, 3], data: [])
        try scene.see(1, isSent: true, 3, .requestCall(call))
        var bindings = ReplayBindings(scene.script, to: target())
        bindings.databases[old] = new
        guard case .requestCall(let other) = try bound(scene.script, bindings).body else {
            Issue.record("no call")
            return
        }
        var expected = call
        expected.database = new
        #expect(other == expected)
    }

    @Test func whatIsMissingIsAttachedOrTold() throws {
        var scene = Scene()
        let unnamed = DatabaseID(rawValue: 0x0303)
        try scene.ask(1, 1, .attachDatabase(name: "a.tdb", .replicated))
        try scene.answer(1, 1, .databaseID(old))
        try scene.ask(1, 2, .getDatabasePath(old))
        try scene.ask(1, 3, .getDatabasePath(unnamed))
        try scene.ask(1, 4, .ping, to: PNN(rawValue: 7))
        let bindings = ReplayBindings(scene.script, to: target())
        #expect(bindings.attachments == [.init(name: "a.tdb", kind: .replicated, id: old)])
        #expect(bindings.gaps == [.node(PNN(rawValue: 7)), .database(unnamed)])
        let other = ["a.tdb": ReplayTarget.Database(id: old, kind: .persistent)]
        #expect(
            ReplayBindings(scene.script, to: target(other)).gaps.contains(.kind("a.tdb")))
    }

    @Test func wishesStandForOthers() throws {
        var scene = Scene()
        try scene.ask(1, 1, .attachDatabase(name: "a.tdb", .volatile), to: PNN(rawValue: 2))
        try scene.answer(1, 1, .databaseID(old))
        var wishes = ReplayBindings.Wishes()
        wishes.databases = ["a.tdb": "another.tdb"]
        wishes.nodes = [PNN(rawValue: 2): PNN(rawValue: 1)]
        let bindings = ReplayBindings(scene.script, to: target(), wishes: wishes)
        let packet = try bound(scene.script, bindings)
        #expect(packet.destination == PNN(rawValue: 1))
        guard case .requestControl(let control) = packet.body else {
            Issue.record("no control")
            return
        }
        #expect(
            try ControlRequest.decode(from: control, layout: .native)
                == .attachDatabase(name: "another.tdb", .volatile))
    }

    @Test func processesOfClientsAreThePlayer() throws {
        var scene = Scene()
        let note = ClientNote(number: 1, pid: 321, name: "smbd")
        try scene.ask(1, 1, .processExists(pid: 321), comments: [note.text])
        let bindings = ReplayBindings(scene.script, to: target())
        guard case .requestControl(let control) = try bound(scene.script, bindings).body else {
            Issue.record("no control")
            return
        }
        #expect(
            try ControlRequest.decode(from: control, layout: .native) == .processExists(pid: 4_242))
    }

    /// A commit that is older than a record would make the cluster recover.
    @Test func commitsAreNewerThanWhatIsThere() throws {
        var scene = Scene()
        let header = RecordHeader(rsn: RSN(rawValue: 3), dmaster: PNN(rawValue: 0))
        func record(_ key: String, _ value: [UInt8]) -> RecordData {
            RecordData(
                header: header, key: Array(key.utf8)[...], value: value[...], layout: .native)
        }
        let number: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0]
        let buffer = RecordBuffer(
            database: old,
            records: [
                record("a", [1]), record("a", [2]), record("__db_sequence_number__\0", number),
            ])
        try scene.ask(1, 1, .trans3Commit(buffer))
        try scene.ask(1, 2, .getPNN)
        try scene.answer(1, 2, .pnn(PNN(rawValue: 0)))
        var daemon = target()
        daemon.sequenceNumbers = [old: 41]
        daemon.databases = ["x": .init(id: old, kind: .persistent)]
        var bindings = ReplayBindings(scene.script, to: daemon)
        for round: UInt64 in 0..<2 {
            let bytes = try bindings.bind(
                try #require(scene.script.steps.first).sighting, reqid: Reqid(rawValue: 1))
            guard
                case .requestControl(let control) =
                    try LegacyPacket.decode(bytes[...], layout: .native).body,
                case .trans3Commit(let sent) =
                    try ControlRequest.decode(from: control, layout: .native)
            else {
                Issue.record("no commit")
                return
            }
            let parts = try sent.records.map { try $0.split(layout: .native) }
            // Each is newer than the one before: the same record may be there twice.
            #expect(parts.map(\.header.rsn.rawValue) == (1...3).map { 1_000 + round * 3 + $0 })
            #expect(parts.allSatisfy { $0.header.dmaster == PNN(rawValue: 1) })
            #expect(parts[1].value == [2])
            #expect(parts[2].value.first == UInt8(42 + round))
        }
    }

    @Test func publicAddressesOfAnotherClusterStandForAsMany() throws {
        func address(_ last: UInt32, port: UInt16 = 0) -> SocketAddress {
            .ipv4(address: 0x0A00_0100 + last, port: port)
        }
        var scene = Scene()
        let connection = TCPConnection(
            source: .ipv4(address: 0xC000_0201, port: 5), destination: address(2, port: 445))
        try scene.ask(1, 1, .tcpClient(connection))
        try scene.ask(1, 2, .getPublicIPs(onlyAvailable: false))
        let node = PNN(rawValue: 0)
        try scene.answer(
            1, 2,
            .publicIPs(
                PublicIPList(addresses: [
                    PublicIP(pnn: node, address: address(2)),
                    PublicIP(pnn: node, address: address(1)),
                ])))
        var daemon = target()
        daemon.publicAddresses = [address(77), address(66)]
        let bindings = ReplayBindings(scene.script, to: daemon)
        #expect(bindings.addresses == [address(1): address(66), address(2): address(77)])
        #expect(bindings.gaps.isEmpty)
        guard case .requestControl(let control) = try bound(scene.script, bindings).body else {
            Issue.record("no control")
            return
        }
        #expect(
            try ControlRequest.decode(from: control, layout: .native)
                == .tcpClient(
                    TCPConnection(
                        source: connection.source, destination: address(77, port: 445))))
        // Where there are not as many, nobody guesses.
        daemon.publicAddresses = [address(77)]
        let gaps = ReplayBindings(scene.script, to: daemon).gaps
        #expect(gaps == [.address(address(1)), .address(address(2))])
        // Those that are there stand for themselves.
        daemon.publicAddresses = [address(1), address(2), address(3)]
        #expect(ReplayBindings(scene.script, to: daemon).addresses.isEmpty)
    }
}
