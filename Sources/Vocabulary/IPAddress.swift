// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// An address of the Internet protocol without port, prefix or scope.
///
/// - Source: RFC 791 and RFC 4291.
public struct IPAddress: Hashable, Sendable {
    /// IPv4 or IPv6.
    public enum Family: Hashable, Sendable {
        /// 32 bits, the lowest ones of `low`.
        case ipv4
        /// 128 bits.
        case ipv6
    }

    /// Which kind of address it is.
    public let family: Family
    /// The first 64 bits in network order; 0 for IPv4.
    public let high: UInt64
    /// The last 64 bits in network order.
    public let low: UInt64

    /// An IPv4 address; the first octet is in the highest bits.
    public static func ipv4(_ address: UInt32) -> Self {
        Self(family: .ipv4, high: 0, low: UInt64(address))
    }

    /// An IPv6 address.
    public static func ipv6(high: UInt64, low: UInt64) -> Self {
        Self(family: .ipv6, high: high, low: low)
    }

    /// The bits of an address of the family: 32 or 128.
    public var bitCount: UInt8 { family == .ipv4 ? 32 : 128 }

    /// The octets in network order: 4 or 16.
    public var octets: [UInt8] {
        let start = family == .ipv4 ? 12 : 0
        return (start..<16).map { index in
            let half = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: half >> UInt64(56 &- index % 8 &* 8))
        }
    }

    /// Takes octets in network order; nil unless there are 4 or 16.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        var halves = (high: UInt64(0), low: UInt64(0))
        for octet in octets {
            halves.high = halves.high << 8 | halves.low >> 56
            halves.low = halves.low << 8 | UInt64(octet)
        }
        self.init(
            family: octets.count == 4 ? .ipv4 : .ipv6, high: halves.high, low: halves.low)
    }

    private init(family: Family, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }
}
