// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import LegacyClient
import LegacyWire
import Sockets
import Testing

/// Address daemons, and what else they need, beside the ctdbd of the laboratory.
@MainActor
final class AddressNodes {
    enum Program: String, CaseIterable {
        case event = "ctdb-eventd"
        case address = "ctdb-ipd"
    }

    static let all = Array(0..<Cluster.nodeCount)
    private static let interface = "eth1"

    let cluster: Cluster
    /// The public addresses of the laboratory.
    private(set) var addresses: [String] = []
    private var daemons: [Int: [Program: Child]] = [:]
    private var paths: [Int: (etc: String, log: String)] = [:]
    private var files: [(path: String, text: String)] = []
    private(set) var nodes: [Int]

    /// Starts the daemons of some nodes.
    init(_ cluster: Cluster, on nodes: [Int] = AddressNodes.all) async throws {
        self.cluster = cluster
        self.nodes = nodes
        for node in Self.all {
            paths[node] = (try await path(node, "etc"), try await path(node, "log"))
        }
        let text = try String(contentsOfFile: etc(0) + "/public_addresses", encoding: .utf8)
        addresses = text.split(separator: "\n").map { String($0.prefix { $0 != "/" }) }
        for node in nodes {
            for program in Program.allCases { try start(program, node) }
        }
    }

