// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct ControlRequestTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC11
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            for request in generator.requests() {
                let body = try request.encode(layout: layout, flags: .noReply, clientID: 7)
                #expect(body.flags == request.flags.union(.noReply) && body.clientID == 7)
                #expect(body.opcode == request.opcode && body.srvid == request.srvid)
                let decoded = try ControlRequest.decode(from: body, layout: layout)
                #expect(decoded == request, "seed \(seed), round \(round)")
            }
        }
    }

    // FACTS 6.1, 10: for each of the three opcodes.
    @Test(arguments: [18, 61, 150] as [UInt32])
    func aDatabaseNameNeedsItsNUL(number: UInt32) throws {
        let opcode = ControlOpcode(rawValue: number)
        for text in ["", "name", "\u{FF}"] {
            let request = RequestControl(opcode: opcode, data: slice(text))
            #expect(throws: WireError.self, "\(text)") {
                try ControlRequest.decode(from: request, layout: little64)
            }
        }
        let request = RequestControl(opcode: opcode, data: slice("name\0rest"))
        let decoded = try ControlRequest.decode(from: request, layout: little64)
        guard case .attachDatabase(let name, _) = decoded else {
            Issue.record("not an attach: \(decoded)")
            return
        }
        #expect(name == "name")
    }

    @Test func anEmptyDataIsRefusedWhereSomethingIsNeeded() {
        let needy: [ControlOpcode] = [
            .getDatabasePath, .getTunable, .setTunable, .modifyFlags, .setRecoveryMode, .setVNNMap,
            .processExists, .setDebug, .traverseStart, .traverseAll, .traverseData,
            .getDatabaseName, .enableSequenceNumber, .updateSequenceNumber, .setLeader,
            .tcpClient, .tcpAdd, .tcpRemove, .getTickleList, .setTickleList, .updateRecord,
            .sendGratuitousARP, .wipeDatabase, .tryDeleteRecords, .addPublicIP, .deletePublicIP,
            .releaseIP, .takeoverIP, .traverseKill, .clusterLockLatency, .setLmasterRole,
            .setLeaderRole, .setBanState, .registerNotify, .deregisterNotify, .trans3Commit,
            .getDatabaseSequenceNumber, .setDatabaseHealthy, .getDatabaseHealth,
            .getPublicIPInfo, .setInterfaceLinkState, .tcpAddDelayedUpdate,
            .scheduleForDeletion, .setDatabaseReadOnly, .traverseStartExtended,
            .getDatabaseStatistics, .setDatabaseSticky, .traverseAllExtended, .detachDatabase,
            .freezeDatabase, .thawDatabase, .databaseTransactionStart,
            .databaseTransactionCommit, .databaseTransactionCancel, .databasePull,
            .databasePushStart, .databasePushConfirm, .databaseOpenFlags, .checkPIDSrvID,
            .vacuumFetch, .databaseVacuum, .echoData, .tcpClientDisconnected, .tcpClientPassed,
            .pushRecord, .pullDatabase, .pushDatabase, .receiveRecords, .killTCP,
        ]
        for opcode in needy {
            #expect(throws: WireError.self, "\(opcode)") {
                try ControlRequest.decode(from: RequestControl(opcode: opcode), layout: little64)
            }
        }
    }

    // FACTS 6.1, 8.
    @Test(arguments: ["", "0000000001000000", "00000000ffffffff00000000", "00000000"])
    func aVNNMapThatLiesIsRefused(hex: String) {
        let request = RequestControl(opcode: .setVNNMap, data: bytes(hex)[...])
        #expect(throws: WireError.self) {
            try ControlRequest.decode(from: request, layout: little64)
        }
    }

    @Test func halfASrvIDIsRefused() {
        let request = RequestControl(opcode: .checkSrvIDs, data: slice("123456789"))
        #expect(throws: WireError.self) {
            try ControlRequest.decode(from: request, layout: little64)
        }
    }

    /// The controls that no type is for: their data is not known, or ctdbd does not read it.
    static let untyped: Set<UInt32> = [
        10, 11, 19, 42, 43, 51, 57, 58, 59, 60, 62, 65, 66, 79, 81, 82, 83, 84, 85, 86, 96, 100,
        103, 107, 108, 111, 112, 113, 116, 117, 118,
    ]

    @Test func everyOtherControlHasACase() {
        var generator = SeededGenerator(seed: 0x7AB1_EC16)
        var typed: Set<UInt32> = []
        for request in generator.requests() {
            if case .other = request { continue }
            typed.insert(request.opcode.rawValue)
        }
        #expect(
            typed == Set(ControlOpcode.allKnown.map(\.rawValue)).subtracting(Self.untyped))
    }

    // FACTS 6.1, 11 to 13: for each of the controls that take records.
    @Test(arguments: [14, 63, 74, 119, 136, 154] as [UInt32])
    func recordsThatLieAreRefused(number: UInt32) throws {
        let data = bytes(RecordBufferTests.hex)
        let opcode = ControlOpcode(rawValue: number)
        #expect(throws: Never.self) {
            try ControlRequest.decode(
                from: RequestControl(opcode: opcode, data: data[...]), layout: little64)
        }
        let wrong =
            (0..<8).map { Array(data[..<$0]) } + [
                patched(data, at: 4, to: 3), patched(data, at: 4, to: .max),
                patched(data, at: 8, to: 0), patched(data, at: 8, to: 15),
            ]
        for input in wrong {
            #expect(throws: WireError.self, "\(input)") {
                try ControlRequest.decode(
                    from: RequestControl(opcode: opcode, data: input[...]), layout: little64)
            }
        }
    }

    // FACTS 6.1, 14: the record is the whole data.
    @Test func aTraversedRecordFillsItsControl() throws {
        let data = bytes(RecordDataTests.hex)
        let good = RequestControl(opcode: .traverseData, data: data[...])
        #expect(
            try ControlRequest.decode(from: good, layout: little64)
                == .traverseData(RecordDataTests.value(little64)))
        for input in [data + [0], data + data, patched(data, at: 0, to: 47)] {
            let request = RequestControl(opcode: .traverseData, data: input[...])
            #expect(throws: WireError.self) {
                try ControlRequest.decode(from: request, layout: little64)
            }
        }
    }

    // FACTS 6.2: ctdbd reads the srvid before it looks at the length.
    @Test func aShortRegistrationIsRefused() {
        let data = bytes(NotifyRegistrationTests.hex)
        for count in 0..<data.count {
            let request = RequestControl(opcode: .registerNotify, data: data[..<count])
            #expect(throws: WireError.self, "\(count) bytes") {
                try ControlRequest.decode(from: request, layout: little64)
            }
        }
    }

    @Test func onlyAvailableIsAFlag() throws {
        let body = try ControlRequest.getPublicIPs(onlyAvailable: true).encode(layout: little64)
        #expect(body.flags == .onlyAvailable && body.data.isEmpty)
        #expect(
            try ControlRequest.getPublicIPs(onlyAvailable: false).encode(layout: little64).flags
                == [])
    }

    @Test func aRoleIsAnyNumberButZero() throws {
        for (hex, has) in [("00000000", false), ("01000000", true), ("00000080", true)] {
            let request = RequestControl(opcode: .setLmasterRole, data: bytes(hex)[...])
            #expect(
                try ControlRequest.decode(from: request, layout: little64) == .setLmasterRole(has))
        }
    }
}
