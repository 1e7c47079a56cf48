// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Synchronization

/// A thread that writes to files, so that a slow disk does not hold up who hears what goes on.
///
/// Bytes are written in the order in which they were given. What waits is bounded: who gives more
/// waits until there is room.
public final class FileWriter: Sendable {
    private struct State {
        var pieces: [(bytes: [UInt8], file: RegularFile)] = []
        /// What waits and what is being written, in bytes.
        var byteCount = 0
        var failure: SystemError?
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    /// Raised when there is something to write, and at the end.
    private let work: FileDescriptor
    /// Raised when something has been written.
    private let progress: FileDescriptor

    /// Starts the thread.
    ///
    /// - Parameter limit: the bytes that may wait; a single piece may be longer.
    /// - Throws: why there is no thread.
    public init(limit: Int) throws(SystemError) {
        self.limit = limit
        work = try FileDescriptor(clinux_event_create(), "eventfd")
        progress = try FileDescriptor(clinux_event_create(), "eventfd")
        try WorkerThread.start { [self] in run() }
    }

    /// What waits to be written and what is being written, in bytes.
    public var waitingByteCount: Int { state.withLock { $0.byteCount } }

    /// Has bytes written behind those that were given before.
    ///
    /// - Throws: why earlier bytes, of any file, could not be written; from then on every time.
    public func write(_ bytes: [UInt8], to file: RegularFile) throws(SystemError) {
        try wait { $0.byteCount == 0 || $0.byteCount + bytes.count <= limit }
        state.withLock { state in
            state.pieces.append((bytes, file))
            state.byteCount += bytes.count
        }
        _ = clinux_event_raise(work.number)
    }

    /// Waits until everything has been written.
    ///
    /// - Throws: why something could not be written.
    public func finish() throws(SystemError) { try wait { $0.byteCount == 0 } }

    /// Ends the thread once it has written everything.
    public func close() {
        state.withLock { $0.isClosed = true }
        _ = clinux_event_raise(work.number)
    }

    /// Waits for something that the thread brings about, or for its failure.
    private func wait(_ isDone: (borrowing State) -> Bool) throws(SystemError) {
        while true {
            // Lowered first: progress that is made after this raises it again.
            _ = clinux_event_lower(progress.number)
            let (done, failure) = state.withLock { (isDone($0), $0.failure) }
            if let failure { throw failure }
            if done { return }
            guard clinux_wait_readable(progress.number) == 0 else { return }
        }
    }

    private func run() {
        while true {
            _ = clinux_event_lower(work.number)
            let (pieces, isClosed) = state.withLock { state in
                let pieces = state.pieces
                state.pieces = []
                return (pieces, state.isClosed)
            }
            for piece in pieces { write(piece.bytes, piece.file) }
            guard pieces.isEmpty else { continue }
            if isClosed { return }
            guard clinux_wait_readable(work.number) == 0 else { return }
        }
    }

    private func write(_ bytes: [UInt8], _ file: RegularFile) {
        var failure: SystemError?
        do {
            // Behind a hole nobody could read the rest.
            if state.withLock({ $0.failure }) == nil { try file.write(bytes) }
        } catch {
            failure = error
        }
        state.withLock { state in
            state.byteCount -= bytes.count
            state.failure = state.failure ?? failure
        }
        _ = clinux_event_raise(progress.number)
    }
}
