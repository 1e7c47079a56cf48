// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// How the proxy starts, and why it does not: needs no ctdbd.
@Suite(.serialized) @MainActor
struct StartTests {
    /// What a proxy finds in place of its socket directory, and what it says.
    struct Obstacle: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var prepare: @Sendable (ScratchDirectory) throws -> String
        var expected: [String]
    }

    nonisolated static let obstacles = [
        Obstacle(testDescription: "the directory above is missing") {
            $0.file("a/b")
        } expected: {
            ["mkdir", "a/b: No such file", "make the directory above it first"]
        },
        Obstacle(testDescription: "a file is in the way") {
            try $0.write([], to: "run")
            return $0.file("run")
        } expected: {
            ["Not a directory", "remove it, or choose another one"]
        },
        Obstacle(testDescription: "its owner cannot write there") {
            try make($0.file("run"), mode: 0o500)
        } expected: {
            ["its owner cannot write there: chmod it to 700"]
        },
        Obstacle(testDescription: "the mode lets others in") {
            try make($0.file("run"), mode: 0o750)
        } expected: {
            ["mode 750 lets others in: chmod it to 700"]
        },
        Obstacle(testDescription: "the path is too long") {
            $0.file(String(repeating: "x", count: 100))
        } expected: {
            ["the limit is 107: use a shorter directory"]
        },
        Obstacle(testDescription: "something is in the way of the socket") {
            let path = try make($0.file("run"), mode: 0o700)
            try $0.write([], to: "run/proxy.sock")
            return path
        } expected: {
            ["proxy.sock", "it is not a socket: remove it, or choose another path"]
        },
    ]

    @discardableResult
    nonisolated private static func make(_ path: String, mode: Int) throws -> String {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: mode])
        return path
    }

    private let deepScratch: DeepScratch
    private var scratch: ScratchDirectory { deepScratch.directory }

    init() throws { deepScratch = try DeepScratch() }

    private func configure(_ text: String) throws -> String {
        try scratch.write(Array(text.utf8), to: "proxy.conf")
        return scratch.file("proxy.conf")
    }

    /// Starts a proxy without a ctdbd.
    private func start(_ directory: String, more: String = "") throws -> Child {
        let configuration = try configure(
            """
            [logging]
            level = info
            \(more)
            [proxy]
            run directory = \(directory)
            ctdbd socket = \(scratch.file("ctdbd.socket"))
            realtime scheduling = false

            """)
        return try Child(
            Places.proxy, ["--config", configuration], directory: scratch.path)
    }

    @Test(arguments: obstacles)
    func anObstacleIsNamed(_ obstacle: Obstacle) async throws {
        let proxy = try start(try obstacle.prepare(scratch))
        #expect(try await proxy.end() == 1)
        for text in obstacle.expected { #expect(proxy.errors.contains(text)) }
        #expect(proxy.errors.split(separator: "\n").count == 1)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func anotherUsersDirectoryIsRefused() async throws {
        let path = try Self.make(scratch.file("run"), mode: 0o700)
        try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: path)
        let proxy = try start(path)
        #expect(try await proxy.end() == 1)
        #expect(proxy.errors.contains("it belongs to uid 65534, this is uid 0: chown it"))
    }

    @Test func aMissingDirectoryIsMadeForItsOwnerOnly() async throws {
        let proxy = try start(scratch.file("run"))
        try await eventually("it waits") { proxy.errors.contains("waiting for ctdbd") }
        #expect(scratch.permissions(of: "run") == 0o700)
        #expect(scratch.permissions(of: "run/proxy.sock") == 0o600)
        proxy.signal(SIGTERM)
        #expect(try await proxy.end() == 0)
        #expect(scratch.permissions(of: "run/proxy.sock") == nil)
    }

    @Test func aSecondProxyOnTheSameDirectorySaysWhoHasIt() async throws {
        let first = try start(scratch.file("run"))
        try await eventually("it waits") { first.errors.contains("waiting for ctdbd") }
        let second = try start(scratch.file("run"))
        #expect(try await second.end() == 1)
        #expect(second.errors.contains("another instance runs as process \(first.pid)"))
        #expect(first.isRunning)
        try await first.kill()
        // What a killed one has left is no obstacle.
        let third = try start(scratch.file("run"))
        try await eventually("it waits") { third.errors.contains("waiting for ctdbd") }
        third.signal(SIGINT)
        #expect(try await third.end() == 0)
    }

    @Test func linesOfTheLogAreJSONWhenAskedFor() async throws {
        let proxy = try start(scratch.file("run"), more: "format = json")
        try await eventually("it waits") { proxy.errors.contains("waiting for ctdbd") }
        proxy.signal(SIGUSR1)
        try await eventually("it says more") { proxy.errors.contains("unauthorised") }
        proxy.signal(SIGTERM)
        #expect(try await proxy.end() == 0)
        let lines = proxy.errors.split(separator: "\n")
        #expect(lines.count > 10)
        for line in lines {
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let object = try #require(value as? [String: Any])
            for key in ["time", "level", "logger", "message"] {
                #expect(object[key] is String, "\(line)")
            }
        }
    }

    @Test func theConfigurationIsChecked() async throws {
        func check(_ text: String) async throws -> (Int32, String) {
            let path = try configure(text)
            let (status, output, errors) = try await scratch.run(
                Places.proxy, ["--config", path, "--check-config"])
            #expect(output.isEmpty)
            return (status, errors)
        }
        let good = try await check("[logging]\nlevel = debug\n[proxy]\nheld limit = 32M\n")
        #expect(good == (0, ""))
        let badValue = try await check("[logging]\nlevel = loud\n")
        #expect(badValue.0 == 1)
        #expect(badValue.1.contains("proxy.conf:2: "))
        #expect(badValue.1.contains("trace, debug, info"))
        let unknown = try await check("[proxy]\nsocket = /x\n")
        #expect(unknown.0 == 1)
        #expect(unknown.1.contains("proxy.conf:2: unknown setting socket in [proxy]"))
        let missing = try await scratch.run(
            Places.proxy, ["--config", scratch.file("none"), "--check-config"])
        #expect(missing.status == 1)
        #expect(missing.errors.contains("No such file"))
    }

    @Test func theStatusOfNoProxyIsAnError() async throws {
        let without = try await scratch.run(
            Places.proxy, ["--status", "--run-directory", scratch.file("run")])
        #expect(without.status == 1)
        #expect(without.output.isEmpty)
        #expect(without.errors.contains("is ctdb-proxyd running on this node?"))
        #expect(scratch.permissions(of: "run") == nil, "asking changes nothing")
        _ = try Self.make(scratch.file("run"), mode: 0o700)
        let empty = try await scratch.run(
            Places.proxy, ["--status", "--run-directory", scratch.file("run")])
        #expect(empty.status == 1)
        #expect(empty.errors.contains("no proxy runs on this node"))
    }
}

extension StartTests.Obstacle {
    init(
        testDescription: String,
        prepare: @escaping @Sendable (ScratchDirectory) throws -> String,
        expected: () -> [String]
    ) {
        self.init(testDescription: testDescription, prepare: prepare, expected: expected())
    }
}
