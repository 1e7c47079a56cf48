// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import LegacyWire
import Vocabulary

/// The public addresses that a node is configured with.
///
/// They are in ctdbd's file public_addresses, and in sections like this one of ctdb.conf.d:
///
/// ```
/// [addresses office]
///     interfaces = eth1, eth2
///     addresses = 10.0.0.1/24, fd00::1/64
/// ```
///
/// ctdbd refuses a whole file for one line; here each address that can be used is, and of each one
/// that cannot it is said why.
public struct ConfiguredAddresses: Equatable, Sendable {
    /// A public address that can be used.
    public struct Entry: Hashable, Sendable {
        /// The address.
        public var address: IPAddress
        /// The bits of its prefix.
        public var prefixLength: UInt8
        /// The interfaces that it may be on.
        public var interfaces: [String]

        /// Makes an entry.
        public init(_ address: IPAddress, prefixLength: UInt8, on interfaces: [String]) {
            self.address = address
            self.prefixLength = prefixLength
            self.interfaces = interfaces
        }
    }

    /// So many addresses a node may have at most; each is a matter between all nodes.
    public static let limit = 100_000

    /// The addresses, in the order in which they were found.
    public private(set) var entries: [Entry] = []
    /// What is wrong.
    public private(set) var complaints: [Complaint] = []
    /// ctdbd's file holds so many of the entries: the first ones.
    public private(set) var fileCount = 0
    private var seen: Set<IPAddress> = []

    /// Reads what there is.
    ///
    /// - Parameters:
    ///   - bytes: the file public_addresses; nil when there is none.
    ///   - file: its name, for messages.
    ///   - nodes: the nodes, whose own addresses cannot move.
    ///   - sections: the configuration of the daemons.
    public init(
        file bytes: [UInt8]?, named file: String, nodes: NodesFile?, sections: Configuration
    ) {
        if let bytes {
            let read = PublicAddressesFile(parsing: bytes, file: file, nodes: nodes)
            complaints = read.complaints
            let refused = Set(read.complaints.filter { $0.severity == .error }.map(\.line))
            for entry in read.entries where !refused.contains(entry.line) {
                guard let address = IPAddress(entry.address),
                    let length = UInt8(exactly: entry.prefix)
                else { continue }
                add(
                    Entry(address, prefixLength: length, on: entry.interfaces.distinct),
                    Complaint(file: file, line: entry.line, "there are too many addresses"))
            }
        }
        fileCount = entries.count
        let own = Set((nodes?.nodes ?? []).compactMap { $0.address.flatMap(IPAddress.init) })
        for name in sections.sectionNames where name.hasPrefix("addresses ") {
            read(name, sections, own)
        }
    }

    /// Which interfaces are named that are not there; they may come later.
    public func missingInterfaces(among present: Set<String>) -> [String] {
        Set(entries.flatMap(\.interfaces)).subtracting(present).sorted()
    }

    private mutating func read(
        _ section: String, _ sections: Configuration, _ own: Set<IPAddress>
    ) {
        let place = "\(sections.source) [\(section)]"
        func complain(_ key: String?, _ what: String) {
            complaints.append(Complaint(file: place, key: key?.shortened, what))
        }
        let names = Self.words(sections.string("interfaces", in: section)).distinct
        for name in names where !PublicAddressesFile.isInterface(name) {
            complain(name, "it is not the name of an interface")
        }
        let usable = names.filter(PublicAddressesFile.isInterface)
        guard !usable.isEmpty else { return complain("interfaces", "there is none") }
        let words = Self.words(sections.string("addresses", in: section))
        if words.isEmpty { complain("addresses", "there is none") }
        for word in words {
            guard let (address, length) = Self.network(word) else {
                complain(
                    word, "expected an address and the length of its prefix, as in 10.0.0.1/24")
                continue
            }
            if seen.contains(address) {
                complain(word, "the address is there already")
            } else if own.contains(address) {
                complain(word, "it is the own address of a node, which cannot move")
            } else {
                add(
                    Entry(address, prefixLength: length, on: usable),
                    Complaint(file: place, key: word, "there are too many addresses"))
            }
        }
    }

    private mutating func add(_ entry: Entry, _ excess: @autoclosure () -> Complaint) {
        guard entries.count < Self.limit else {
            // Said once.
            if entries.count == Self.limit, complaints.last?.what != excess().what {
                complaints.append(excess())
            }
            return
        }
        guard seen.insert(entry.address).inserted else { return }
        entries.append(entry)
    }

    private static func words(_ text: String?) -> [String] {
        (text ?? "").split { $0 == " " || $0 == "," || $0 == "\t" }.map(String.init)
    }

    /// An address that can be served, with a prefix that fits.
    static func network(_ text: String) -> (IPAddress, UInt8)? {
        guard let (address, prefix) = PublicAddressesFile.network(text),
            let found = IPAddress(address), let length = UInt8(exactly: prefix),
            length >= 1, length <= found.bitCount, !address.isUnspecified
        else { return nil }
        return (found, length)
    }
}

extension [String] {
    /// Each once, in the order in which they are there first.
    fileprivate var distinct: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
