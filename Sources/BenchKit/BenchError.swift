// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// Why a measurement came to nothing.
public enum BenchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kernel refused something.
    case system(SystemError)
    /// Nobody answered in time, and what the last try said.
    case unreachable(String)
    /// Answers stopped coming after so many.
    case stalled(finished: Int)
    /// A legacy connection ended, or ctdbd refused what was asked.
    case legacy(String)
    /// So many requests came to nothing.
    case failed(Int)

    /// One line for people.
    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .unreachable(let reason): "nobody answers: \(reason)"
        case .stalled(let finished): "answers stopped coming after \(finished)"
        case .legacy(let reason): reason
        case .failed(let count): "\(count) came to nothing"
        }
    }
}

/// Does something of which the kernel may refuse a part.
@discardableResult
func attempt<Result>(
    _ body: () throws(SystemError) -> Result
) throws(BenchError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
}

extension EventLoop {
    /// Runs the loop until something is so.
    ///
    /// It waits for so many milliseconds while `progress`, which grows as long as there is hope,
    /// stays what it is; false when that time was up.
    func iterate(
        milliseconds: UInt64, progress: () -> Int = { 0 }, until isSo: () -> Bool
    ) throws(BenchError) -> Bool {
        var last = progress()
        var limit = Self.clock().advanced(byMilliseconds: milliseconds)
        while !isSo() {
            try attempt { () throws(SystemError) in try iterate(until: limit) }
            guard Self.clock() >= limit, !isSo() else { continue }
            guard progress() != last else { return false }
            last = progress()
            limit = Self.clock().advanced(byMilliseconds: milliseconds)
        }
        return true
    }
}
