// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire

/// What is known of the bytes that wait in a borrowed connection.
///
/// They stay there until they are answered, so that whoever lent the connection finds every request
/// that is not. Answers come in any order; the bytes can only go in theirs.
public struct PeekedStream: Equatable, Sendable {
    /// What a look has found.
    public enum Found: Equatable, Sendable {
        /// These packets are new; each has a number for `answer`.
        case packets([(number: UInt64, bytes: ArraySlice<UInt8>)])
        /// The stream is none of packets, or a packet is longer than may wait in a socket.
        case invalid(WireError)

        /// Whether both are the same.
        public static func == (first: Self, second: Self) -> Bool {
            switch (first, second) {
            case (.packets(let first), .packets(let second)):
                first.elementsEqual(second) { $0.number == $1.number && $0.bytes == $1.bytes }
            case (.invalid(let first), .invalid(let second)): first == second
            case (.packets, _), (.invalid, _): false
            }
        }
    }

    private struct Waiting: Equatable, Sendable {
        let number: UInt64
        let byteCount: Int
        var isAnswered = false
    }

    private let layout: LegacyLayout
    private let maximumLength: Int
    private var waiting: [Waiting] = []
    private var count: UInt64 = 0

    /// Starts with a stream of which nothing is known.
    ///
    /// - Parameters:
    ///   - layout: the layout of the machine at the other end.
    ///   - maximumLength: the longest packet, in bytes.
    public init(layout: LegacyLayout, maximumLength: Int) {
        self.layout = layout
        self.maximumLength = maximumLength
    }

    /// Whether every packet that was found is answered and taken away.
    public var isIdle: Bool { waiting.isEmpty }
    /// The bytes of the packets that were found and not taken away.
    public var waitingByteCount: Int { waiting.reduce(0) { $0 + $1.byteCount } }

    /// Finds the packets that have not been found before.
    ///
    /// - Parameter bytes: all bytes that wait, from the first one on.
    /// - Returns: the packets that are whole.
    public mutating func look(at bytes: [UInt8]) -> Found {
        var framer = EventFramer(layout: layout, maximumLength: maximumLength)
        framer.append(bytes.dropFirst(waitingByteCount))
        var found: [(number: UInt64, bytes: ArraySlice<UInt8>)] = []
        do throws(WireError) {
            while let packet = try framer.next() {
                count &+= 1
                waiting.append(Waiting(number: count, byteCount: packet.count))
                found.append((count, packet))
            }
        } catch {
            // What stands in front of it is asked as ever; the next look meets it again.
            if found.isEmpty { return .invalid(error) }
        }
        return .packets(found)
    }

    /// Notes that a packet was answered.
    ///
    /// - Returns: how many bytes are to be taken away now, from the first one on.
    public mutating func answer(_ number: UInt64) -> Int {
        guard let at = waiting.firstIndex(where: { $0.number == number }) else { return 0 }
        waiting[at].isAnswered = true
        let done = waiting.prefix { $0.isAnswered }
        let byteCount = done.reduce(0) { $0 + $1.byteCount }
        waiting.removeFirst(done.count)
        return byteCount
    }
}
