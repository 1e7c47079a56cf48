// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// Which release of ctdbd runs, and what that has to do with a refusal.
@Suite struct ReleaseTests {
    private static func program(_ texts: [String]) -> [UInt8] {
        texts.flatMap { Array($0.utf8) + [0] } + [1, 2, 3]
    }

    private static let line = "Starting CTDBD (Version %s) as PID: %u\n"

    @Test(arguments: [
        ([line, "4.17.12-Debian", "0.0.0.0", "10.1.2.3", "1.2"], "4.17.12-Debian"),
        (["4.21.0rc1", line], "4.21.0rc1"), ([line, "4.9.5", "4.9.5"], "4.9.5"),
        ([line, "4.25.0pre1-GIT-4614f04"], "4.25.0pre1-GIT-4614f04"),
    ])
    func aProgramOfTheDaemonHasItsRelease(texts: [String], release: String) {
        #expect(DaemonRelease.find(in: Self.program(texts)) == release)
    }

    @Test(arguments: [
        ["4.17.12"], [line], [line, "4.17.12", "4.18.1"], [line, "4.17.12.1"], [line, "x4.17.1"],
        [line, "4.17"], [line, "4..1"], [line, "4.17.1 and more"], [],
    ])
    func nobodyGuesses(texts: [String]) {
        #expect(DaemonRelease.find(in: Self.program(texts)) == nil)
    }

    @Test func thisProcessIsNoDaemon() {
        #expect(DaemonRelease.ofProcess(1 << 30) == nil)
        #expect(DaemonRelease.minor("4.17.12-Debian") == 17)
        #expect(DaemonRelease.minor("3.6.1") == nil)
        #expect(DaemonRelease.minor("4.x.1") == nil)
    }

    /// The real one, where it is installed.
    @Test(.enabled(if: (try? SmallFile.read("/usr/sbin/ctdbd", limit: 1 << 26)) != nil))
    func theInstalledDaemonHasOne() throws {
        let bytes = try SmallFile.read("/usr/sbin/ctdbd", limit: 1 << 26)
        let release = try #require(DaemonRelease.find(in: bytes))
        #expect(DaemonRelease.minor(release) != nil)
    }

    /// Controls to disable and enable nodes came with 4.15.
    @Test(
        arguments: [
            ("4.13.1", "disable node: change the state: not supported by ctdbd 4.13.1 on node 0"),
            ("4.17.12", "disable node: change the state: refused with status -1"),
            (nil, "refused without a reason, as what is not supported by ctdbd before 4.15"),
        ] as [(String?, String)])
    func aControlThatTheReleaseLacksIsNamed(release: String?, text: String) throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            request == .disableNode ? .reply(.failed(status: -1, reason: "")) : nil
        }
        defer { daemon.end() }
        let outcome = typed("node disable", socket: daemon.path, release: release)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }

    @Test func versionsAreListed() throws {
        let daemon = try FakeDaemon.cluster(flags: .disconnected)
        defer { daemon.end() }
        let outcome = typed(
            "version list --porcelain --run-directory /nonexistent", socket: daemon.path,
            release: "4.17.12")
        #expect(outcome.output == "0\t4.17.12\t\t\n1\t\t\t\n2\t\t\t\n")
        let table = typed(
            "version list --run-directory /nonexistent", socket: daemon.path, release: "4.17.12")
        #expect(table.output.contains("ctdbd: no proxy runs on this node"), "\(table.output)")
        #expect(table.output.contains("ctdbd: disconnected"), "\(table.output)")
        #expect(table.code == 3)
        #expect(table.errors.contains("node 2: ask: the node is disconnected"), "\(table.errors)")
    }
}
