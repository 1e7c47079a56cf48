// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Sockets

/// Which frames of Ethernet are heard: programs for the kernel.
///
/// - Source: linux/bpf_common.h; socket(7), SO_ATTACH_FILTER.
enum LinkFilter {
    private typealias Step = LinkSocket.Instruction

    /// How much of a frame is kept: more than any of these needs.
    static let frameByteCount = 128

    private enum Code {
        static let loadWord: UInt16 = 0x20
        static let loadHalf: UInt16 = 0x28
        static let loadByte: UInt16 = 0x30
        static let loadLength: UInt16 = 0x80
        static let ifEqual: UInt16 = 0x15
        static let ifGreater: UInt16 = 0x25
        static let and: UInt16 = 0x54
        static let take: UInt16 = 0x06
    }

    /// Segments of TCP over IPv4 or IPv6 that have hardly any data.
    static let shortSegments: [LinkSocket.Instruction] = [
        Step(Code.loadHalf, 12),
        Step(Code.ifEqual, UInt32(EthernetHeader.ipv4), whenTrue: 0, whenFalse: 2),
        Step(Code.loadByte, 23),
        Step(Code.ifEqual, 6, whenTrue: 3, whenFalse: 5),
        Step(Code.ifEqual, UInt32(EthernetHeader.ipv6), whenTrue: 0, whenFalse: 4),
        Step(Code.loadByte, 20),
        Step(Code.ifEqual, 6, whenTrue: 0, whenFalse: 2),
        Step(Code.loadLength, 0),
        Step(Code.ifGreater, UInt32(frameByteCount), whenTrue: 0, whenFalse: 1),
        Step(Code.take, 0),
        Step(Code.take, UInt32(frameByteCount)),
    ]

    /// Advertisements of neighbours of IPv6.
    static let advertisements: [LinkSocket.Instruction] = [
        Step(Code.loadByte, 20),
        Step(Code.ifEqual, 58, whenTrue: 0, whenFalse: 2),
        Step(Code.loadByte, 54),
        Step(Code.ifEqual, UInt32(NeighbourMessage.Kind.advertisement.rawValue), whenTrue: 1),
        Step(Code.take, 0),
        Step(Code.take, UInt32(frameByteCount)),
    ]

    /// ARP of whoever claims an IPv4 address in one of some prefixes.
    static func claims(in prefixes: [AddressPrefix]) -> [LinkSocket.Instruction] {
        var steps: [Step] = []
        let four = prefixes.filter { $0.address.family == .ipv4 }
        for (index, prefix) in four.enumerated() {
            // Three steps for each that is left, and the one that takes nothing.
            let rest = (four.count &- index &- 1) &* 3 &+ 1
            let mask = prefix.length == 0 ? 0 : UInt32.max << UInt32(32 &- prefix.length)
            steps += [
                Step(Code.loadWord, 28),
                Step(Code.and, mask),
                Step(
                    Code.ifEqual, UInt32(truncatingIfNeeded: prefix.address.low),
                    whenTrue: UInt8(clamping: rest)),
            ]
        }
        return steps + [Step(Code.take, 0), Step(Code.take, UInt32(frameByteCount))]
    }
}
