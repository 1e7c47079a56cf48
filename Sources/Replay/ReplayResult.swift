// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

/// What came of a play.
public struct ReplayResult: Equatable, Sendable {
    /// An answer.
    public struct Answer: Equatable, Sendable {
        /// The packet.
        public var bytes: [UInt8]
        /// How long it took.
        public var nanoseconds: UInt64
    }

    /// The steps that were left out.
    public var skipped: Set<Int>
    /// When each step was sent, by its place.
    public var sent: [Int: Instant] = [:]
    /// The answers, by the place of the question.
    public var answers: [Int: Answer] = [:]
    /// Why there is no answer, or why nothing was sent, by the place of the question.
    public var missing: [Int: String] = [:]
    /// Messages that came, by the place of the message in the script.
    public var messages: [Int: [UInt8]] = [:]
    /// Messages that came and are not in the script.
    public var otherMessages: [SrvID: Int] = [:]
    /// Answers to nothing.
    public var unasked = 0
    /// Packets that cannot be read.
    public var unreadable = 0
    /// When it began.
    public var began = Instant(nanoseconds: 0)
    /// When it ended.
    public var ended = Instant(nanoseconds: 0)

    /// Nothing has come yet.
    init(skipped: Set<Int>) { self.skipped = skipped }

    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64 {
        ended > began ? ended.nanoseconds - began.nanoseconds : 0
    }
}
