// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension IPAddress: CustomStringConvertible {
    /// The usual text; IPv6 by the rules of RFC 5952, as the C library writes it.
    public var description: String {
        switch family {
        case .ipv4: return Self.dotted(UInt32(truncatingIfNeeded: low))
        case .ipv6: return sixText
        }
    }

    /// Reads an address.
    ///
    /// - Parameter text: dotted decimal, or IPv6 with at most one `::` and maybe an IPv4 tail; no
    ///   prefix length, no scope.
    public init?(_ text: some StringProtocol) {
        if !text.utf8.contains(UInt8(ascii: ":")) {
            guard let address = Self.dotted(text) else { return nil }
            self = .ipv4(address)
            return
        }
        guard let groups = Self.groups(text) else { return nil }
        let halves = groups.reduce(into: (high: UInt64(0), low: UInt64(0))) { halves, group in
            halves.high = halves.high << 16 | halves.low >> 48
            halves.low = halves.low << 16 | UInt64(group)
        }
        self = .ipv6(high: halves.high, low: halves.low)
    }

    private static func dotted(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    private static func dotted(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            var octet: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                octet = octet * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard octet < 256 else { return nil }
            address = address << 8 | octet
        }
        return address
    }

    /// The eight groups of an IPv6 text.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 9 else { return nil }
        var front: [UInt16] = []
        var back: [UInt16] = []
        var gap = false
        for (index, part) in parts.enumerated() {
            var found: [UInt16] = []
            if part.isEmpty {
                // An empty part is the gap, or stands beside a gap at one of the ends.
                if index == 0 {
                    guard parts.count > 2, parts[1].isEmpty else { return nil }
                    continue
                }
                if index == parts.count - 1 {
                    guard parts[index - 1].isEmpty, gap else { return nil }
                    continue
                }
                guard !gap else { return nil }
                gap = true
                continue
            } else if index == parts.count - 1, let tail = dotted(part) {
                found = [UInt16(tail >> 16), UInt16(truncatingIfNeeded: tail)]
            } else {
                guard part.utf8.count <= 4, part.utf8.first != UInt8(ascii: "+"),
                    part.utf8.first != UInt8(ascii: "-"), let group = UInt16(part, radix: 16)
                else { return nil }
                found = [group]
            }
            if gap { back += found } else { front += found }
        }
        let missing = 8 - front.count - back.count
        guard gap ? missing >= 1 : missing == 0 else { return nil }
        return front + [UInt16](repeating: 0, count: missing) + back
    }

    private var sixText: String {
        let groups = (0..<8).map { index -> UInt16 in
            let half = index < 4 ? high : low
            return UInt16(truncatingIfNeeded: half >> UInt64(48 - index % 4 * 16))
        }
        // The first one of the longest runs of two or more zeros.
        var gap = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start >= 2, index - start > gap.count { gap = start..<index }
            start = index + 1
        }
        // The C library writes ::a.b.c.d and ::ffff:a.b.c.d with an IPv4 tail.
        let tail = UInt32(truncatingIfNeeded: low)
        if gap == 0..<6 { return "::" + Self.dotted(tail) }
        if gap == 0..<5, groups[5] == 0xFFFF { return "::ffff:" + Self.dotted(tail) }
        let texts = groups.map { String($0, radix: 16) }
        guard !gap.isEmpty else { return texts.joined(separator: ":") }
        return texts[..<gap.lowerBound].joined(separator: ":") + "::"
            + texts[gap.upperBound...].joined(separator: ":")
    }
}
