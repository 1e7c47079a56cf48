// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyWire
import Presentation
import Vocabulary

/// A line of the history that an address daemon keeps.
package struct AddressChange {
    /// When, in milliseconds since 1970.
    package let time: Int64
    /// The address; nil for something that is none.
    package let address: SocketAddress?
    /// For a table.
    package let row: Row

    /// Reads a line; nil when it is no object, or says neither when nor what.
    package init?(line: [UInt8], on node: PNN?) {
        guard case .object(let fields)? = try? JSONReader.read(line) else { return nil }
        let values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
        guard case .number(let time)? = values["time"], time >= 0,
            case .text(let event)? = values["event"], case .text(let name)? = values["address"]
        else { return nil }
        self.time = time
        address = SocketAddress(text: name)
        func text(_ name: String) -> Value {
            if case .text(let text)? = values[name], !text.isEmpty { .text(text) } else { .none }
        }
        func number(_ name: String) -> Value {
            if case .number(let number)? = values[name], number >= 0 {
                .number(number)
            } else {
                .none
            }
        }
        let seconds: Value =
            if case .number(let count) = number("microseconds") {
                .real(Double(count) / 1_000_000)
            } else {
                .none
            }
        let isBad = ["conflict", "failed"].contains(event)
        row = Row(
            [
                Self.moment(time), node.map { Describe.node($0) } ?? .none, .text(name),
                .text(event), number("from"), number("to"), seconds, text("by"), text("reason"),
            ], tone: isBad ? .bad : event == "repaired" || event == "removed" ? .warning : .plain)
    }

    /// A moment with its milliseconds, in UTC.
    private static func moment(_ milliseconds: Int64) -> Value {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard case .text(let text) = Describe.moment(seconds: seconds) else { return .none }
        let digits = String(rest + 1000).dropFirst()
        return .text("\(text.dropLast()).\(digits)Z")
    }
}
