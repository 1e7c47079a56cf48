// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

/// Measures how fast legacy packets in memory become values.
public struct DecodeMeter {
    /// So many different packets lie one behind the other, as in a capture.
    private static let packetCount = 4_096

    private let bytes: [UInt8]
    private let places: [Range<Int>]
    /// The bytes of a packet.
    public let packetByteCount: Int

    /// Makes messages with data of a length.
    ///
    /// - Parameter byteCount: the bytes of a message's data.
    /// - Throws: `.failed` for data that no packet can hold.
    public init(byteCount: Int) throws(BenchError) {
        var bytes: [UInt8] = []
        var places: [Range<Int>] = []
        for number in 0..<Self.packetCount {
            let data = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: byteCount)
            let packet = LegacyPacket(
                generation: Generation(rawValue: 1), destination: PNN(rawValue: 1),
                source: PNN(rawValue: 0), reqid: Reqid(rawValue: UInt32(number)),
                body: .requestMessage(
                    RequestMessage(srvid: SrvID(rawValue: 0xF000), data: data[...])))
            guard let encoded = try? packet.encode(layout: .native) else { throw .failed(1) }
            places.append(bytes.count..<(bytes.count + encoded.count))
            bytes += encoded
        }
        self.bytes = bytes
        self.places = places
        packetByteCount = places.first?.count ?? 0
    }

    /// Decodes all packets so often.
    ///
    /// - Returns: how many packets were decoded, and how many nanoseconds it took.
    /// - Throws: `.failed` when one is not read as it was written.
    public func run(rounds: Int) throws(BenchError) -> (packets: Int, nanoseconds: Int64) {
        let clock = ContinuousClock()
        let began = clock.now
        var sum: UInt64 = 0
        for _ in 0..<rounds {
            for place in places {
                guard let packet = try? LegacyPacket.decode(bytes[place], layout: .native),
                    case .requestMessage(let message) = packet.body
                else { throw .failed(1) }
                sum &+= UInt64(packet.reqid.rawValue) &+ UInt64(message.data.count)
            }
        }
        let taken = clock.now - began
        let count = rounds * places.count
        // The sum is used, so that nothing is left out.
        guard sum > 0 else { throw .failed(count) }
        let (seconds, attoseconds) = taken.components
        return (count, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
