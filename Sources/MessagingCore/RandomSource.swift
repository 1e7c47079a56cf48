// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A repeatable sequence of numbers from a seed that came from outside.
///
/// - Source: the SplitMix64 generator (Steele, Lea and Flood, 2014).
public struct RandomSource: Equatable, Sendable, RandomNumberGenerator {
    private var state: UInt64

    /// Starts a sequence.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next number that is not 0.
    public mutating func nextNonce() -> UInt64 {
        while true {
            let value = next()
            if value != 0 { return value }
        }
    }
}
