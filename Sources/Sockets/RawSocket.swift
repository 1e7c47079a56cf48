// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Sends packets whose network header the sender writes itself.
public final class RawSocket {
    private let descriptor: FileDescriptor

    /// Opens a socket for packets of IPv6, or of IPv4.
    ///
    /// - Throws: `EPERM` without CAP_NET_RAW.
    public init(isIPv6: Bool) throws(SystemError) {
        descriptor = try FileDescriptor(
            clinux_raw_socket(isIPv6 ? AF_INET6 : AF_INET), "socket SOCK_RAW")
        guard !isIPv6 else { return }
        let answer = clinux_include_header(descriptor.number)
        guard answer == 0 else { throw SystemError("setsockopt IP_HDRINCL", answer: answer) }
    }

    /// Sends a packet.
    ///
    /// - Parameters:
    ///   - packet: network header and everything behind it.
    ///   - address: where to, 4 or 16 bytes in network order.
    /// - Throws: `ENETUNREACH` where there is no way, and the like.
    public func send(_ packet: [UInt8], to address: [UInt8]) throws(SystemError) {
        let number = descriptor.number
        let sent = unsafe packet.withUnsafeBytes { packet in
            unsafe address.withUnsafeBytes { address in
                unsafe clinux_raw_send(
                    number, packet.baseAddress, packet.count, address.baseAddress, address.count)
            }
        }
        guard sent >= 0 else {
            throw SystemError("sendto SOCK_RAW", answer: Int32(truncatingIfNeeded: sent))
        }
    }
}
