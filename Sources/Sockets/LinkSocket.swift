// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Frames of Ethernet, sent and heard whole.
public final class LinkSocket {
    /// What a call to receive came to.
    public enum Received: Equatable, Sendable {
        /// A frame, cut to the room there was, the index of its interface, and whether this
        /// machine sent it.
        case frame(ArraySlice<UInt8>, interface: UInt32, isOutgoing: Bool)
        /// Nothing is waiting.
        case empty
        /// The kernel refused, as when the interface is down; the socket may still work.
        case failed(SystemError)
    }

    /// One instruction of a filter.
    ///
    /// - Source: `struct sock_filter`, linux/filter.h.
    public struct Instruction: Equatable, Sendable {
        /// What it does.
        public var code: UInt16
        /// How many instructions to pass over when a test succeeds.
        public var whenTrue: UInt8
        /// How many instructions to pass over when it fails.
        public var whenFalse: UInt8
        /// The number that it works with.
        public var operand: UInt32

        /// Makes an instruction.
        public init(
            _ code: UInt16, _ operand: UInt32, whenTrue: UInt8 = 0, whenFalse: UInt8 = 0
        ) {
            self.code = code
            self.whenTrue = whenTrue
            self.whenFalse = whenFalse
            self.operand = operand
        }
    }

    /// What is heard.
    public enum EtherType: UInt16, Sendable {
        /// Everything, also what this machine sends.
        case all = 0x0003
        /// ARP.
        case arp = 0x0806
        /// IPv6.
        case ipv6 = 0x86DD
    }

    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    private var scratch: [UInt8]

    /// Opens a socket that can send, and hears nothing.
    ///
    /// - Throws: `EPERM` without CAP_NET_RAW.
    public init() throws(SystemError) {
        descriptor = try FileDescriptor(clinux_link_socket(), "socket AF_PACKET")
        scratch = []
    }

    /// Opens a socket that hears frames of a protocol.
    ///
    /// - Parameters:
    ///   - type: the protocol.
    ///   - interface: the index of the only interface to hear; nil hears all.
    ///   - filter: lets frames through; nothing that came before it was set is ever received.
    ///   - frameByteCount: how much of a frame is kept.
    /// - Throws: `EPERM` without CAP_NET_RAW; `ENODEV` when there is no such interface.
    public init(
        hearing type: EtherType, on interface: UInt32? = nil, filter: [Instruction],
        frameByteCount: Int
    ) throws(SystemError) {
        descriptor = try FileDescriptor(clinux_link_socket(), "socket AF_PACKET")
        scratch = [UInt8](repeating: 0, count: max(frameByteCount, 1))
        try setFilter(filter)
        let answer = clinux_link_bind(
            descriptor.number, type.rawValue, Int32(bitPattern: interface ?? 0))
        guard answer == 0 else { throw SystemError("bind AF_PACKET", answer: answer) }
    }

    /// Replaces the filter; what was let through by the old one and not received is dropped.
    public func setFilter(_ filter: [Instruction]) throws(SystemError) {
        let raw = filter.map {
            sock_filter(code: $0.code, jt: $0.whenTrue, jf: $0.whenFalse, k: $0.operand)
        }
        let number = descriptor.number
        let answer = unsafe raw.withUnsafeBytes { program in
            unsafe clinux_link_filter(number, program.baseAddress, raw.count)
        }
        guard answer == 0 else { throw SystemError("setsockopt SO_ATTACH_FILTER", answer: answer) }
    }

    /// Sends a frame on an interface.
    ///
    /// - Parameters:
    ///   - frame: everything from the Ethernet header on.
    ///   - interface: the index of the interface.
    /// - Throws: `ENETDOWN` when it is down, `ENXIO` or `ENODEV` when it is gone, `ENOBUFS` when
    ///   its queue is full.
    public func send(_ frame: [UInt8], on interface: UInt32) throws(SystemError) {
        let number = descriptor.number
        let sent = unsafe frame.withUnsafeBytes { bytes in
            unsafe clinux_link_send(
                number, bytes.baseAddress, bytes.count, Int32(bitPattern: interface))
        }
        guard sent >= 0 else {
            throw SystemError("sendto AF_PACKET", answer: Int32(truncatingIfNeeded: sent))
        }
    }

    /// Takes one frame, if there is one.
    public func receive() -> Received {
        var about = clinux_link_frame()
        let number = descriptor.number
        let count = unsafe scratch.withUnsafeMutableBytes { room in
            unsafe clinux_link_receive(number, room.baseAddress, room.count, &about)
        }
        guard count >= 0 else {
            let code = Int32(truncatingIfNeeded: 0 &- count)
            return code == EAGAIN
                ? .empty : .failed(SystemError(call: "recv AF_PACKET", errno: code))
        }
        return .frame(
            Array(scratch[..<min(count, scratch.count)])[...],
            interface: UInt32(bitPattern: about.index), isOutgoing: about.is_outgoing != 0)
    }
}
