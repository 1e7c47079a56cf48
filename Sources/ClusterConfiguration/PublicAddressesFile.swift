// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// The file public_addresses: in each line an address with its prefix, and interfaces.
///
/// - Source: ctdb(7); ctdb/server/ctdb_takeover.c, Samba 4.17.
public struct PublicAddressesFile: Equatable, Sendable {
    /// The longest name of an interface that Linux takes.
    private static let interfaceLimit = 15

    /// A public address.
    public struct Entry: Equatable, Sendable {
        /// The address.
        public var address: SocketAddress
        /// The bits of its prefix.
        public var prefix: Int
        /// The interfaces that it may be on.
        public var interfaces: [String]
        /// The line, from 1.
        public var line: Int
    }

    /// The addresses that can be read.
    public private(set) var entries: [Entry] = []
    /// What is wrong with the file.
    public private(set) var complaints: [Complaint]
    private var places: [SocketAddress: Int] = [:]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - file: its name, for messages.
    ///   - nodes: the nodes, whose own addresses cannot move.
    public init(parsing bytes: [UInt8], file: String, nodes: NodesFile? = nil) {
        let lines = FileLines(bytes, file: file)
        complaints = lines.complaints
        for line in lines.lines where !line.text.hasPrefix("#") {
            read(line.words, file, line.number, nodes)
        }
        complaints.sort(by: Complaint.isBefore)
    }

    private mutating func read(
        _ words: [String], _ file: String, _ line: Int, _ nodes: NodesFile?
    ) {
        guard let first = words.first else { return }
        func complain(_ what: String, _ severity: Complaint.Severity = .error) {
            complaints.append(
                Complaint(severity, file: file, line: line, key: first.shortened, what))
        }
        guard let (address, prefix) = Self.network(first) else {
            return complain(
                "expected an address and the length of its prefix, as in 10.0.0.1/24")
        }
        let most = if case .ipv4 = address { 32 } else { 128 }
        if !(1...most).contains(prefix) {
            complain("a prefix of \(prefix) bits: expected 1 to \(most)")
        }
        if address.isUnspecified { complain("not an address that can be served") }
        if let earlier = places[address] {
            complain("the address is in line \(earlier) already")
        } else {
            places[address] = line
        }
        if let node = nodes?.nodes.first(where: { $0.address == address }) {
            complain("it is the own address of node \(node.number), which cannot move")
        }
        guard words.count > 1 else { return complain("there is no interface behind it") }
        if words.count > 2 {
            complain("ctdbd passes over what follows the interfaces", .warning)
        }
        let names = words[1].split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
        for (index, name) in names.enumerated() {
            if !Self.isInterface(name) {
                complain("\"\(name.shortened)\" is not the name of an interface")
            } else if names[..<index].contains(name) {
                complain("interface \(name) is there twice", .warning)
            }
        }
        entries.append(Entry(address: address, prefix: prefix, interfaces: names, line: line))
    }

    /// Whether Linux takes a name for an interface.
    static func isInterface(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= interfaceLimit && !name.contains("/")
            && name != "." && name != ".."
    }

    static func network(_ text: String) -> (SocketAddress, Int)? {
        guard let slash = text.lastIndex(of: "/"),
            let address = SocketAddress(text: text[..<slash]),
            case let digits = text[text.index(after: slash)...], !digits.isEmpty,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let prefix = Int(digits)
        else { return nil }
        return (address, prefix)
    }
}
