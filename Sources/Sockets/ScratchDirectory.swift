// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A directory of its own for a test, which goes away with everything in it.
package final class ScratchDirectory {
    /// Where it is.
    package let path: String

    /// Makes an empty directory.
    package init() throws(SystemError) {
        var template = Array("/tmp/tablecloth.XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { text in
            guard let start = text.baseAddress else { return false }
            return unsafe mkdtemp(start) != nil
        }
        guard made else { throw SystemError(call: "mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { _ = unsafe clinux_remove_directory(path) }

    /// The path of something in the directory.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file.
    package func write(_ bytes: [UInt8], to name: String) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let number = unsafe open(file(name), flags, 0o600)
        guard number >= 0 else {
            throw SystemError(call: "open", path: file(name), errno: errno)
        }
        let owner = FileDescriptor(owning: number)
        let count = unsafe bytes.withUnsafeBytes { part in
            unsafe clinux_write(owner.number, part.baseAddress, part.count)
        }
        guard count == bytes.count else {
            throw SystemError(call: "write", path: file(name), errno: EIO)
        }
    }

    /// Leaves a socket that nobody reads.
    package func leaveStaleSocket(
        _ name: String, isStream: Bool = false
    ) throws(SystemError) {
        let kind = Int32(bitPattern: (isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        let descriptor = try FileDescriptor(clinux_unix_socket(kind), "socket")
        let answer = unsafe clinux_unix_bind(descriptor.number, file(name), 0)
        guard answer == 0 else { throw SystemError("bind", file(name), answer: answer) }
    }

    /// Removes a file or an empty directory; whether it was there.
    package func remove(_ name: String) -> Bool { unsafe Glibc.remove(file(name)) == 0 }

    /// Changes the mode of the directory.
    package func setPermissions(_ mode: UInt32) {
        _ = unsafe chmod(path, mode)
    }

    /// Gives the directory to another user; whether that was allowed.
    package func setOwner(_ uid: UInt32) -> Bool { unsafe chown(path, uid, .max) == 0 }

    /// The mode of a file in the directory, or nil when there is none.
    package func permissions(of name: String) -> UInt32? {
        (try? UnixPath.look(file(name)))?.permissions
    }
}

extension DatagramSender {
    /// Sends a datagram along with the other end of a stream, as somebody hostile might.
    package func send(_ bytes: [UInt8], passing stream: StreamSocket) -> Bool {
        let number = descriptor.number
        let sent = unsafe bytes.withUnsafeBytes { part in
            unsafe clinux_send_descriptor(
                number, part.baseAddress, part.count, stream.descriptor.number)
        }
        return sent == bytes.count
    }
}

extension Signal {
    /// Sends the signal to the calling thread, where it waits if it is blocked.
    package func raiseHere() { _ = raise(rawValue) }
}
