// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Vocabulary

/// A state of a cluster and maybe what becomes of it, as text.
///
/// One word and its arguments on each line: `nodes COUNT`, `flags NODE BITS`, `algorithm NAME`,
/// `NoIPTakeover`, `NoIPFailback`, `force NODE...`, `known NODE ADDRESS HOST...`,
/// `available NODE ADDRESS...`, `expect ADDRESS HOST...`, `skipped` when the run does nothing,
/// `end`. A host of `-` is none; lines of the same kind go on. The order of `known` is that of the
/// node's answer, the order of `expect` the one in which ctdbd goes through the addresses.
public struct Scenario: Equatable, Sendable {
    /// What is wrong with a text.
    public struct Unreadable: Error, CustomStringConvertible {
        /// The line and its number.
        public var description: String
    }

    /// What is known before.
    public var state: AddressState
    /// How it is dealt out.
    public var algorithm: Algorithm
    /// The addresses in ctdbd's order, and who gets them.
    public var expected: [Expected] = []
    /// Whether the run does nothing.
    public var isSkipped = false

    /// Who gets an address.
    public struct Expected: Equatable, Sendable {
        /// The address.
        public var address: PublicAddress
        /// The node; `.unknown` for none.
        public var host: PNN

        /// Makes a line.
        public init(_ address: PublicAddress, _ host: PNN) {
            self.address = address
            self.host = host
        }
    }

    /// Makes a scenario.
    public init(_ state: AddressState, _ algorithm: Algorithm) {
        self.state = state
        self.algorithm = algorithm
    }

    /// What comes of it by the code under test.
    public func outcome() throws -> Scenario {
        let result = try state.allocation(by: algorithm)
        var outcome = self
        outcome.isSkipped = result.isSkipped
        outcome.expected =
            result.isSkipped
            ? [] : result.entries.map { Expected($0.address, $0.to) }
        return outcome
    }

    /// Reads scenarios, each of which ends with `end`.
    public static func all(in text: String) throws -> [Scenario] {
        var all: [Scenario] = []
        var current = Scenario(AddressState(nodes: []), .lcp2)
        for (number, line) in text.split(
            separator: "\n" as Character, omittingEmptySubsequences: false
        )
        .enumerated() {
            let words = line.split(separator: " " as Character).map(String.init)
            guard let verb = words.first, !verb.hasPrefix("#") else { continue }
            if verb == "end" {
                all.append(current)
                current = Scenario(AddressState(nodes: []), .lcp2)
            } else if !current.take(verb, Array(words[1...])) {
                throw Unreadable(description: "line \(number + 1): \(line)")
            }
        }
        return all
    }

    private mutating func take(_ verb: String, _ words: [String]) -> Bool {
        switch (verb, words.count) {
        case ("nodes", 1):
            guard let count = Int(words[0]), (0...10_000).contains(count) else { return false }
            state.nodes = Array(repeating: .init(), count: count)
        case ("algorithm", 1):
            guard let found = Algorithm(rawValue: words[0]) else { return false }
            algorithm = found
        case ("NoIPTakeover", 0): state.settings.noTakeover = true
        case ("NoIPFailback", 0): state.settings.noFailback = true
        case ("skipped", 0): isSkipped = true
        case ("force", _): state.settings.forcedNodes = words.compactMap { Int($0) }
        case ("flags", 2):
            guard let node = node(words[0]), let bits = UInt32(words[1]) else { return false }
            state.nodes[node].flags = NodeFlags(rawValue: bits)
        case ("known", 3...):
            guard let node = node(words[0]), let pairs = Self.pairs(words[1...]) else {
                return false
            }
            state.nodes[node].known += pairs.map { .init($0.address, host: $0.host) }
        case ("available", 2...):
            let addresses = words[1...].compactMap { PublicAddress($0) }
            guard let node = node(words[0]), addresses.count == words.count - 1 else {
                return false
            }
            state.nodes[node].available += addresses
        case ("expect", 2...):
            guard let pairs = Self.pairs(words[...]) else { return false }
            expected += pairs
        default: return false
        }
        return true
    }

    private func node(_ word: String) -> Int? {
        Int(word).flatMap { state.nodes.indices.contains($0) ? $0 : nil }
    }

    private static func pairs(_ words: ArraySlice<String>) -> [Expected]? {
        var pairs: [Expected] = []
        var rest = words
        while let text = rest.popFirst() {
            guard let address = PublicAddress(text), let word = rest.popFirst(),
                let host = host(word)
            else { return nil }
            pairs.append(Expected(address, host))
        }
        return pairs
    }

    private static func host(_ word: String) -> PNN? {
        word == "-" ? .unknown : UInt32(word).map { PNN(rawValue: $0) }
    }

    /// The state as text, without what is expected of it.
    public var question: String {
        var lines = ["nodes \(state.nodes.count)", "algorithm \(algorithm.rawValue)"]
        if state.settings.noTakeover { lines.append("NoIPTakeover") }
        if state.settings.noFailback { lines.append("NoIPFailback") }
        if !state.settings.forcedNodes.isEmpty {
            let nodes = state.settings.forcedNodes.map { "\($0)" }.joined(separator: " ")
            lines.append("force \(nodes)")
        }
        for (number, node) in state.nodes.enumerated() {
            if !node.flags.isEmpty { lines.append("flags \(number) \(node.flags.rawValue)") }
            let known = node.known.map { "\($0.address) \(Self.text($0.host))" }
            lines += Self.lines("known \(number)", known)
            lines += Self.lines("available \(number)", node.available.map { "\($0)" })
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What is expected, as text, up to the end.
    public var answer: String {
        let pairs = expected.map { "\($0.address) \(Self.text($0.host))" }
        return (isSkipped ? "skipped\n" : "")
            + Self.lines("expect", pairs).map { $0 + "\n" }.joined() + "end\n"
    }

    /// Several things of a kind on each line.
    private static func lines(_ verb: String, _ things: [String]) -> [String] {
        stride(from: 0, to: things.count, by: 4).map { start in
            "\(verb) " + things[start..<min(start + 4, things.count)].joined(separator: " ")
        }
    }

    private static func text(_ host: PNN) -> String { host == .unknown ? "-" : "\(host)" }
}
