// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import ProxyCore
import struct ProxyCore.Attachment
import Testing
import Vocabulary

@Suite struct AttachmentTests {
    private let now = Instant(nanoseconds: 1_000_000_000)
    private let settings = ProxySettings()

    private struct Question: Equatable {
        var opcode: ControlOpcode
        var srvid: SrvID
        var reqid: Reqid
    }

    /// The controls among steps.
    private func questions(_ steps: [Attachment.Step]) throws -> [Question] {
        try steps.map { step in
            guard case .send(let bytes) = step,
                case let packet = try LegacyPacket.decode(bytes[...], layout: .native),
                case .requestControl(let control) = packet.body
            else { throw Strange() }
            return Question(opcode: control.opcode, srvid: control.srvid, reqid: packet.reqid)
        }
    }

    private struct Strange: Error {}

    private func answer(
        _ attachment: inout Attachment, _ question: Question, _ reply: ControlReply
    ) throws -> [Attachment.Step] {
        try attachment.answered(
            try reply.encode(layout: .native), reqid: question.reqid, settings, at: now)
    }

    private func reply(to opcode: ControlOpcode) -> ControlReply {
        switch opcode {
        case .getPNN: .pnn(PNN(rawValue: 3))
        case .getNodeMap: .nodeMap(NodeMap(nodes: []))
        case .getVNNMap: .vnnMap(VNNMap(generation: Generation(rawValue: 7), nodes: []))
        case .getRecoveryMode: .recoveryMode(.normal)
        default: .done(status: 0)
        }
    }

    private func attached() throws -> Attachment {
        var attachment = Attachment()
        _ = attachment.start()
        for question in try questions(attachment.connected(settings, at: now)) {
            _ = try answer(&attachment, question, reply(to: question.opcode))
        }
        return attachment
    }

    @Test func itConnectsAndThenAsksAndRegisters() throws {
        var attachment = Attachment()
        #expect(attachment.start() == [.connect])
        #expect(attachment.state == .connecting)
        let asked = try questions(attachment.connected(settings, at: now))
        #expect(
            asked.map(\.opcode) == [
                .getPNN, .registerSrvID, .registerSrvID, .registerSrvID, .registerSrvID,
                .getNodeMap, .getVNNMap, .getRecoveryMode,
            ])
        #expect(
            asked.filter { $0.opcode == .registerSrvID }.map(\.srvid)
                == [.tunnelNewProtocol] + Attachment.alarms)
        #expect(attachment.state == .identifying(since: now))
        #expect(attachment.nextWake == now.advanced(byMilliseconds: 10_000))
    }

    @Test func theLastAnswerAttachesAndTheNumberComesFirst() throws {
        var attachment = Attachment()
        _ = attachment.start()
        let asked = try questions(attachment.connected(settings, at: now))
        var steps: [[Attachment.Step]] = []
        // The node map comes last, to see that the number is told in front of it.
        for question in asked.filter({ $0.opcode != .getNodeMap })
            + asked.filter({ $0.opcode == .getNodeMap })
        {
            steps.append(try answer(&attachment, question, reply(to: question.opcode)))
        }
        #expect(
            steps.filter { !$0.isEmpty } == [
                [.map(VNNMap(generation: Generation(rawValue: 7), nodes: []))], [.mode(.normal)],
                [.attached(PNN(rawValue: 3)), .nodes(NodeMap(nodes: []))],
            ])
        #expect(attachment.state == .attached)
        #expect(attachment.generation == Generation(rawValue: 7))
        #expect(attachment.nextWake == now.advanced(byMilliseconds: 1_000))
    }

    @Test func aRefusalIsToldOf() throws {
        var attachment = Attachment()
        _ = attachment.start()
        let asked = try questions(attachment.connected(settings, at: now))
        #expect(
            try answer(&attachment, asked[0], .failed(status: -1, reason: "no"))
                == [.refused(opcode: .getPNN, reason: "no")])
        for question in asked.dropFirst() {
            _ = try answer(&attachment, question, reply(to: question.opcode))
        }
        // Without a number it serves nobody.
        #expect(attachment.state == .identifying(since: now))
    }

    @Test func anAnswerThatNobodyAskedForIsNothing() throws {
        var attachment = try attached()
        let before = attachment
        let question = Question(
            opcode: .getPNN, srvid: SrvID(rawValue: 0), reqid: Reqid(rawValue: 4_000))
        #expect(try answer(&attachment, question, .pnn(PNN(rawValue: 9))) == [])
        #expect(attachment == before)
    }

    @Test func anAnswerThatCannotBeReadIsAnError() throws {
        var attachment = Attachment()
        _ = attachment.start()
        let asked = try questions(attachment.connected(settings, at: now))
        let map = try #require(asked.first { $0.opcode == .getNodeMap })
        #expect(throws: WireError.self) {
            try attachment.answered(
                ReplyControl(status: 0, data: [1, 2]), reqid: map.reqid,
                settings, at: now)
        }
    }

    @Test func aSilentCtdbdIsLeftAndTriedAgain() throws {
        var attachment = Attachment()
        _ = attachment.start()
        _ = attachment.connected(settings, at: now)
        let late = now.advanced(byMilliseconds: 10_000)
        #expect(attachment.wake(settings, at: now.advanced(byMilliseconds: 9_999)) == [])
        #expect(attachment.wake(settings, at: late) == [.silent, .disconnect])
        #expect(attachment.state == .waiting)
        #expect(attachment.wake(settings, at: late.advanced(byMilliseconds: 100)) == [.connect])
    }

    @Test func thePauseBetweenTriesGrowsToASecond() {
        var attachment = Attachment()
        var pauses: [UInt64] = []
        for _ in 0..<6 {
            _ = attachment.start()
            attachment.lost(settings, at: now)
            pauses.append(attachment.nextWake.map { now.milliseconds(until: $0) } ?? 0)
        }
        #expect(pauses == [100, 200, 400, 800, 1_000, 1_000])
    }

    @Test func itPollsAndHearsAlarmsButDoesNotPileUpQuestions() throws {
        var attachment = try attached()
        #expect(try questions(attachment.alarm()).count == 3)
        let due = now.advanced(byMilliseconds: 1_000)
        #expect(try questions(attachment.wake(settings, at: due)).count == 3)
        #expect(attachment.nextWake == due.advanced(byMilliseconds: 1_000))
        var count = 6
        while count < 100, !attachment.alarm().isEmpty { count += 3 }
        #expect(count == 18)
        attachment.lost(settings, at: now)
        #expect(attachment.alarm() == [])
    }
}
