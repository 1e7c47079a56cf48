// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// A public address: what ctdbd tells addresses apart by, which is neither prefix nor interface.
///
/// - Source: `ip_key()`, ctdb/server/ipalloc_common.c, and `ctdb_sock_addr_cmp_ip()`,
///   ctdb/protocol/protocol_util.c, Samba 4.17.
public typealias PublicAddress = IPAddress

extension PublicAddress {
    /// What orders addresses in ctdbd: 128 bits, which an IPv4 address fills with zeros in front,
    /// so that 10.0.0.1 and ::10.0.0.1 have the same key.
    var key: Key { Key(high: high, low: low) }

    /// The 128 bits of an address.
    struct Key: Hashable, Comparable {
        var high: UInt64
        var low: UInt64

        static func < (lhs: Self, rhs: Self) -> Bool {
            lhs.high == rhs.high ? lhs.low < rhs.low : lhs.high < rhs.high
        }

        /// The leading bits that two addresses share, counted in each of four 32-bit words, whether
        /// or not the words in front of it are the same: ctdbd's distance is this sum.
        func distance(to other: Self) -> UInt32 {
            Self.zeros(high ^ other.high) &+ Self.zeros(low ^ other.low)
        }

        private static func zeros(_ bits: UInt64) -> UInt32 {
            let upper = UInt32(truncatingIfNeeded: bits >> 32)
            let lower = UInt32(truncatingIfNeeded: bits)
            return UInt32(truncatingIfNeeded: upper.leadingZeroBitCount)
                &+ UInt32(truncatingIfNeeded: lower.leadingZeroBitCount)
        }
    }
}
