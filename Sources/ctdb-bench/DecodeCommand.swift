// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import BenchKit

/// How fast legacy packets are decoded.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Decode legacy packets from memory on one core: \"PACKETS PER_SECOND BYTES\".")

    @Option(help: "The bytes of a message's data.")
    var size = ByteCount(100)

    @Option(help: "Decode each of the 4096 packets so often.")
    var rounds = 2_000

    func validate() throws {
        guard (1...1_000_000).contains(rounds), size.value <= 65_536 else {
            throw ValidationError("At most 1000000 rounds, and 64K.")
        }
    }

    func run() throws {
        try Command.measure { () throws(BenchError) in
            let meter = try DecodeMeter(byteCount: size.value)
            let (packets, nanoseconds) = try meter.run(rounds: rounds)
            let rate = Double(packets) / Double(max(nanoseconds, 1)) * 1e9
            print("\(packets) \(Int(rate)) \(meter.packetByteCount)")
        }
    }
}
