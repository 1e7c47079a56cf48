// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import BenchKit
import Vocabulary

/// How long it takes until an address is there and announced.
struct AddressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address",
        abstract: "Add and announce addresses, and take them away again: microseconds a line.")

    @Option(help: "The interface.")
    var interface = "eth1"

    @Option(help: "The first address.")
    var first = "10.99.0.1"

    @Option(help: "The length of the prefix.")
    var prefixLength: UInt8 = 16

    @Option(help: "So many addresses.")
    var count = 1

    @Flag(help: "Add all of them in one go.")
    var atOnce = false

    func validate() throws {
        guard IPAddress(first) != nil else { throw ValidationError("Not an address: \(first)") }
        guard (1...65_536).contains(count) else { throw ValidationError("1 to 65536 addresses.") }
    }

    func run() throws {
        guard let first = IPAddress(first) else { return }
        try Command.measure { () throws(BenchError) in
            let meter = try AddressMeter(
                AddressMeter.Plan(
                    first: first, prefixLength: prefixLength, interface: interface, count: count,
                    atOnce: atOnce))
            for time in try meter.run() { print(decimal(time, digits: 1)) }
        }
    }
}
