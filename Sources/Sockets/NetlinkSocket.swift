// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A netlink socket: questions and orders to the kernel, and what it reports by itself.
public final class NetlinkSocket {
    /// Whom the kernel listens with.
    public enum Subsystem: Sendable {
        /// Links and addresses.
        case route
        /// Sockets.
        case socketDiagnosis

        fileprivate var number: Int32 {
            switch self {
            case .route: NETLINK_ROUTE
            case .socketDiagnosis: NETLINK_SOCK_DIAG
            }
        }
    }

    /// What a socket hears without asking.
    public struct Groups: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt32

        /// Makes a set of bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Changes of interfaces.
        public static let links = Groups(rawValue: 1 << 0)
        /// Changes of IPv4 addresses.
        public static let ipv4Addresses = Groups(rawValue: 1 << 4)
        /// Changes of IPv6 addresses.
        public static let ipv6Addresses = Groups(rawValue: 1 << 8)
    }

    /// What a call to receive came to.
    public enum Received: Equatable, Sendable {
        /// One datagram, which is one message or several.
        case datagram(ArraySlice<UInt8>)
        /// Nothing is waiting.
        case empty
        /// The kernel had to drop something that was for this socket.
        case overrun
        /// The kernel refused; the socket may still work.
        case failed(SystemError)
    }

    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    /// Datagrams of the kernel are at most 32 KiB, but for one attribute list of an interface with
    /// very many functions.
    private var scratch = [UInt8](repeating: 0, count: 65_536)

    /// Opens a socket.
    ///
    /// - Parameters:
    ///   - subsystem: whom the kernel listens with.
    ///   - groups: what is heard without asking.
    ///   - bufferByteCount: room for what was not read yet; nil is the kernel's choice.
    /// - Throws: what the kernel refuses; `EPROTONOSUPPORT` where it lacks the subsystem.
    public init(
        _ subsystem: Subsystem, groups: Groups = [], bufferByteCount: Int32? = nil
    ) throws(SystemError) {
        descriptor = try FileDescriptor(
            clinux_netlink_socket(subsystem.number, groups.rawValue), "socket AF_NETLINK")
        if let bufferByteCount {
            // Beyond the limit of the system only for who may; that much is enough otherwise.
            if clinux_set_option(descriptor.number, SO_RCVBUFFORCE, bufferByteCount) < 0 {
                _ = clinux_set_option(descriptor.number, SO_RCVBUF, bufferByteCount)
            }
        }
    }

    /// Sends messages, which the kernel carries out before this returns.
    ///
    /// - Throws: `ENOBUFS` and the like; `EMSGSIZE` when they are too many.
    public func send(_ messages: [UInt8]) throws(SystemError) {
        let number = descriptor.number
        let sent = unsafe messages.withUnsafeBytes { bytes in
            unsafe clinux_send(number, bytes.baseAddress, bytes.count)
        }
        guard sent >= 0 else {
            throw SystemError("send AF_NETLINK", answer: Int32(truncatingIfNeeded: sent))
        }
    }

    /// Takes one datagram, if there is one.
    public func receive() -> Received {
        let number = descriptor.number
        while true {
            let count = unsafe scratch.withUnsafeMutableBytes { room in
                unsafe clinux_netlink_receive(number, room.baseAddress, room.count)
            }
            if count > scratch.count {
                // The rest of it is lost, but the next ones of that size will fit.
                scratch = [UInt8](repeating: 0, count: min(count, 1 << 24))
                return .overrun
            }
            if count >= 0 { return .datagram(Array(scratch[..<count])[...]) }
            switch Int32(truncatingIfNeeded: 0 &- count) {
            case EAGAIN: return .empty
            case ENOBUFS: return .overrun
            // Somebody else's process has sent something here.
            case EPERM: continue
            case let code: return .failed(SystemError(call: "recv AF_NETLINK", errno: code))
            }
        }
    }

    /// Waits until there is something to receive; whether there is.
    public func wait(milliseconds: Int32) -> Bool {
        clinux_netlink_wait(descriptor.number, milliseconds) > 0
    }
}
