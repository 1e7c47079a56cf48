// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Presentation
import Vocabulary

/// A verb with what it was given.
public struct Invocation: Sendable {
    /// The nouns and the verb.
    public var path: [String]
    /// The verb.
    public var verb: Verb
    /// What stands behind the verb, by the parameters' names.
    public var arguments: [String: [Argument]] = [:]
    /// The verb's own options that were given.
    public var options: [String: Argument?] = [:]
    /// What the options say that every verb has.
    public var settings: Settings
    /// The words as they were given, for people to read.
    public var words: [String]

    /// Whether it means the local node unless standard input says which.
    var mayHaveList: Bool {
        verb.effect == .changes && settings.nodes == nil && arguments.isEmpty
            && !verb.parameters.isEmpty && verb.parameters.allSatisfy(\.isOptional)
    }

    /// Whether one of the verb's own options was given.
    public func has(_ option: String) -> Bool { options[option] != nil }

    /// Everything that a parameter or an option was given.
    func all(_ name: String) -> [Argument] {
        if let arguments = arguments[name] { return arguments }
        if let option = options[name], let value = option { return [value] }
        return []
    }

    /// A text; nil when it was left away.
    func text(ifGiven name: String) -> String? {
        if case .text(let text) = all(name).first { text } else { nil }
    }

    /// A number; nil when it was left away.
    func number(ifGiven name: String) -> UInt64? {
        if case .number(let number) = all(name).first { number } else { nil }
    }

    /// A node; nil when it was left away.
    func node(ifGiven name: String) -> PNN? {
        if case .node(let node) = all(name).first { node } else { nil }
    }

    /// An address; nil when it was left away.
    func address(ifGiven name: String) -> SocketAddress? {
        if case .address(let address) = all(name).first { address } else { nil }
    }

    /// A text that has to be there.
    func text(_ name: String) throws(Problem) -> String {
        try given(name, text(ifGiven: name))
    }

    /// A number that has to be there.
    func number(_ name: String) throws(Problem) -> UInt64 {
        try given(name, number(ifGiven: name))
    }

    /// A node that has to be there.
    func node(_ name: String) throws(Problem) -> PNN { try given(name, node(ifGiven: name)) }

    /// An address that has to be there.
    func address(_ name: String) throws(Problem) -> SocketAddress {
        try given(name, address(ifGiven: name))
    }

    /// An address with the length of its prefix, that has to be there.
    func network(_ name: String) throws(Problem) -> (address: SocketAddress, prefix: UInt8) {
        guard case .network(let address, let prefix) = all(name).first else {
            throw missing(name)
        }
        return (address, prefix)
    }

    private func given<Value>(_ name: String, _ value: Value?) throws(Problem) -> Value {
        guard let value else { throw missing(name) }
        return value
    }

    private func missing(_ name: String) -> Problem {
        Problem(.usage, path.joined(separator: " "), "\(name.uppercased()) is missing")
    }
}