    private func path(_ node: Int, _ what: String) async throws -> String {
        try await cluster.lab("path", "\(node)", what)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func etc(_ node: Int) -> String { paths[node]?.etc ?? "" }

    /// Starts a daemon, as another program in front of it lets it be.
    func start(_ program: Program, _ node: Int, behind words: [String] = []) throws {
        let own = [
            Places.products + "/" + program.rawValue, "--run-directory",
            cluster.runDirectory(node),
        ]
        daemons[node, default: [:]][program] = try cluster.start(
            on: node, words + own + (program == .event ? ["--service"] : []))
    }

    func daemon(_ program: Program, _ node: Int) throws -> Child {
        guard let daemon = daemons[node]?[program] else {
            throw Trouble("node \(node) has no \(program.rawValue)")
        }
        return daemon
    }

    /// What an address daemon has logged.
    func log(_ node: Int) -> String { (try? daemon(.address, node).errors) ?? "" }

    /// Puts another text into a file of a node until the end.
    func write(_ text: String, to name: String, of node: Int) throws {
        let path = etc(node) + "/" + name
        files.append((path, try String(contentsOfFile: path, encoding: .utf8)))
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    // MARK: The command line

    /// Our command line on a node.
    @discardableResult
    func ctdb(_ words: [String], on node: Int = 0) async throws -> String {
        let directory = cluster.runDirectory(node)
        // Only what is about daemons has the option.
        let option = words.first == "stage" ? ["--run-directory", directory] : []
        return try await cluster.run(
            on: node,
            ["/usr/bin/env", "CTDB_RUN_DIRECTORY=\(directory)", Places.command] + words + option)
    }

    /// The stage of a function on a node and what is in effect there.
    func stage(_ function: String, _ node: Int) async throws -> String {
        let text = try await ctdb(["stage", "list", "--porcelain"], on: nodes[0])
        let line = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
            .first { $0.count > 3 && $0[0] == "stages" && $0[1] == function && $0[2] == "\(node)" }
        return line.map { $0.dropFirst(3).joined(separator: " ") } ?? text
    }

    /// Waits until a stage is recorded and in effect.
    func wait(_ stage: String, _ function: String = "ip", on nodes: [Int]? = nil) async throws {
        for node in nodes ?? self.nodes {
            var found = ""
            do {
                try await eventually("the stage") {
                    found = try await self.stage(function, node)
                    return found.hasPrefix("\(stage) \(stage) ") || found == "\(stage) \(stage)"
                }
            } catch { throw Trouble("node \(node) is not \(stage): \(found); \(log(node))") }
        }
    }

    /// A step of the stages, until it is taken.
    func step(_ verb: String, _ function: String = "ip", on nodes: [Int]? = nil) async throws {
        let list = (nodes ?? self.nodes).map(String.init).joined(separator: ",")
        var said = ""
        do {
            try await eventually("\(verb) is done") {
                said = try await ctdb(
                    ["stage", verb, function, "--node", list], on: self.nodes[0])
                if said.contains("done      yes") { return true }
                // A comparison is needed, and so a takeover run.
                if verb == "verify" { try await cluster.ctdb(0, "ipreallocate") }
                return false
            }
        } catch { throw Trouble("ctdb stage \(verb) \(function): \(said)") }
    }

    /// Brings the address function of nodes up to a stage.
    func climb(to stage: String, on nodes: [Int]? = nil) async throws {
        let nodes = nodes ?? self.nodes
        try await step("prepare", on: nodes)
        try await wait("shadow", on: nodes)
        guard stage != "shadow" else { return }
        try await step("verify", on: nodes)
        try await step("switch", on: nodes)
        try await wait("native", on: nodes)
        guard stage != "native" else { return }
        try await eventsToo(nodes)
        try await step("verify", on: nodes)
        try await step("complete", on: nodes)
        try await wait("finalised", on: nodes)
    }

    /// Who moves addresses by itself runs the events that belong to it.
    private func eventsToo(_ nodes: [Int]) async throws {
        try await step("prepare", "event", on: nodes)
        try await wait("shadow", "event", on: nodes)
        try await step("verify", "event", on: nodes)
        try await step("switch", "event", on: nodes)
        try await wait("native", "event", on: nodes)
    }

    // MARK: Addresses

    /// The nodes whose kernel has each public address.
    func holders() async throws -> [String: [Int]] {
        var found: [String: [Int]] = [:]
        for node in Self.all {
            let text = try await cluster.run(
                on: node, ["ip", "-o", "address", "show", "dev", Self.interface])
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count > 3, let address = words[3].split(separator: "/").first else {
                    continue
                }
                if addresses.contains(String(address)) {
                    found[String(address), default: []].append(node)
                }
            }
        }
        return found
    }

    /// Waits until each address is on one node, and none on some.
    func covered(
        within limit: Duration = patience, without excluded: Set<Int> = []
    ) async throws {
        var found: [String: [Int]] = [:]
        do {
            try await eventually("each address is on one node", within: limit) {
                found = try await holders()
                return addresses.allSatisfy {
                    found[$0]?.count == 1 && excluded.isDisjoint(with: found[$0] ?? [])
                }
            }
        } catch {
            let logs = nodes.map { "node \($0): \(log($0).suffix(1500))" }
            throw Trouble("\(error): \(found); \(logs.joined(separator: "\n"))")
        }
    }

    /// Where an address is.
    func holder(_ address: String) async throws -> Int {
        guard let node = try await holders()[address]?.first else {
            throw Trouble("\(address) is nowhere")
        }
        return node
    }

    /// Runs a program on a machine outside the cluster, whatever its exit code.
    func outside(_ command: [String]) async throws {
        _ = try await cluster.scratch.run(
            Places.legacy + "/lab", ["--name", cluster.name, "exec", "switch"] + command)
    }

    /// What the history of a node says of an address, the latest last.
    func history(_ address: String, on node: Int) async throws -> String {
        let text = try await ctdb(["ip", "history", "--porcelain"], on: node)
        return text.split(separator: "\n").filter { $0.contains(address) }
            .joined(separator: "\n")
    }

    // MARK: The end

    /// Gives everything back, and ends the daemons.
    func end() async throws {
        for daemon in daemons.values.flatMap(\.values) { daemon.signal(SIGCONT) }
        for function in ["ip", "event"] {
            for verb in ["reverse", "reverse", "cancel"] {
                _ = try? await ctdb(["stage", verb, function], on: nodes[0])
            }
        }
        for (path, text) in files {
            try? text.write(toFile: path, atomically: false, encoding: .utf8)
        }
        for program in [Program.address, .event] {
            for node in nodes { daemons[node]?[program]?.signal(SIGTERM) }
            for node in nodes { _ = try? await daemons[node]?[program]?.end() }
        }
        for node in Self.all { _ = try? await cluster.ctdb(node, "enable") }
        // ctdbd's leader makes up for the runs that were held off, and moves addresses once more.
        _ = try? await cluster.ctdb(0, "ipreallocate")
    }
}
