// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// The states of a node in words.
package enum FlagNames {
    /// A state that no ctdbd sends: the node has not said anything yet.
    package static let unknown = NodeFlags(rawValue: 0x40)

    private static let names: [(NodeFlags, String)] = [
        (.disconnected, "DISCONNECTED"), (unknown, "UNKNOWN"),
        (.permanentlyDisabled, "DISABLED"), (.banned, "BANNED"), (.unhealthy, "UNHEALTHY"),
        (.deleted, "DELETED"), (.stopped, "STOPPED"), (.inactive, "INACTIVE"),
    ]

    /// All that apply, or `OK`.
    package static func print(_ flags: NodeFlags) -> String {
        let words = names.filter { !flags.isDisjoint(with: $0.0) }.map(\.1)
        return words.isEmpty ? "OK" : words.joined(separator: "|")
    }
}
