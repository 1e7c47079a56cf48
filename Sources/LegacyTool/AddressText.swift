// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// Addresses as the legacy tool reads and prints them, with the C library's rules.
package enum AddressText {
    private static let colon = UInt8(ascii: ":")
    private static let dot = UInt8(ascii: ".")
    /// The legacy tool copies addresses into so many bytes, a NUL included.
    private static let copyLimit = 64

    /// Reads an address without a port; nil when it is none.
    package static func parse(_ text: RawText, port: UInt16 = 0) -> SocketAddress? {
        guard text.bytes.contains(colon) else {
            return ipv4(text.bytes[...]).map { .ipv4(address: $0, port: port) }
        }
        var bytes = text.bytes[...]
        guard bytes.count < copyLimit else { return nil }
        if bytes.count >= 2, bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
            bytes = bytes.dropFirst().dropLast()
        }
        guard let (high, low) = ipv6(bytes) else { return nil }
        guard high == 0, low >> 32 == 0xFFFF else {
            return .ipv6(high: high, low: low, port: port, flow: 0, scope: 0)
        }
        // A mapped IPv4 address must be written with dots.
        guard let last = bytes.lastIndex(of: colon) else { return nil }
        return ipv4(bytes[(last + 1)...]).map { .ipv4(address: $0, port: port) }
    }

    /// Reads an address and its port behind the last colon; nil when it is none.
    package static func parseWithPort(_ text: RawText) -> SocketAddress? {
        guard let (address, number) = split(text, at: colon) else { return nil }
        return parse(address, port: UInt16(truncatingIfNeeded: number))
    }

    /// Reads an address and the length of its mask behind the last slash; nil when it is none.
    package static func parseWithMask(_ text: RawText) -> (address: SocketAddress, bits: UInt32)? {
        guard let (address, number) = split(text, at: UInt8(ascii: "/")) else { return nil }
        return parse(address).map { ($0, UInt32(truncatingIfNeeded: number)) }
    }

    private static func split(_ text: RawText, at sign: UInt8) -> (RawText, UInt64)? {
        guard text.bytes.count < copyLimit, let place = text.bytes.lastIndex(of: sign) else {
            return nil
        }
        let digits = RawText(bytes: text.bytes[(place + 1)...])
        guard let number = try? CNumber.parse(digits, base: 10, isWhole: true) else {
            return nil
        }
        return (RawText(bytes: text.bytes[..<place]), number)
    }

    /// The address, without its port; what is neither IPv4 nor IPv6 has no text.
    package static func print(_ address: SocketAddress) -> String {
        switch address {
        case .ipv4(let number, _): return dotted(number)
        case .ipv6(let high, let low, _, _, _):
            let words = [high, low].flatMap { part in
                [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: part >> UInt64($0)) }
            }
            return print(words: words)
        case .other: return "(null)"
        }
    }

    /// The address and its port, with brackets around IPv6.
    package static func printWithPort(_ address: SocketAddress) -> String {
        switch address {
        case .ipv4(_, let port): "\(print(address)):\(port)"
        case .ipv6(_, _, let port, _, _): "[\(print(address))]:\(port)"
        case .other: "(null)"
        }
    }

    /// The port; 0 for what is neither IPv4 nor IPv6.
    static func port(of address: SocketAddress) -> UInt16 {
        switch address {
        case .ipv4(_, let port), .ipv6(_, _, let port, _, _): port
        case .other: 0
        }
    }

    /// An order for addresses: IPv4 first, then by their bytes, then by the port's bytes as they
    /// lie in memory.
    package static func areInOrder(_ first: SocketAddress, _ second: SocketAddress) -> Bool {
        if family(first) != family(second) { return family(first) < family(second) }
        if first.octets != second.octets {
            return first.octets.lexicographicallyPrecedes(second.octets)
        }
        return UInt16(bigEndian: port(of: first)) < UInt16(bigEndian: port(of: second))
    }

    /// The number of the address's family.
    static func family(_ address: SocketAddress) -> UInt16 {
        switch address {
        case .ipv4: 2
        case .ipv6: 10
        case .other(let other): other.family
        }
    }

    private static func dotted(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { String(number >> $0 & 0xFF) }.joined(separator: ".")
    }

    private static func print(words: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        for index in 0...words.count where index == words.count || words[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        // An IPv4 address in the last two words is printed with dots.
        let isMapped = best.count == 6 || best.count == 5 && words[5] == 0xFFFF
        let count = best.lowerBound == 0 && isMapped ? 6 : 8
        var text = ""
        for index in 0..<count {
            if best.contains(index) {
                if index == best.lowerBound { text += ":" }
                continue
            }
            if index > 0 { text += ":" }
            text += String(words[index], radix: 16)
        }
        if count == 6 {
            return text + ":" + dotted(UInt32(words[6]) << 16 | UInt32(words[7]))
        }
        return best.upperBound == 8 && !best.isEmpty ? text + ":" : text
    }

    /// Four decimal numbers up to 255 without zeros in front.
    private static func ipv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: dot, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != 0x30,
                part.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            let octet = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
            guard octet <= 255 else { return nil }
            address = address << 8 | octet
        }
        return address
    }

    private static func ipv6(_ text: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
        var words: [UInt64] = []
        var gap: Int?
        var rest = text
        if rest.first == colon {
            guard rest.dropFirst().first == colon else { return nil }
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let part = rest.prefix { $0 != colon }
            rest = rest.dropFirst(part.count)
            if part.contains(dot) {
                guard rest.isEmpty, let address = ipv4(part) else { return nil }
                words += [UInt64(address >> 16), UInt64(address & 0xFFFF)]
                break
            }
            guard let word = hexadecimal(part) else { return nil }
            words.append(word)
            guard rest.popFirst() != nil else { break }
            if rest.first == colon {
                guard gap == nil else { return nil }
                gap = words.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        guard words.count <= (gap == nil ? 8 : 7), gap != nil || words.count == 8 else {
            return nil
        }
        if let gap {
            words.insert(contentsOf: [UInt64](repeating: 0, count: 8 - words.count), at: gap)
        }
        let parts = [words.prefix(4), words.suffix(4)].map { $0.reduce(0) { $0 << 16 | $1 } }
        return (parts[0], parts[1])
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard let number = Character(Unicode.Scalar(digit)).hexDigitValue, digit < 0x80 else {
                return nil
            }
            value = value << 4 | UInt64(number)
        }
        return value
    }
}
