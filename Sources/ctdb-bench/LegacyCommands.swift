// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import BenchKit
import LegacyWire
import Vocabulary

/// The bare legacy client's echo.
struct LegacyServe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer messages of the bare legacy client.")

    @Option(help: "ctdbd's client socket.")
    var socket = "/run/ctdb/ctdbd.socket"

    @Option(help: "The srvid to be registered for, decimal or hexadecimal.")
    var srvid = Number(LegacyEcho.srvid.rawValue)

    func run() throws {
        try Command.measure { () throws(BenchError) in
            try LegacyEcho(socket: socket, srvid: SrvID(rawValue: srvid.value)).run()
        }
    }
}

/// The bare legacy client's load.
struct LegacyLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "legacy-load",
        abstract: "Do the same round trips with the legacy protocol alone.")

    @Option(help: "ctdbd's client socket.")
    var socket = "/run/ctdb/ctdbd.socket"

    @Option(help: "The srvid of the echo.")
    var srvid = Number(LegacyEcho.srvid.rawValue)

    @Option(help: "The node of the echo.")
    var node: UInt32

    @Option(help: "The node that this runs on.")
    var ownNode: UInt32

    @OptionGroup var shape: Shape

    func run() throws {
        try Command.show(json: shape.json) { () throws(BenchError) in
            try LegacyLoad(
                socket: socket, node: PNN(rawValue: node), ownNode: PNN(rawValue: ownNode),
                service: SrvID(rawValue: srvid.value), plan: shape.plan
            ).run()
        }
    }
}

/// A number, decimal or hexadecimal behind 0x.
struct Number: ExpressibleByArgument {
    var value: UInt64

    init(_ value: UInt64) { self.value = value }

    init?(argument: String) {
        let isHexadecimal = argument.hasPrefix("0x")
        let digits = isHexadecimal ? argument.dropFirst(2) : argument[...]
        guard let number = UInt64(digits, radix: isHexadecimal ? 16 : 10) else { return nil }
        value = number
    }
}
