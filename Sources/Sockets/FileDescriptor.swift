// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A descriptor with one owner, closed when the owner lets it go.
///
/// An event loop holds on to it while it is registered there, so that its number cannot come to
/// mean something else behind the loop's back.
public final class FileDescriptor: Sendable {
    /// The number by which the kernel knows it.
    let number: Int32

    /// Takes over a descriptor that nobody else closes.
    init(owning number: Int32) { self.number = number }

    /// Makes a file in memory, which is read from its beginning on.
    public convenience init(inMemory bytes: [UInt8]) throws(SystemError) {
        let answer = unsafe bytes.withUnsafeBytes { part in
            unsafe clinux_memory_file(part.baseAddress, part.count)
        }
        try self.init(answer, "memfd_create")
    }

    deinit { _ = close(number) }

    /// Takes over what a call answered, or throws when it answered an error.
    convenience init(
        _ answer: Int32, _ call: String, _ path: String? = nil
    ) throws(SystemError) {
        guard answer >= 0 else { throw SystemError(call, path, answer: answer) }
        self.init(owning: answer)
    }
}
