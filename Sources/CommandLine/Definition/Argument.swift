// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// What an argument of a verb is.
public enum ArgumentKind: Equatable, Sendable {
    /// The number of a node.
    case node
    /// Numbers of nodes, or `all`.
    case nodes
    /// An IPv4 or IPv6 address.
    case address
    /// An address and the length of its prefix, as in `10.0.0.1/24`.
    case network
    /// An address and a port.
    case endpoint
    /// The name or the number of a database.
    case database
    /// The name of a tunable.
    case tunable
    /// The name of a network interface.
    case interface
    /// A path; `-` is a standard stream.
    case file
    /// The name of an event script.
    case script
    /// A whole number.
    case number(ClosedRange<UInt64>)
    /// One of these words.
    case choice([String])
    /// Any text.
    case text
}

/// An argument that was read.
public enum Argument: Equatable, Sendable {
    /// A node.
    case node(PNN)
    /// Nodes.
    case nodes(NodeChoice)
    /// An address, with a port where the kind has one.
    case address(SocketAddress)
    /// An address and the length of its prefix.
    case network(SocketAddress, prefix: UInt8)
    /// A number.
    case number(UInt64)
    /// Everything else.
    case text(String)
}

/// Which nodes are meant.
public enum NodeChoice: Equatable, Sendable {
    /// Every node that the cluster has.
    case all
    /// These.
    case these([PNN])
}

extension ArgumentKind {
    /// Reads an argument.
    ///
    /// - Returns: nil when the text is none of this kind.
    func read(_ text: String) -> Argument? {
        switch self {
        case .node: Self.pnn(text).map { .node($0) }
        case .nodes: Self.nodes(text).map { .nodes($0) }
        case .address: SocketAddress(text: text).map { .address($0) }
        case .endpoint: SocketAddress(textWithPort: text).map { .address($0) }
        case .network: Self.network(text)
        case .number(let range):
            Self.number(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .choice(let words):
            words.first { $0.lowercased() == text.lowercased() }.map { .text($0) }
        case .database, .tunable, .interface, .file, .script:
            text.isEmpty || text.utf8.contains(0) ? nil : .text(text)
        case .text: text.utf8.contains(0) ? nil : .text(text)
        }
    }

    /// What is expected, for people.
    var expectation: String {
        switch self {
        case .node: "the number of a node"
        case .nodes: "numbers of nodes separated by commas, or all"
        case .address: "an IPv4 or IPv6 address"
        case .network: "an address and the length of its prefix, as in 10.0.0.1/24"
        case .endpoint: "an address and a port, as in 10.0.0.1:445 or [fd00::1]:445"
        case .database: "the name or the number of a database"
        case .tunable: "the name of a tunable"
        case .interface: "the name of a network interface"
        case .file: "a path"
        case .script: "the name of an event script"
        case .number(let range):
            range.upperBound == .max
                ? "a number from \(range.lowerBound) on"
                : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .text: "a text"
        }
    }

    private static func number(_ text: String) -> UInt64? {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text)
    }

    private static func pnn(_ text: some StringProtocol) -> PNN? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt32(text)
        else { return nil }
        let pnn = PNN(rawValue: number)
        return pnn.isNode ? pnn : nil
    }

    private static func nodes(_ text: String) -> NodeChoice? {
        if text == "all" { return .all }
        var nodes: [PNN] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let node = pnn(part), nodes.count < 4_096 else { return nil }
            if !nodes.contains(node) { nodes.append(node) }
        }
        return .these(nodes)
    }

    private static func network(_ text: String) -> Argument? {
        guard let slash = text.lastIndex(of: "/"),
            let address = SocketAddress(text: text[..<slash]),
            case let digits = text[text.index(after: slash)...],
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let prefix = UInt8(digits)
        else { return nil }
        let most: UInt8 = if case .ipv4 = address { 32 } else { 128 }
        return prefix <= most ? .network(address, prefix: prefix) : nil
    }
}
