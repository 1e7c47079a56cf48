// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What a load is made of.
public struct LoadPlan: Equatable, Sendable {
    /// When the measured part ends.
    public enum Limit: Equatable, Sendable {
        /// After so many round trips.
        case count(Int)
        /// After so many nanoseconds.
        case nanoseconds(UInt64)
    }

    /// The bytes of a request's payload, which the answer has too.
    public var byteCount: Int
    /// So many requests are under way at any time.
    public var outstanding: Int
    /// So many round trips come before the measured ones.
    public var warmup: Int
    /// When to stop.
    public var limit: Limit

    /// Describes a load.
    public init(byteCount: Int, outstanding: Int, warmup: Int, limit: Limit) {
        self.byteCount = byteCount
        self.outstanding = outstanding
        self.warmup = warmup
        self.limit = limit
    }
}
