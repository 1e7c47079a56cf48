// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// What a process may do to the network, and what it cannot do for want of it.
public struct NetworkPrivileges: Equatable, Sendable {
    /// A capability that is missing, and what comes of it.
    public struct Lack: Equatable, Sendable, CustomStringConvertible {
        /// The capability.
        public var capability: ProcessCapabilities
        /// Its name.
        public var name: String
        /// What does not work.
        public var lost: String
        /// What works all the same.
        public var kept: String

        /// One line for the log.
        public var description: String {
            "without \(name): cannot \(lost); still works: \(kept)"
        }
    }

    /// What is missing.
    public var lacks: [Lack]

    /// Looks at what this thread may do.
    public init() throws(SystemError) { self.init(try ProcessCapabilities.current()) }

    /// Judges a set of capabilities.
    public init(_ present: ProcessCapabilities) {
        lacks = Self.all.filter { !present.contains($0.capability) }
    }

    private static let all = [
        Lack(
            capability: .networkAdministration, name: "CAP_NET_ADMIN",
            lost: "add or remove addresses, switch interfaces on, end sockets of others",
            kept: "watching addresses and links, listing connections"),
        Lack(
            capability: .rawSockets, name: "CAP_NET_RAW",
            lost: "announce addresses, tickle or reset connections, find duplicate addresses",
            kept: "adding and removing addresses, watching, listing connections"),
    ]
}
