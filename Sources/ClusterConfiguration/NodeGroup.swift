// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// The file of nodes that share a NAT gateway, or a load balancer (LVS).
///
/// - Shape: a line for each node: its private address, and `follower-only` where it may not lead.
/// - Source: ctdb_natgw, ctdb_lvs, and ctdb-script.options(5), Samba 4.17.
public struct NodeGroup: Equatable, Sendable {
    /// A node of the group.
    public struct Member: Equatable, Sendable {
        /// Its private address.
        public var address: SocketAddress
        /// Whether it may not lead.
        public var isFollowerOnly: Bool
    }

    /// The nodes, in the order of the file.
    public private(set) var members: [Member] = []
    /// What is wrong with the file.
    public private(set) var complaints: [Complaint]

    /// Reads a file.
    public init(parsing bytes: [UInt8], file: String) {
        let lines = FileLines(bytes, file: file)
        complaints = lines.complaints
        for line in lines.lines where !line.text.hasPrefix("#") {
            let words = line.words
            func complain(_ what: String) {
                complaints.append(
                    Complaint(file: file, line: line.number, key: line.text.shortened, what))
            }
            guard let address = words.first.flatMap({ SocketAddress(text: $0) }) else {
                complain("expected the private address of a node")
                continue
            }
            guard words.count == 1 || words.dropFirst() == ["follower-only"] else {
                complain("behind the address there may be follower-only, and nothing else")
                continue
            }
            members.append(Member(address: address, isFollowerOnly: words.count > 1))
        }
        complaints.sort(by: Complaint.isBefore)
    }

    /// A member as the cluster knows it; nil when no node has the address.
    public func node(of member: Member, in map: NodeMap) -> NodeMap.Node? {
        map.nodes.first { node in
            !node.flags.contains(.deleted) && node.address.octets == member.address.octets
        }
    }

    /// The nodes of the group, in the order of their numbers.
    private func nodes(in map: NodeMap, leadersOnly: Bool) -> [NodeMap.Node] {
        map.nodes.filter { node in
            members.contains { member in
                !(leadersOnly && member.isFollowerOnly)
                    && self.node(of: member, in: map)?.pnn == node.pnn
            }
        }
    }

    /// The node that is the NAT gateway: the first one that is well; or else that is neither
    /// disabled nor stopped; or else that is not disabled.
    public func gateway(in map: NodeMap) -> PNN? {
        let nodes = nodes(in: map, leadersOnly: true)
        let refused: [NodeFlags] = [
            [.permanentlyDisabled, .unhealthy, .inactive],
            [.disconnected, .permanentlyDisabled, .stopped],
            [.disconnected, .permanentlyDisabled],
        ]
        for flags in refused {
            if let node = nodes.first(where: { $0.flags.isDisjoint(with: flags) }) {
                return node.pnn
            }
        }
        return nil
    }

    /// The nodes among which load is balanced: those that are well; or else those that are neither
    /// inactive nor disabled.
    public func balanced(in map: NodeMap) -> [PNN] { usable(nodes(in: map, leadersOnly: false)) }

    /// The node that balances the load.
    public func balancer(in map: NodeMap) -> PNN? {
        usable(nodes(in: map, leadersOnly: true)).first
    }

    private func usable(_ nodes: [NodeMap.Node]) -> [PNN] {
        let refused: [NodeFlags] = [
            [.permanentlyDisabled, .unhealthy, .inactive], [.permanentlyDisabled, .inactive],
        ]
        for flags in refused {
            let fit = nodes.filter { $0.flags.isDisjoint(with: flags) }
            if !fit.isEmpty { return fit.map(\.pnn) }
        }
        return []
    }
}

extension ShellAssignments {
    /// What files say of a variable.
    public enum Setting: Equatable, Sendable {
        /// The value.
        case value(String)
        /// It takes a shell to tell the value.
        case expanded(String)
    }

    /// The last value of a variable, as a shell that reads files one after the other has it.
    ///
    /// - Parameters:
    ///   - name: the variable.
    ///   - files: what is in each file.
    ///   - base: what the variable `CTDB_BASE` is.
    /// - Returns: nil when no file sets it.
    public static func setting(
        of name: String, in files: [[UInt8]], base: String
    ) -> Setting? {
        let parsed = files.map { ShellAssignments(parsing: $0) }
        for other in parsed.flatMap(\.others) where other.text.hasPrefix(name + "=") {
            return .expanded(String(other.text.dropFirst(name.count + 1)))
        }
        let all = parsed.flatMap(\.assignments)
        guard let last = all.last(where: { $0.name == name }) else { return nil }
        guard last.isExpanded else { return .value(last.value) }
        let text = last.value.replacing("${CTDB_BASE}", with: base)
            .replacing("$CTDB_BASE", with: base)
        return text.contains { $0 == "$" || $0 == "`" } ? .expanded(last.value) : .value(text)
    }
}
