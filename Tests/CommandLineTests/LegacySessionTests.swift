// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Testing
import Vocabulary

/// The session on a made-up ctdbd, which these tests have.
@Suite struct LegacySessionTests {
    @Test func aSilentNodeHoldsUpNoOther() throws {
        let silent = PNN(rawValue: 2)
        let daemon = try FakeDaemon.cluster { _, node in node == silent ? .silence : nil }
        defer { daemon.end() }
        let session = try LegacySession(socketPath: daemon.path, within: .seconds(60))
        let lost = LegacySession.window * 2
        let questions =
            (0..<lost).map { _ in LegacySession.Question(LegacyQuery.ping, of: silent) }
            + (0..<3).map { _ in LegacySession.Question(LegacyQuery.ping, of: PNN(rawValue: 1)) }
        let answers = session.ask(questions, within: .seconds(2))
        #expect(answers.suffix(3).allSatisfy { $0 == .success(4) })
        #expect(
            answers.prefix(lost).allSatisfy {
                $0 == .failure(LegacyFailure(.timedOut, opcode: .ping, node: silent))
            })
    }

    @Test func moreQuestionsThanTheWindowAreAnsweredInTheirOrder() throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            guard case .getTunable(let name) = request else { return nil }
            return .reply(.tunable(UInt32(name) ?? 0))
        }
        defer { daemon.end() }
        let session = try LegacySession(socketPath: daemon.path, within: .seconds(60))
        let questions = (0..<UInt32(LegacySession.window * 3)).map {
            LegacySession.Question(LegacyQuery.tunable("\($0)"), of: PNN(rawValue: 0))
        }
        let answers = session.ask(questions, within: .seconds(60))
        #expect(answers == (0..<UInt32(questions.count)).map { .success($0) })
    }
}
