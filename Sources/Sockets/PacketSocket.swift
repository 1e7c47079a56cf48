// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Hears what TCP carries from and to one port, on the interfaces of this network namespace.
///
/// The kernel chooses the packets and puts them into a ring of blocks that it shares with this
/// process; it hands a block over when it is full or a short time old. What finds no room in the
/// ring is lost and counted.
@safe public final class PacketSocket {
    /// How a packet socket is made.
    public struct Settings: Equatable, Sendable {
        /// Only packets from or to this port are heard.
        public var port: UInt16
        /// The only interface that is heard; nil hears all of them.
        public var interface: String?
        /// The most bytes of a packet; a card or a virtual one may hand over 64 KiB at once.
        public var snapLength: UInt32
        /// The blocks of the ring, of 1 MiB each.
        public var blockCount: UInt32
        /// Whether packets that only acknowledge others are left out.
        public var isDataOnly: Bool

        /// Makes settings.
        public init(
            port: UInt16, interface: String? = nil, snapLength: UInt32 = 262_144,
            blockCount: UInt32 = 32, isDataOnly: Bool = false
        ) {
            self.isDataOnly = isDataOnly
            self.port = port
            self.interface = interface
            self.snapLength = snapLength
            self.blockCount = blockCount
        }
    }

    /// A packet among others.
    public struct Packet: Equatable, Sendable {
        /// Nanoseconds since 1970, by the kernel.
        public var time: UInt64
        /// Where its bytes are in the batch, from the link header on.
        public var range: Range<Int>
        /// How many bytes it had before it was cut.
        public var originalByteCount: Int
        /// The number of the interface.
        public var interface: UInt32
        /// The kind of the interface, as the kernel numbers them.
        public var kind: UInt16
        /// Whether this machine has sent it.
        public var isOutgoing: Bool
    }

    /// Packets that were taken together.
    public struct Batch: Equatable, Sendable {
        /// In the order in which they were heard.
        public var packets: [Packet]
        /// The bytes of all of them.
        public var bytes: [UInt8]
    }

    /// What was heard since it was last asked.
    public struct Counts: Equatable, Sendable {
        /// Packets that passed the filter, the lost ones too.
        public var heard: UInt64
        /// Packets that found no room in the ring.
        public var lost: UInt64
    }

    private static let blockByteCount = 1 << 20
    private static let blockMilliseconds: UInt32 = 50
    /// The most packets of a batch: more than the smallest ones in a block.
    private static let batchLimit = 16_384

    /// What an event loop waits on.
    public let descriptor: FileDescriptor
    private var ring: clinux_ring
    private var frames: [clinux_frame]

    /// Begins to hear.
    ///
    /// - Parameter settings: what is heard, and how much may wait.
    /// - Throws: `EPERM` without the capability CAP_NET_RAW; `ENODEV` when there is no such
    ///   interface; `ENOMEM` when the ring is too large.
    public init(_ settings: Settings) throws(SystemError) {
        let answer = clinux_packet_socket()
        guard answer >= 0 else {
            let advice =
                answer == -EPERM ? "capturing needs root, or the capability CAP_NET_RAW" : nil
            throw SystemError(
                call: "socket AF_PACKET", errno: 0 &- answer, advice: advice)
        }
        descriptor = FileDescriptor(owning: answer)
        var number: UInt32 = 0
        if let interface = settings.interface {
            let found = unsafe clinux_interface_number(interface)
            guard found > 0 else {
                throw SystemError(
                    call: "if_nametoindex", path: interface, errno: 0 &- found,
                    advice: "this network namespace has no such interface: see ip link")
            }
            number = UInt32(found)
        }
        let filtered = clinux_packet_filter(
            descriptor.number, settings.port, settings.snapLength, settings.isDataOnly ? 1 : 0)
        guard filtered == 0 else {
            throw SystemError("setsockopt SO_ATTACH_FILTER", answer: filtered)
        }
        unsafe ring = clinux_ring()
        frames = [clinux_frame](repeating: clinux_frame(), count: Self.batchLimit)
        let made = unsafe clinux_packet_ring(
            descriptor.number, &ring, Self.blockByteCount, max(2, settings.blockCount),
            Self.blockMilliseconds)
        guard made == 0 else {
            throw SystemError(
                call: "setsockopt PACKET_RX_RING", errno: 0 &- made,
                advice: made == -ENOMEM ? "choose a smaller buffer" : nil)
        }
        let bound = clinux_packet_bind(descriptor.number, number)
        guard bound == 0 else { throw SystemError("bind", settings.interface, answer: bound) }
    }

    deinit { unsafe clinux_ring_unmap(&ring) }

    /// Hears nothing more; what was heard before can still be taken.
    public func deafen() { _ = clinux_packet_deafen(descriptor.number) }

    /// Waits until the kernel hands a block over, for as long as it may keep one back.
    ///
    /// - Returns: whether there is something to take.
    public func waitForBlock() -> Bool {
        var wait = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wait, 1, Int32(Self.blockMilliseconds) * 2) > 0
    }

    /// Takes what the kernel has handed over, at most about a block of it.
    ///
    /// - Returns: packets; none when nothing waits.
    public func take() -> Batch {
        var count = 0
        var used = 0
        let capacity = Self.blockByteCount * 2
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, filled in
            unsafe frames.withUnsafeMutableBufferPointer { frames in
                count = Int(
                    unsafe clinux_ring_take(
                        &ring, room.baseAddress, capacity, frames.baseAddress, frames.count,
                        &used))
            }
            filled = used
        }
        let packets = frames.prefix(max(0, count)).map { frame in
            let start = Int(frame.start)
            return Packet(
                time: frame.time, range: start..<(start + Int(frame.count)),
                originalByteCount: Int(frame.length), interface: frame.interface,
                kind: frame.kind, isOutgoing: frame.direction == Self.outgoing)
        }
        return Batch(packets: packets, bytes: bytes)
    }

    /// What was heard and lost since the last time.
    public func counts() throws(SystemError) -> Counts {
        var drops = clinux_drops()
        let answer = unsafe clinux_packet_drops(descriptor.number, &drops)
        guard answer == 0 else { throw SystemError("getsockopt PACKET_STATISTICS", answer: answer) }
        return Counts(heard: UInt64(drops.packets), lost: UInt64(drops.drops))
    }

    /// The name of an interface of this network namespace; nil when it is gone.
    public static func interfaceName(_ number: UInt32) -> String? {
        var room = [CChar](repeating: 0, count: Int(CLINUX_INTERFACE_NAME_LIMIT))
        let answer = unsafe room.withUnsafeMutableBufferPointer { room in
            unsafe clinux_interface_name(number, room.baseAddress)
        }
        guard answer == 0 else { return nil }
        return String(
            decoding: room.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// PACKET_OUTGOING.
    private static let outgoing: UInt8 = 4
}
