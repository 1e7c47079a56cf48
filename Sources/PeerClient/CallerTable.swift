// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore

/// Whom to tell what became of the things that were sent, by token.
///
/// A token is never 0 and is not used again for a long time: its lower half is a place, which is
/// used again, and its upper half counts how often it was.
struct CallerTable {
    private struct Caller {
        var use: UInt32 = 1
        var completion: ((Completion) -> Void)?
        var reply: ((Reply) -> Void)?
    }

    private var callers: [Caller] = []
    private var free: [Int] = []

    /// Remembers a caller, and gives it a token.
    mutating func add(
        completion: ((Completion) -> Void)?, reply: ((Reply) -> Void)?
    ) -> UInt64 {
        let place: Int
        if let reused = free.popLast() {
            place = reused
        } else {
            place = callers.count
            callers.append(Caller())
        }
        callers[place].completion = completion
        callers[place].reply = reply
        return UInt64(callers[place].use) << 32 | UInt64(place)
    }

    /// Who wants the replies to a broadcast; nil for a token that is not in use.
    func reply(_ token: UInt64) -> ((Reply) -> Void)? {
        place(of: token).flatMap { callers[$0].reply }
    }

    /// Forgets a caller, and gives who wants to know what became of the thing.
    mutating func remove(_ token: UInt64) -> ((Completion) -> Void)? {
        guard let place = place(of: token) else { return nil }
        let completion = callers[place].completion
        callers[place].completion = nil
        callers[place].reply = nil
        callers[place].use &+= 1
        if callers[place].use == 0 { callers[place].use = 1 }
        free.append(place)
        return completion
    }

    private func place(of token: UInt64) -> Int? {
        let place = Int(UInt32(truncatingIfNeeded: token))
        guard place < callers.count, UInt64(callers[place].use) == token >> 32 else { return nil }
        return place
    }
}
