// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CHostileBytes
import HostileBytes
import Sockets

/// What libFuzzer's inputs are given to.
private let fuzzed: Parser? = {
    let name = ProcessEnvironment.variable("TABLECLOTH_READER")
    return (Parser.targets + Parser.all).first { $0.name == name }
}()

/// Examines the input that the C side has.
///
/// - Parameter count: its size.
/// - Returns: 0, or -1 for an input that is not to be kept.
@_cdecl("hostile_examine")
public func examine(_ count: Int) -> Int32 {
    guard let fuzzed else {
        print("TABLECLOTH_READER names no reader: \(Parser.targets.map(\.name))")
        hostile_give_up()
        return -1
    }
    var input: [UInt8] = []
    input.reserveCapacity(count + 7)
    for place in stride(from: 0, to: count, by: 8) {
        let word = hostile_input_word(place)
        for shift in 0..<8 { input.append(UInt8(truncatingIfNeeded: word >> (8 * shift))) }
    }
    let finding = fuzzed.examine(input[..<count], .counting)
    if let complaint = finding.complaint {
        print("\(fuzzed.name): \(complaint)")
        hostile_give_up()
    }
    return 0
}
