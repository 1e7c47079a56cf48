// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Why addresses could not be dealt out.
public enum AddressError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is more than is taken on.
    case tooLarge(nodes: Int, addresses: Int)

    /// The reason as a sentence's end.
    public var description: String {
        switch self {
        case .tooLarge(let nodes, let addresses):
            "\(addresses) addresses on \(nodes) nodes are more than can be dealt out"
        }
    }
}
