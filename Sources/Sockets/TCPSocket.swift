// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

extension StreamSocket {
    /// Begins to connect by TCP; it has come about, or not, when the stream can be written.
    ///
    /// - Parameters:
    ///   - address: 4 or 16 bytes in network order.
    ///   - port: the other end's port.
    /// - Throws: what is clear at once, as `ENETUNREACH`.
    public convenience init(connectingTo address: [UInt8], port: UInt16) throws(SystemError) {
        let answer = unsafe address.withUnsafeBytes { bytes in
            unsafe clinux_tcp_connect(bytes.baseAddress, bytes.count, port)
        }
        self.init(try FileDescriptor(answer, "connect TCP"), path: nil)
    }

    /// Why a connection did not come about, or broke; nil when it is well.
    public func takeFailure() -> SystemError? {
        var code: Int32 = 0
        let answer = unsafe clinux_get_option(descriptor.number, SO_ERROR, &code)
        guard answer == 0, code == 0 else {
            return SystemError(call: "connect TCP", errno: answer == 0 ? code : 0 &- answer)
        }
        return nil
    }
}

/// Takes connections of TCP.
public final class TCPListener {
    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    /// The port.
    public let port: UInt16

    /// Listens.
    ///
    /// - Parameters:
    ///   - address: 4 or 16 bytes in network order; zeros are all addresses.
    ///   - port: the port; 0 takes a free one.
    /// - Throws: `EADDRINUSE` when somebody listens there already.
    public init(on address: [UInt8], port: UInt16 = 0) throws(SystemError) {
        var taken = port
        let answer = unsafe address.withUnsafeBytes { bytes in
            unsafe clinux_tcp_listen(bytes.baseAddress, bytes.count, &taken)
        }
        descriptor = try FileDescriptor(answer, "listen TCP")
        self.port = taken
    }

    /// Takes a connection, if one waits.
    public func accept() -> StreamSocket? {
        let answer = clinux_accept(descriptor.number)
        return answer < 0 ? nil : StreamSocket(FileDescriptor(owning: answer), path: nil)
    }
}
