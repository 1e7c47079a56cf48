// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The address of an Ethernet interface.
///
/// - Shape: 48 bits, the first octet highest.
public struct HardwareAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 48 bits.
    public let rawValue: UInt64

    /// Everybody on the link.
    public static let broadcast = HardwareAddress(rawValue: 0xFFFF_FFFF_FFFF)
    /// Nobody.
    public static let zero = HardwareAddress(rawValue: 0)

    /// Takes the lowest 48 bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }

    /// Takes octets; nil unless there are 6.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 6 else { return nil }
        self.init(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The octets.
    public var octets: [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> UInt64(40 &- $0 &* 8)) }
    }

    /// The usual text.
    public var description: String {
        octets.map { octet in
            let digits = String(octet, radix: 16)
            return digits.utf8.count == 1 ? "0\(digits)" : digits
        }.joined(separator: ":")
    }
}
