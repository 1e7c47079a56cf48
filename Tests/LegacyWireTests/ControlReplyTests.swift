// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

@Suite struct ControlReplyTests {
    @Test(arguments: LegacyLayout.all)
    func whatIsWrittenIsRead(layout: LegacyLayout) throws {
        let seed: UInt64 = 0x7AB1_EC12
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            for (opcode, reply) in generator.replies() {
                let body = try reply.encode(layout: layout)
                let decoded = try ControlReply.decode(from: body, to: opcode, layout: layout)
                #expect(decoded == reply, "seed \(seed), round \(round), \(opcode)")
            }
        }
    }

    @Test func aNegativeStatusIsAFailureEverywhere() throws {
        for opcode in ControlOpcode.allKnown {
            let body = ReplyControl(status: -1, error: slice("why"))
            #expect(
                try ControlReply.decode(from: body, to: opcode, layout: little64)
                    == .failed(status: -1, reason: "why"))
        }
    }

    @Test func aPositiveStatusIsAnAnswerOrAFailure() throws {
        let body = ReplyControl(status: 1)
        #expect(
            try ControlReply.decode(from: body, to: .setTunable, layout: little64)
                == .done(status: 1))
        #expect(
            try ControlReply.decode(from: body, to: .getPNN, layout: little64)
                == .pnn(PNN(rawValue: 1)))
        #expect(
            try ControlReply.decode(from: body, to: .getNodeMap, layout: little64)
                == .failed(status: 1, reason: ""))
        #expect(
            try ControlReply.decode(from: body, to: .takeoverIP, layout: little64)
                == .failed(status: 1, reason: ""))
    }

    @Test func noDataIsAnAnswerWhereThereIsNothingToSay() throws {
        let body = ReplyControl(status: 0)
        #expect(
            try ControlReply.decode(from: body, to: .getDatabaseHealth, layout: little64)
                == .databaseHealth(nil))
        #expect(
            try ControlReply.decode(from: body, to: .getClusterLock, layout: little64)
                == .clusterLock(nil))
    }

    // FACTS 6.1, 17 and 18, and 6.2, through the controls that they answer.
    @Test func listsThatLieAreRefused() throws {
        let cases: [(ControlOpcode, String, Int)] = [
            (.getStatisticsHistory, StatisticsHistoryTests.hex, 0),
            (.getTickleList, TickleListTests.hex, 28), (.getPublicIPs, PublicIPListTests.hex, 0),
            (.getInterfaces, NetworkInterfaceListTests.hex, 0),
            (.getPublicIPInfo, PublicIPInfoTests.hex, 36),
            (.tryDeleteRecords, RecordBufferTests.hex, 4), (.getNodeMap, NodeMapTests.hex, 0),
            (.getNodesFile, NodeMapTests.hex, 0), (.getDatabaseMap, DatabaseMapTests.hex, 0),
        ]
        for (opcode, hex, offset) in cases {
            let good = ReplyControl(status: 0, data: bytes(hex)[...])
            #expect(throws: Never.self, "\(opcode)") {
                try ControlReply.decode(from: good, to: opcode, layout: little64)
            }
            for count in [3, 0x7FFF_FFFF, 0x8000_0000, .max] as [UInt32] {
                let lying = ReplyControl(
                    status: 0, data: patched(bytes(hex), at: offset, to: count)[...])
                #expect(throws: WireError.self, "\(opcode) \(count)") {
                    try ControlReply.decode(from: lying, to: opcode, layout: little64)
                }
            }
        }
    }

    @Test func anEmptyDataIsRefusedWhereSomethingIsNeeded() {
        let needy: [ControlOpcode] = [
            .getVNNMap, .getNodeMap, .getDatabaseMap, .attachDatabase, .getTunable, .uptime,
            .getCapabilities, .getRunState, .statistics, .getStatisticsHistory, .getDebug,
            .listTunables, .getTickleList, .getPublicIPs, .getPublicIPInfo, .getInterfaces,
            .getBanState, .getDatabaseSequenceNumber, .getDatabaseStatistics, .getNodesFile,
            .databasePull, .databasePushConfirm, .databaseOpenFlags, .echoData,
            .tryDeleteRecords, .receiveRecords, .pullDatabase,
        ]
        for opcode in needy {
            #expect(throws: WireError.self, "\(opcode)") {
                try ControlReply.decode(
                    from: ReplyControl(status: 0), to: opcode, layout: little64)
            }
        }
    }

    // FACTS 6.1, 15.
    @Test func aPathMayLackItsNUL() throws {
        for text in ["/path", "/path\0", "/path\0rest"] {
            let body = ReplyControl(status: 0, data: slice(text))
            #expect(
                try ControlReply.decode(from: body, to: .getDatabasePath, layout: little64)
                    == .databasePath("/path"))
        }
    }

    @Test func whatWouldMeanSomethingElseIsNotWritten() {
        let wrong: [ControlReply] = [
            .failed(status: 0, reason: "success"), .pnn(.unknown), .clientCount(0x8000_0000),
            .databasePath("a\0b"),
        ]
        for reply in wrong {
            #expect(throws: WireError.self, "\(reply)") { try reply.encode(layout: little64) }
        }
    }
}
