// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A file that is read whole, such as a configuration.
public enum SmallFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: which file.
    ///   - limit: the most bytes that it may have.
    /// - Returns: all of its bytes.
    /// - Throws: `EFBIG` when the file has more bytes, or what the kernel answered.
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw SystemError(call: "open", path: path, errno: errno) }
        let descriptor = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { room in
                unsafe clinux_read(descriptor.number, room.baseAddress, room.count)
            }
            guard count >= 0 else {
                throw SystemError("read", path, answer: Int32(truncatingIfNeeded: count))
            }
            guard count > 0 else { return bytes }
            guard count <= limit - bytes.count else {
                throw SystemError(
                    call: "read", path: path, errno: EFBIG,
                    advice: "the limit is \(limit) bytes")
            }
            bytes += chunk[..<min(count, chunk.count)]
        }
    }
}
