// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import Sockets
import Vocabulary

/// The end of the time that all steps of something have together.
struct Deadline {
    private let end: Instant

    /// The end of a time that begins now.
    init(in limit: Duration) { end = EventLoop.clock().advanced(by: limit) }

    /// What is left of it.
    var remaining: Duration {
        let now = EventLoop.clock()
        guard end > now else { return .zero }
        return .nanoseconds(Int64(clamping: end.nanoseconds - now.nanoseconds))
    }

    /// Whether nothing is left.
    var hasPassed: Bool { EventLoop.clock() >= end }
}

extension LegacySession {
    /// Lets time pass, while messages are handed to their listeners.
    func pause(_ length: Duration, before deadline: Deadline) {
        wait(within: min(length, deadline.remaining)) { false }
    }
}
