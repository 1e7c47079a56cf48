// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Foundation
import LegacyWire
import PeerWire
import Testing
import Vocabulary

/// What was captured of a real cluster with smbd on it: `fixtures/captures/README.md`.
@Suite struct CapturedTests {
    static let folder = Fixtures.folder.appendingPathComponent("captures")

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { !$0.hasSuffix(".md") }.sorted()
    }()

    /// Everything in a file.
    static func captured(
        _ name: String
    ) throws -> (sightings: [Sighting], counts: CaptureDecoder.Counts) {
        let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
        var reader = CaptureFileReader()
        reader.append(bytes[...])
        var decoder = CaptureDecoder()
        while let item = try reader.next() { decoder.take(item, interfaces: reader.interfaces) }
        decoder.finish()
        var sightings: [Sighting] = []
        while let sighting = decoder.next() { sightings.append(sighting) }
        return (sightings, decoder.counts)
    }

    @Test func everyActIsThere() {
        #expect(
            Self.names == [
                "attach.pcapng", "ban.pcapng", "dumpcap.pcap", "dumpcap.pcapng",
                "failover.pcapng", "migration.pcapng", "proxy.pcapng", "recovery.pcapng",
                "session.pcapng", "smbd.pcapng",
                "tickles.pcapng", "transaction.pcapng", "traverse.pcapng", "tunnel.pcapng",
                "vacuum.pcapng",
            ])
    }

    @Test(arguments: names)
    func nothingIsLostOrDamaged(name: String) throws {
        let captured = try Self.captured(name)
        #expect(captured.sightings.count > 20)
        #expect(captured.counts.unreadable == 0 && captured.counts.dropped == 0)
        #expect(captured.counts.others == 0 && captured.counts.fragments == 0)
        for sighting in captured.sightings {
            switch sighting.content {
            case .legacy, .peer, .event: break
            default: Issue.record("\(sighting.number): \(sighting.content)")
            }
        }
    }

    /// No byte of a known packet is unexplained, and what is written is what was read.
    @Test(arguments: names)
    func everyByteIsExplainedAndWrittenAgain(name: String) throws {
        for sighting in try Self.captured(name).sightings {
            guard case .legacy(let legacy) = sighting.content else { continue }
            let whole = try WholePacket.decode(
                legacy.bytes, answering: legacy.answered, layout: legacy.layout)
            #expect(whole.isExplained, "\(sighting.number)")
            #expect(
                try whole.encode(layout: legacy.layout).elementsEqual(legacy.bytes),
                "\(sighting.number)")
            switch legacy.payload {
            case .unreadable(_, let error): Issue.record("\(sighting.number): \(error)")
            case .opaque(let bytes):
                #expect(bytes.isEmpty || Self.mayBeOpaque(legacy), "\(sighting.number): \(legacy)")
            case .frame(let frame): #expect(frame.failure == nil && frame.rest.isEmpty)
            default: break
            }
            if case .unknown = legacy.packet.body { Issue.record("\(sighting.number): unknown") }
            if let opcode = legacy.opcode { #expect(opcode.name != nil, "\(sighting.number)") }
        }
    }

    /// What nobody but its sender knows: messages between clients, and answers to questions that
    /// were asked before the capture began.
    private static func mayBeOpaque(_ legacy: LegacySighting) -> Bool {
        switch legacy.packet.body {
        case .requestMessage(let message): message.srvid.name == nil
        case .replyControl: legacy.request == nil
        default: false
        }
    }

    /// The same conversations by another program, begun in the middle, in segments of TCP.
    @Test func bothFormatsOfAnotherProgramSayTheSame() throws {
        let fine = try Self.captured("dumpcap.pcapng").sightings
        let coarse = try Self.captured("dumpcap.pcap").sightings
        #expect(fine.map(Self.bytes) == coarse.map(Self.bytes))
        #expect(fine.map(\.number) == coarse.map(\.number))
        let directions = Set(fine.map { [$0.source, $0.destination] })
        #expect(directions.count >= 4, "\(directions)")
        let path = Self.folder.appendingPathComponent("dumpcap.pcapng").path
        let lengths = try Tshark.run(path, ["-Y", "ctdb", "-T", "fields", "-e", "ctdb.len"])
            .lines.flatMap { $0.split(separator: ",") }
        #expect(fine.map { "\(Self.bytes($0).count)" } == lengths.map(String.init))
    }

    private static func bytes(_ sighting: Sighting) -> ArraySlice<UInt8> {
        if case .legacy(let legacy) = sighting.content { legacy.bytes } else { [] }
    }

    @Test func framesOfTheNewProtocolAreWrittenAgain() throws {
        let captured = try Self.captured("proxy.pcapng")
        var count = 0
        for sighting in captured.sightings {
            let frame: PeerFrame
            switch sighting.content {
            case .peer(let seen): frame = seen
            case .legacy(let legacy):
                guard case .frame(let seen) = legacy.payload else { continue }
                frame = seen
            default: continue
            }
            count += 1
            #expect(frame.failure == nil && frame.rest.isEmpty)
            let front = Frame.encodeFront(
                header: frame.frame.header, body: frame.frame.body,
                packetByteCount: frame.frame.packets.count, room: 0)
            #expect((front + frame.frame.packets).elementsEqual(frame.bytes), "\(sighting.number)")
        }
        #expect(count > 10)
    }

    /// What each act is about is in its file.
    @Test(
        arguments: [
            ("attach", [.attachDatabase, .setDatabaseReadOnly, .setDatabaseSticky]),
            ("recovery", [.freezeDatabase, .databaseTransactionStart, .databasePull, .setVNNMap]),
            ("ban", [.setBanState, .takeoverIP]), ("failover", [.disableNode, .takeoverIP]),
            ("transaction", [.trans3Commit, .updateRecord, .getDatabaseSequenceNumber]),
            ("traverse", [.traverseStartExtended, .traverseData]),
            ("tickles", [.tcpAddDelayedUpdate, .setTickleList, .takeoverIP, .getTickleList]),
            ("smbd", [.attachDatabase, .registerSrvID]), ("session", [.tcpClient, .registerSrvID]),
            ("vacuum", [.tryDeleteRecords, .vacuumFetch]),
        ] as [(String, [ControlOpcode])])
    func theActsAreWhatTheyAreCalled(name: String, opcodes: [ControlOpcode]) throws {
        let seen = Set(
            try Self.captured(name + ".pcapng").sightings.compactMap { sighting in
                if case .legacy(let legacy) = sighting.content { legacy.opcode } else { nil }
            })
        #expect(seen.isSuperset(of: opcodes), "\(Set(opcodes).subtracting(seen))")
    }

    @Test func recordsMigrate() throws {
        var operations: Set<UInt32> = []
        for sighting in try Self.captured("migration.pcapng").sightings {
            guard case .legacy(let legacy) = sighting.content else { continue }
            operations.insert(legacy.packet.body.operation.rawValue)
        }
        // Calls, their results, and both halves of a change of owner.
        #expect(operations.isSuperset(of: [0, 1, 2, 3]))
    }
}
