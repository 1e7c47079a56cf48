// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// The nodes file: an address in each line, in the order of the nodes' numbers.
///
/// A line that begins with `#` is a deleted node: it keeps its number, so that the others keep
/// theirs.
///
/// - Source: ctdb(7); ctdb/common/ctdb_util.c, Samba 4.17.
public struct NodesFile: Equatable, Sendable {
    /// A node.
    public struct Node: Equatable, Sendable {
        /// Its number.
        public var number: Int
        /// Its address; nil when it is deleted, or cannot be read.
        public var address: SocketAddress?
        /// The line, from 1.
        public var line: Int
    }

    /// The nodes, deleted ones too.
    public private(set) var nodes: [Node] = []
    /// What is wrong with the file.
    public private(set) var complaints: [Complaint]

    /// Reads a nodes file.
    public init(parsing bytes: [UInt8], file: String) {
        let lines = FileLines(bytes, file: file)
        complaints = lines.complaints
        var places: [SocketAddress: Int] = [:]
        for line in lines.lines {
            let number = nodes.count
            guard !line.text.hasPrefix("#") else {
                nodes.append(Node(number: number, address: nil, line: line.number))
                if SocketAddress(text: Self.commented(line.text)) == nil {
                    complaints.append(
                        Complaint(
                            .warning, file: file, line: line.number,
                            "ctdbd takes this comment for node \(number), deleted; there are no "
                                + "comments in this file"))
                }
                continue
            }
            let address = SocketAddress(text: line.text)
            nodes.append(Node(number: number, address: address, line: line.number))
            func complain(_ what: String) {
                complaints.append(
                    Complaint(
                        file: file, line: line.number, key: line.text.shortened, what))
            }
            guard let address else {
                complain("expected an IPv4 or IPv6 address, and nothing else in the line")
                continue
            }
            if address.isUnspecified { complain("not the address of a node") }
            if let first = places[address] {
                complain("the address is in line \(first) already")
            } else {
                places[address] = line.number
            }
        }
        if !nodes.contains(where: { $0.address != nil }) {
            complaints.append(Complaint(file: file, "there is no node in the file"))
        }
        complaints.sort(by: Complaint.isBefore)
    }

    private static func commented(_ text: String) -> Substring {
        text.drop { $0 == "#" || $0 == " " || $0 == "\t" }
    }
}

extension SocketAddress {
    /// Whether it is 0.0.0.0 or ::.
    var isUnspecified: Bool { octets.allSatisfy { $0 == 0 } }
}
