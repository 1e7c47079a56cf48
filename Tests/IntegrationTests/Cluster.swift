// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// What a proxy says of itself.
struct ProxyStatus {
    var counters: [String: UInt64] = [:]
    var peers: [Int: String] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count > 2, words[0] == "peer", let node = Int(words[1]) {
                peers[node] = words[2]
            } else if words.count == 2, let value = UInt64(words[1]) {
                counters[words[0]] = value
            }
        }
    }

    subscript(_ counter: String) -> UInt64 { counters[counter] ?? 0 }
}

/// Three nodes of the laboratory, each with a proxy.
@MainActor
final class Cluster {
    static let nodeCount = 3
    private static var shared: Cluster?

    private let deepScratch: DeepScratch
    var scratch: ScratchDirectory { deepScratch.directory }
    let name = "it-\(getpid())"
    private let hold = Pipe()
    private var holder: Child?
    private var proxies: [Int: Child] = [:]
    private var sockets: [Int: String] = [:]
    private var serviceCount = 0

    /// Why there is no laboratory; nil when there is.
    nonisolated static var obstacle: String? {
        if geteuid() != 0 { return "this is not root, which the laboratory needs" }
        for path in ["/usr/sbin/ctdbd", "/usr/bin/ctdb"] where !Places.isProgram(path) {
            return "\(path) is missing; legacy/install-packages installs it"
        }
        return nil
    }

    nonisolated static var isPossible: Bool { obstacle == nil }
    nonisolated static var reason: Comment {
        Comment(rawValue: "needs a real ctdbd: \(obstacle ?? "there is one")")
    }

    private init() throws {
        deepScratch = try DeepScratch()
    }

    /// The cluster of this suite.
    static func current() throws -> Cluster {
        guard let shared else { throw Trouble("the laboratory is not up") }
        return shared
    }

    static func start() async throws {
        let cluster = try Cluster()
        shared = cluster
        let holder = try Child(
            Places.legacy + "/with-lab",
            [cluster.name, "\(nodeCount)", cluster.scratch.file("pids")],
            directory: cluster.scratch.path, input: cluster.hold)
        cluster.holder = holder
        try await eventually("the laboratory is up", within: .seconds(100)) {
            guard holder.isRunning else { throw Trouble("no laboratory: \(holder.errors)") }
            return holder.output.hasPrefix("up")
        }
        for node in 0..<nodeCount {
            let answer = try await cluster.lab("path", "\(node)", "socket")
            cluster.sockets[node] = answer.trimmingCharacters(in: .whitespacesAndNewlines)
            try cluster.writeConfiguration(node)
        }
        try await cluster.ready()
    }

    static func end() async throws {
        guard let cluster = shared else { return }
        shared = nil
        for proxy in cluster.proxies.values { proxy.signal(SIGTERM) }
        for proxy in cluster.proxies.values { _ = try? await proxy.end() }
        for program in ["ctdb-traffic", "ctdb-proxyd"] { await Child.killAll(named: program) }
        try cluster.hold.fileHandleForWriting.close()
        let status = try await cluster.holder?.end(within: .seconds(60))
        let errors = cluster.holder?.errors ?? ""
        if status != 0 { throw Trouble("left behind: \(errors)") }
    }

    // MARK: The laboratory

    /// Runs a command of the laboratory.
    @discardableResult
    func lab(_ arguments: String...) async throws -> String {
        let (status, output, errors) = try await scratch.run(
            Places.legacy + "/lab", ["--name", name] + arguments, within: .seconds(60))
        guard status == 0 else { throw Trouble("lab \(arguments) gave \(status): \(errors)") }
        return output
    }

    /// Runs the old command line on a node, whatever its exit code.
    @discardableResult
    func ctdb(_ node: Int, _ arguments: String...) async throws -> String {
        let (_, output, errors) = try await scratch.run(
            Places.legacy + "/lab", ["--name", name, "exec", "\(node)", "ctdb"] + arguments,
            within: .seconds(60))
        return output + errors
    }

