// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressShell
import LegacyTool
import Stages

/// Old spellings by this program's own code.
package enum Native {
    /// Runs the old command line of this process.
    ///
    /// - Parameters:
    ///   - command: the command in it, for the history of addresses.
    ///   - variable: the environment.
    /// - Returns: the exit code.
    static func run(_ command: [String], variable: @escaping (String) -> String?) -> Int32 {
        LegacyTool.runProcess(
            detour: AddressDetour(
                directory: AddressDaemons.directory(Settings(), variable),
                stages: { () throws(StageError) in
                    try AddressStages.read(base: AddressDaemons.base(variable))
                }, reason: { AddressDaemons.reason(command, variable) }))
    }

    /// Old commands that ask ctdbd of a node about its public addresses.
    private static let addressCommands: Set<String> = [
        "ip", "ipinfo", "ifaces", "setifacelink", "moveip", "addip", "delip", "reloadips",
        "gratarp", "gettickles", "addtickle", "deltickle",
    ]

    /// Whether the legacy tool would give a wrong answer: it asks ctdbd of nodes whose addresses
    /// are another daemon's.
    package static func isNeeded(for command: [String], variable: (String) -> String?) -> Bool {
        guard let first = command.first, addressCommands.contains(first) else { return false }
        do throws(StageError) {
            return try !AddressStages.read(base: AddressDaemons.base(variable)).finalised.isEmpty
        } catch {
            // This program says what is wrong with the stages; the legacy tool does not know.
            return true
        }
    }
}
