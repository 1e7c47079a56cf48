// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// Addresses that share their first bits.
public struct AddressPrefix: Hashable, Sendable {
    /// The first bits; the others are 0.
    public var address: IPAddress
    /// How many bits are shared.
    public var length: UInt8

    /// Makes a prefix of an address; a length beyond the address's bits is all of them.
    public init(_ address: IPAddress, length: UInt8) {
        self.length = min(length, address.bitCount)
        self.address = address.masked(self.length)
    }

    /// Whether an address is in it.
    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && other.masked(length) == address
    }

    /// The longest prefix that two have in common; nil when their families differ.
    func joined(with other: AddressPrefix) -> AddressPrefix? {
        guard address.family == other.address.family else { return nil }
        let front = address.family == .ipv4 ? 96 : 0
        let high = (address.high ^ other.address.high).leadingZeroBitCount
        let low = (address.low ^ other.address.low).leadingZeroBitCount
        let shared = (high < 64 ? high : 64 &+ low) &- front
        return AddressPrefix(
            address, length: min(length, other.length, UInt8(clamping: shared)))
    }
}

extension IPAddress {
    /// The address with only its first bits.
    public func masked(_ length: UInt8) -> IPAddress {
        let kept = Int(min(length, bitCount)) &+ (family == .ipv4 ? 96 : 0)
        let highMask: UInt64 = kept >= 64 ? .max : ~(UInt64.max >> UInt64(kept))
        let lowMask: UInt64 =
            kept <= 64 ? 0 : kept >= 128 ? .max : ~(UInt64.max >> UInt64(kept &- 64))
        switch family {
        case .ipv4: return .ipv4(UInt32(truncatingIfNeeded: low & lowMask))
        case .ipv6: return .ipv6(high: high & highMask, low: low & lowMask)
        }
    }
}

/// A program that the kernel runs over each socket, to report only those of some addresses.
///
/// - Shape: one condition for each prefix, each but the last followed by a jump to the end: code
///   and length (8 bits each) and where to go on otherwise (16 bits), in the order of the machine;
///   a condition goes on with family and prefix length (8 bits each), padding (16), port (32, -1
///   for any) and the address.
/// - Source: `struct inet_diag_bc_op` and `struct inet_diag_hostcond`, linux/inet_diag.h;
///   `inet_diag_bc_run()`, net/ipv4/inet_diag.c.
public enum SocketFilter {
    /// So many prefixes at most: the kernel tries one after the other for each socket.
    public static let prefixLimit = 16

    private static let sourceCondition: UInt8 = 7
    private static let jump: UInt8 = 1
    private static let jumpByteCount = 4

    /// Fits sockets of IPv4 whose own address is in one of the prefixes, sockets of IPv6 too that
    /// have such an IPv4 address, and likewise for IPv6.
    public static func local(in prefixes: [AddressPrefix]) -> [UInt8] {
        let total =
            prefixes.reduce(0) { $0 &+ byteCount(of: $1) &+ jumpByteCount }
            &- jumpByteCount
        var writer = ByteWriter(order: .native, capacity: max(total, 0))
        for (index, prefix) in prefixes.enumerated() {
            let isLast = index == prefixes.count &- 1
            let size = byteCount(of: prefix)
            writer.write(sourceCondition)
            writer.write(UInt8(truncatingIfNeeded: size))
            // Over the jump; behind the last one that is beyond the end, which fits nothing.
            writer.write(UInt16(truncatingIfNeeded: size &+ jumpByteCount))
            writer.write(AddressFamily(prefix.address.family).rawValue)
            writer.write(prefix.length)
            writer.write(UInt16(0))
            writer.write(Int32(-1))
            writer.write(contentsOf: prefix.address.octets)
            guard !isLast else { break }
            let rest = total &- writer.count
            writer.write(jump)
            writer.write(UInt8(truncatingIfNeeded: jumpByteCount))
            writer.write(UInt16(truncatingIfNeeded: rest))
        }
        return writer.finish()
    }

    private static func byteCount(of prefix: AddressPrefix) -> Int {
        12 &+ prefix.address.octets.count
    }

    /// Few prefixes that hold all of the addresses, and as little else as possible.
    ///
    /// - Parameters:
    ///   - addresses: what is to be held.
    ///   - limit: the most prefixes; two at least, for each family needs one.
    /// - Returns: the prefixes; an address may be in no other than its own family's.
    public static func prefixes(
        covering addresses: some Sequence<IPAddress>, atMost limit: Int = prefixLimit
    ) -> [AddressPrefix] {
        let sorted = Set(addresses).sorted {
            ($0.bitCount, $0.high, $0.low) < ($1.bitCount, $1.high, $1.low)
        }.map { AddressPrefix($0, length: $0.bitCount) }
        guard let first = sorted.first else { return [] }
        // Neighbours in order share the longest prefixes: they are parted where they share least.
        let shared = zip(sorted, sorted.dropFirst()).map { Int($0.joined(with: $1)?.length ?? 0) }
        let isFamilyChange = zip(sorted, sorted.dropFirst()).map {
            $0.address.family != $1.address.family
        }
        let ends = shared.indices.sorted {
            isFamilyChange[$0] != isFamilyChange[$1] ? isFamilyChange[$0] : shared[$0] < shared[$1]
        }.prefix(max(limit, 2) &- 1).sorted()
        var groups: [AddressPrefix] = []
        var start = first
        for end in ends {
            groups.append(start.joined(with: sorted[end]) ?? start)
            start = sorted[end &+ 1]
        }
        let last = sorted[sorted.count &- 1]
        return groups + [start.joined(with: last) ?? start]
    }
}
