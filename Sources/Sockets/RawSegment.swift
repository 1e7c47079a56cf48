// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Packets whose network header the sender writes itself, and addresses that are tried out.
public enum RawSegment {
    /// Sends a packet.
    ///
    /// - Parameters:
    ///   - packet: network header and everything behind it.
    ///   - address: where to, as the kernel has it: 16 bytes for IPv4, 28 for IPv6.
    /// - Throws: the call that failed; `EMSGSIZE` when not all of it was sent.
    public static func send(_ packet: [UInt8], to address: [UInt8]) throws(SystemError) {
        let isIPv6 = address.count > 16
        let descriptor = try FileDescriptor(
            clinux_raw_socket(isIPv6 ? AF_INET6 : AF_INET), "socket")
        if !isIPv6 {
            let answer = clinux_include_header(descriptor.number)
            guard answer == 0 else { throw SystemError("setsockopt", answer: answer) }
        }
        let sent = unsafe packet.withUnsafeBytes { packet in
            unsafe address.withUnsafeBytes { address in
                unsafe clinux_send_raw(
                    descriptor.number, packet.baseAddress, packet.count, address.baseAddress,
                    address.count)
            }
        }
        guard sent >= 0 else {
            throw SystemError("sendto", answer: Int32(truncatingIfNeeded: sent))
        }
        guard sent == packet.count else { throw SystemError(call: "sendto", errno: EMSGSIZE) }
    }

    /// Binds a stream socket to an address, and closes it at once.
    ///
    /// - Parameter address: as the kernel has it: 16 bytes for IPv4, 28 for IPv6.
    /// - Returns: why it cannot be bound; nil when it can.
    public static func bindFailure(_ address: [UInt8]) -> SystemError? {
        let answer = unsafe address.withUnsafeBytes { bytes in
            unsafe clinux_try_bind(bytes.baseAddress, bytes.count)
        }
        return answer == 0 ? nil : SystemError("bind", answer: answer)
    }
}
