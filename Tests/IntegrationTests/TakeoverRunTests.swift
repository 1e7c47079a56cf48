// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressShell
import AddressStates
import Foundation
import LegacyClient
import LegacyWire
import Testing
import Vocabulary

extension LaboratoryTests {
    /// Takeover runs of a real ctdbd against what `AddressCore` computes from the state before.
    @Suite @MainActor
    struct TakeoverRuns {
        @Test("every run deals the addresses out as computed before it")
        func runs() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let story = try AddressStory(cluster)
            do {
                try await story.configure()
                for algorithm in [UInt32(0), 1, 2] {
                    try story.set("IPAllocAlgorithm", algorithm)
                    try await story.tell()
                }
                try await story.tellOfStops()
            } catch {
                try await story.restore()
                throw error
            }
            try await story.restore()
            print("takeover runs compared: \(story.compared), addresses moved: \(story.moved)")
            #expect(story.compared == 16)
            #expect(story.moved > 20, "runs that move nothing prove nothing")
        }
    }
}

/// A cluster whose addresses are moved about by hand, and then by runs.
@MainActor
private final class AddressStory {
    private let cluster: Cluster
    private let session: LegacySession
    private var numbers: SeededNumbers
    private var files: [(path: String, text: String)] = []
    /// How many runs were compared, and how many addresses moved in them.
    private(set) var compared = 0
    private(set) var moved = 0

    init(_ cluster: Cluster) throws {
        self.cluster = cluster
        numbers = SeededNumbers(seed: 1)
        session = try LegacySession(
            socketPath: cluster.legacySocket(0), within: .seconds(5))
    }

    /// What a node has besides the laboratory's own addresses; no two nodes have the same.
    private static func addresses(_ node: Int) -> [String] {
        let four = (1...5).filter { $0 != node + 1 }.map { "10.99.\($0 % 2).\($0)/24" }
        let six = (1...4).filter { $0 != node + 2 }.map { "fd00:99::\($0)/64" }
        return four + six
    }

    /// Gives the nodes more addresses, and waits until all are hosted.
    func configure() async throws {
        for node in 0..<Cluster.nodeCount {
            let folder = try await cluster.lab("path", "\(node)", "etc")
            let path =
                folder.trimmingCharacters(in: .whitespacesAndNewlines)
                + "/public_addresses"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            files.append((path, text))
            let more = Self.addresses(node).map { "\($0) eth1\n" }.joined()
            try (text + more).write(toFile: path, atomically: false, encoding: .utf8)
        }
        try await cluster.ctdb(0, "reloadips", "all")
        try await eventually("all addresses are hosted") {
            let hosts = try await self.hosts()
            return hosts.count == 9 + Cluster.nodeCount
                && hosts.values.allSatisfy { $0 != .unknown }
        }
    }

    /// Puts everything back.
    func restore() async throws {
        for name in ["NoIPFailback", "NoIPTakeover"] { try set(name, 0) }
        try set("IPAllocAlgorithm", 2)
        for verb in ["enable", "continue"] { try await cluster.ctdb(1, verb) }
        for (path, text) in files {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        }
        try await cluster.ctdb(0, "reloadips", "all")
        try await eventually("the laboratory's own addresses are left") {
            try await self.hosts().count == Cluster.nodeCount
        }
    }

    func set(_ tunable: String, _ value: UInt32) throws {
        let query = LegacyQuery.command(.setTunable(Tunable(value: value, name: tunable)))
        let nodes = (0..<Cluster.nodeCount).map { PNN(rawValue: UInt32($0)) }
        for answer in session.ask(query, ofEach: nodes, within: .seconds(10)) {
            _ = try answer.get()
        }
    }

    /// All nodes healthy; a node disabled; enabled without failback, and with it.
    func tell() async throws {
        try await compareRun("shuffled")
        try await compareChange("disabled", "disable", flags: .permanentlyDisabled)
        try set("NoIPFailback", 1)
        try await compareChange("enabled without failback", "enable", flags: [])
        try set("NoIPFailback", 0)
        try await compareRun("with failback again", shuffling: 0)
    }

    /// A node stopped and continued; no takeover, and takeover again.
    func tellOfStops() async throws {
        try await compareChange("stopped", "stop", flags: .stopped)
        try await compareChange("continued", "continue", flags: [])
        try set("NoIPTakeover", 1)
        try await compareRun("shuffled without takeover")
        try set("NoIPTakeover", 0)
        try await compareRun("with takeover again", shuffling: 0)
    }

    private func state() throws -> LiveAddresses {
        try LiveAddresses.read(session, within: .seconds(10))
    }

    /// Moves addresses by hand, computes, lets ctdbd run, and compares.
    private func compareRun(_ name: String, shuffling count: Int = 2) async throws {
        let entries = try state().state.allocation(by: .fewestMoves).entries
        for _ in 0..<count {
            guard let entry = entries.randomElement(using: &numbers) else { continue }
            let node = Int.random(in: 0..<Cluster.nodeCount, using: &numbers)
            let knows = try state().state.nodes[node].available.contains(entry.address)
            guard knows else { continue }
            // It holds off runs for twice its time limit, which is 10 s unasked.
            try await cluster.ctdb(0, "-t", "1", "moveip", "\(entry.address)", "\(node)")
        }
        let before = try state()
        try await compare(name, before.state, before.algorithm)
    }

    /// Changes a node, waits for its flags, and compares with what the hosts before make of that.
    private func compareChange(
        _ name: String, _ command: String, flags: NodeFlags
    ) async throws {
        let before = try state().state
        try await cluster.ctdb(1, command)
        try await eventually("node 1 is \(name)") {
            try self.state().state.nodes[1].flags == flags
        }
        let after = try state()
        var mixed = after.state
        for node in mixed.nodes.indices { mixed.nodes[node].known = before.nodes[node].known }
        try await compare(name, mixed, after.algorithm)
    }

    private func compare(
        _ name: String, _ state: AddressState, _ algorithm: Algorithm
    ) async throws {
        let expected = try state.allocation(by: algorithm)
        let output = try await cluster.ctdb(0, "ipreallocate")
        #expect(output.isEmpty)
        let found = try await hosts()
        #expect(
            found == expected.hosts, "\(name), \(algorithm): \(Scenario(state, algorithm).question)"
        )
        compared += 1
        moved += expected.moves.count
    }

    /// Who has what, as the old command line tells it.
    private func hosts() async throws -> [PublicAddress: PNN] {
        var hosts: [PublicAddress: PNN] = [:]
        for line in try await cluster.ctdb(0, "ip", "all").split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2, let address = PublicAddress(words[0]) else {
                throw Trouble("not an address and its node: \(line)")
            }
            hosts[address] = UInt32(words[1]).map { PNN(rawValue: $0) } ?? .unknown
        }
        return hosts
    }
}
