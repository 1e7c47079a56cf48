// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc
import Synchronization

/// Carries values from other threads into a loop.
///
/// The loop registers the descriptor for reading and calls `takeAll` when it is ready.
public final class Mailbox<Message: Sendable>: Sendable {
    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    private let waiting = Mutex<[Message]>([])

    /// Makes an empty mailbox.
    public init() throws(SystemError) {
        descriptor = try FileDescriptor(clinux_event_create(), "eventfd")
    }

    /// Leaves a value for the loop; from any thread.
    public func post(_ message: Message) {
        let wasEmpty = waiting.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if wasEmpty { _ = clinux_event_raise(descriptor.number) }
    }

    /// Takes all values, in the order in which they were left.
    public func takeAll() -> [Message] {
        // Lowered first: a value that comes after this raises it again.
        _ = clinux_event_lower(descriptor.number)
        return waiting.withLock { messages in
            let taken = messages
            messages = []
            return taken
        }
    }
}
