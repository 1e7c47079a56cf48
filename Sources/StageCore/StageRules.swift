// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What must be the case before a function moves forward.
public struct StageRules: Hashable, Sendable {
    /// A verification counts for so long.
    public var verificationAge: Duration
    /// So many decisions must have been compared in shadow.
    public var minimumComparisons: Int
    /// The differences in a thousand comparisons that are still fine.
    public var differencesPerMille: Int

    /// Makes rules.
    public init(
        verificationAge: Duration = .seconds(3600), minimumComparisons: Int = 1,
        differencesPerMille: Int = 0
    ) {
        self.verificationAge = verificationAge
        self.minimumComparisons = minimumComparisons
        self.differencesPerMille = differencesPerMille
    }

    /// Whether a verification still counts.
    ///
    /// Clocks of nodes differ a little; a verification from further ahead than a minute does not
    /// count.
    ///
    /// - Parameters:
    ///   - verified: when it was, in milliseconds since 1970; 0: never.
    ///   - now: in milliseconds since 1970.
    /// - Returns: whether it counts.
    public func isYoungEnough(verified: UInt64, now: UInt64) -> Bool {
        guard verified > 0 else { return false }
        if verified > now { return verified - now <= 60_000 }
        return now - verified <= verificationAge.nanoseconds / 1_000_000
    }
}
