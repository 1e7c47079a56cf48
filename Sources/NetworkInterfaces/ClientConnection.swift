// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Vocabulary

/// A connection of TCP to an address of this machine.
public struct ClientConnection: Hashable, Sendable, CustomStringConvertible {
    /// The end here, or where the address was.
    public var server: Endpoint
    /// The other end.
    public var client: Endpoint

    /// Makes a connection; both ends are of one family.
    public init(server: Endpoint, client: Endpoint) {
        self.server = server
        self.client = client
    }

    /// Client and server.
    public var description: String { "\(client) -> \(server)" }
}
