// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A key or a value as users write it: as it is, or hexadecimal behind `0x`.
package enum DataText {
    /// What is wrong with a text.
    package struct Problem: Error, Equatable {
        /// What the legacy tool says, with its newline.
        package var complaint: RawText

        /// Makes a problem.
        package init(complaint: RawText) { self.complaint = complaint }
    }

    /// Takes a text apart.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - rest: what stands behind it where it was written, which complaints show too.
    /// - Returns: the bytes.
    /// - Throws: what the legacy tool says of it.
    package static func parse(
        _ text: RawText, followedBy rest: RawText = ""
    ) throws(Problem) -> [UInt8] {
        guard text.hasPrefix("0x") else { return text.bytes }
        let digits = Array(text.bytes.dropFirst(2))
        guard digits.count % 2 == 0 else {
            let all = RawText(bytes: digits) + rest
            throw Problem(complaint: "Key (\(all)) contains odd number of hex digits\n")
        }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else {
                let left = RawText(bytes: digits[index...]) + rest
                throw Problem(complaint: "Invalid hex: \(left)\n")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension ToolContext {
    /// Takes a key or value apart, with a complaint that names it.
    func data(_ text: RawText, called name: String) throws(ToolExit) -> [UInt8] {
        do throws(DataText.Problem) {
            return try DataText.parse(text)
        } catch {
            complain(error.complaint)
            complain("Failed to parse \(name) \(text)\n")
            throw ToolExit(CNumber.invalid)
        }
    }
}
