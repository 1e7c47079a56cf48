// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A keyed hash: who does not know the key can neither compute it nor find what was hashed.
///
/// - Source: SipHash-2-4, J.-P. Aumasson and D. J. Bernstein, 2012.
package struct SipHash {
    private var first: UInt64
    private var second: UInt64
    private var third: UInt64
    private var fourth: UInt64

    private init(_ key: (UInt64, UInt64)) {
        first = key.0 ^ 0x736F_6D65_7073_6575
        second = key.1 ^ 0x646F_7261_6E64_6F6D
        third = key.0 ^ 0x6C79_6765_6E65_7261
        fourth = key.1 ^ 0x7465_6462_7974_6573
    }

    /// The hash of some bytes.
    package static func hash(_ bytes: some Sequence<UInt8>, key: (UInt64, UInt64)) -> UInt64 {
        var state = SipHash(key)
        var word: UInt64 = 0
        var count: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) << (count % 8 * 8)
            count &+= 1
            if count % 8 == 0 {
                state.take(word)
                word = 0
            }
        }
        state.take(word | count << 56)
        state.third ^= 0xFF
        for _ in 0..<4 { state.round() }
        return state.first ^ state.second ^ state.third ^ state.fourth
    }

    private mutating func take(_ word: UInt64) {
        fourth ^= word
        round()
        round()
        first ^= word
    }

    private mutating func round() {
        first &+= second
        second = Self.rotate(second, 13) ^ first
        first = Self.rotate(first, 32)
        third &+= fourth
        fourth = Self.rotate(fourth, 16) ^ third
        first &+= fourth
        fourth = Self.rotate(fourth, 21) ^ first
        third &+= second
        second = Self.rotate(second, 17) ^ third
        third = Self.rotate(third, 32)
    }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }
}