    /// Runs a program on a node to its end, whatever its exit code.
    @discardableResult
    func run(on node: Int, _ command: [String]) async throws -> String {
        let child = try start(on: node, command)
        _ = try await child.end(within: .seconds(60))
        return child.output + child.errors
    }

    /// Starts a program on a node.
    func start(on node: Int, _ command: [String]) throws -> Child {
        try Child(
            Places.legacy + "/lab", ["--name", name, "exec", "\(node)"] + command,
            directory: scratch.path)
    }

    /// ctdbd's socket on a node.
    func legacySocket(_ node: Int) -> String { sockets[node] ?? "" }

    // MARK: Proxies

    func runDirectory(_ node: Int) -> String { scratch.file("n\(node)") }

    func configurationPath(_ node: Int) -> String { scratch.file("proxy\(node).conf") }

    func writeConfiguration(_ node: Int, level: String = "info", more: String = "") throws {
        let text = """
            [logging]
            level = \(level)
            [proxy]
            run directory = \(runDirectory(node))
            ctdbd socket = \(legacySocket(node))
            realtime scheduling = false
            \(more)

            """
        try scratch.write(Array(text.utf8), to: "proxy\(node).conf")
    }

    @discardableResult
    func startProxy(_ node: Int, environment: [String: String] = [:]) throws -> Child {
        let child = try Child(
            Places.proxy, ["--config", configurationPath(node)], environment: environment,
            directory: scratch.path)
        proxies[node] = child
        return child
    }

    func proxy(_ node: Int) throws -> Child {
        guard let proxy = proxies[node] else { throw Trouble("node \(node) has no proxy") }
        return proxy
    }

    func status(_ node: Int) async throws -> ProxyStatus {
        let (status, output, errors) = try await scratch.run(
            Places.proxy, ["--status", "--run-directory", runDirectory(node)])
        guard status == 0 else { throw Trouble("--status of node \(node): \(errors)") }
        return ProxyStatus(output)
    }

    /// Waits until a node sees all others.
    func waitForPeers(of node: Int, within limit: Duration = patience) async throws {
        var seen: [Int: String] = [:]
        do {
            try await eventually("peers", within: limit) {
                seen = (try? await status(node).peers) ?? [:]
                return seen.count == Self.nodeCount
                    && seen.allSatisfy { $0.value == ($0.key == node ? "self" : "up") }
            }
        } catch { throw Trouble("node \(node) does not see all others: \(seen)") }
    }

    /// Brings everything back that a test has broken.
    func ready() async throws {
        await Child.killAll(named: "ctdb-traffic")
        // A node that has come back takes 10 s; one that a failed test has left broken, for ever.
        if (try? await lab("wait", "25")) == nil { try await repair() }
        for node in 0..<Self.nodeCount where proxies[node]?.isRunning != true {
            try startProxy(node)
        }
        for node in 0..<Self.nodeCount { try await waitForPeers(of: node) }
    }

    private func repair() async throws {
        for node in 0..<Self.nodeCount {
            let number = "\(node)"
            for verb in ["resume", "heal", "start"] { _ = try? await lab(verb, number) }
            for verb in ["unban", "continue"] { _ = try? await ctdb(node, verb) }
        }
        try await lab("wait", "60")
    }

    /// The name of a service that no other test has used.
    func newService() -> String {
        serviceCount += 1
        return "service-\(2_000 + serviceCount)"
    }
}

/// Keeps the laboratory up while a suite runs.
struct InLaboratory: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        guard Cluster.isPossible else { return try await function() }
        do {
            try await Cluster.start()
            try await function()
        } catch {
            try? await Cluster.end()
            throw error
        }
        try await Cluster.end()
    }
}

/// Every test that needs a cluster: one at a time, in one laboratory.
@Suite(.serialized, .enabled(if: Cluster.isPossible, Cluster.reason), InLaboratory())
enum LaboratoryTests {}
