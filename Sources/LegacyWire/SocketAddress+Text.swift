// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension SocketAddress {
    /// Reads an IPv4 or IPv6 address without a port; nil when the text is none.
    ///
    /// Brackets around IPv6 are allowed; names of interfaces behind `%` are not. An IPv4 address
    /// that is mapped into IPv6 is read as IPv4, as ctdbd does.
    ///
    /// - Parameters:
    ///   - text: the address.
    ///   - port: the port that it gets.
    public init?(text: some StringProtocol, port: UInt16 = 0) {
        var bytes = Array(text.utf8)
        guard bytes.count <= 64 else { return nil }
        if bytes.first == Ascii.open, bytes.last == Ascii.close, bytes.contains(Ascii.colon) {
            bytes = Array(bytes.dropFirst().dropLast())
        }
        if let address = Self.ipv4(bytes[...]) {
            self = .ipv4(address: address, port: port)
        } else if let groups = Self.ipv6(bytes) {
            let high = groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) }
            let low = groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) }
            if high == 0, low >> 32 == 0xFFFF {
                self = .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
            } else {
                self = .ipv6(high: high, low: low, port: port, flow: 0, scope: 0)
            }
        } else {
            return nil
        }
    }

    /// Reads an address with a port: `A.B.C.D:PORT`, `[IPV6]:PORT`, or `IPV6:PORT`, where the last
    /// colon is in front of the port.
    public init?(textWithPort text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits)
        else { return nil }
        self.init(text: text[..<colon], port: port)
    }

    /// The address without its port, as RFC 5952 writes it; empty for another family.
    public var text: String {
        switch self {
        case .ipv4(let address, _):
            return [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: ".")
        case .ipv6(let high, let low, _, _, _):
            let groups = [high, low].flatMap { part in
                [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: part >> UInt64($0)) }
            }
            return Self.text(of: groups)
        case .other: return ""
        }
    }

    /// The address and its port; brackets keep the port of an IPv6 address apart.
    public var textWithPort: String {
        if case .ipv6 = self { return "[\(text)]:\(port)" }
        return "\(text):\(port)"
    }

    /// The port; 0 for another family, which keeps what it has.
    public var port: UInt16 {
        get {
            switch self {
            case .ipv4(_, let port), .ipv6(_, _, let port, _, _): port
            case .other: 0
            }
        }
        set {
            switch self {
            case .ipv4(let address, _): self = .ipv4(address: address, port: newValue)
            case .ipv6(let high, let low, _, let flow, let scope):
                self = .ipv6(high: high, low: low, port: newValue, flow: flow, scope: scope)
            case .other: break
            }
        }
    }

    private enum Ascii {
        static let open = UInt8(ascii: "[")
        static let close = UInt8(ascii: "]")
        static let colon = UInt8(ascii: ":")
        static let dot = UInt8(ascii: ".")
    }

    /// Four decimal numbers; a number with a zero in front is refused, since some read it as octal.
    private static func ipv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: Ascii.dot, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != 0x30,
                part.allSatisfy({ (0x30...0x39).contains($0) }),
                let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            address = address << 8 | UInt32(octet)
        }
        return address
    }

    private static func ipv6(_ bytes: [UInt8]) -> [UInt16]? {
        var front: [UInt16] = []
        var back: [UInt16]?
        var at = 0
        if bytes.starts(with: [Ascii.colon, Ascii.colon]) {
            back = []
            at = 2
        }
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: Ascii.colon) ?? bytes.count
            let part = bytes[at..<end]
            var groups: [UInt16]
            if end == bytes.count, part.contains(Ascii.dot) {
                guard let address = ipv4(part) else { return nil }
                groups = [UInt16(address >> 16), UInt16(address & 0xFFFF)]
            } else {
                guard (1...4).contains(part.count),
                    part.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                groups = [group]
            }
            if back == nil { front += groups } else { back? += groups }
            guard front.count + (back?.count ?? 0) <= 8 else { return nil }
            guard end < bytes.count else { break }
            at = end + 1
            if at < bytes.count, bytes[at] == Ascii.colon {
                guard back == nil else { return nil }
                back = []
                at += 1
            } else if at == bytes.count {
                return nil
            }
        }
        guard let back else { return front.count == 8 ? front : nil }
        let missing = 8 - front.count - back.count
        return missing >= 1 ? front + [UInt16](repeating: 0, count: missing) + back : nil
    }

    private static func text(of groups: [UInt16]) -> String {
        var best = 0..<0
        var start: Int?
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 {
                start = start ?? index
            } else if let from = start {
                if index - from > best.count, index - from > 1 { best = from..<index }
                start = nil
            }
        }
        let words = groups.map { String($0, radix: 16) }
        guard !best.isEmpty else { return words.joined(separator: ":") }
        return words[..<best.lowerBound].joined(separator: ":") + "::"
            + words[best.upperBound...].joined(separator: ":")
    }
}
