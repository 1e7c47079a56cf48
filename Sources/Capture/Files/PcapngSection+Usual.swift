// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension PcapngSection {
    /// Type, two lengths, interface, time in two halves, length in the file and before.
    private static let packetByteCount = 32
    /// The option that tells which way a packet went, and the end of options.
    private static let directionByteCount = 12

    /// Reads the packet that begins here, where it is of the usual kind; nil for any other block.
    ///
    /// Nearly all blocks of a capture are of it: a whole enhanced packet block without options, or
    /// with nothing but the direction. What is not, is read field by field, which says the same of
    /// these, at several times the cost.
    ///
    /// - Parameters:
    ///   - bytes: what there is of the file from here on.
    ///   - interfaces: all interfaces so far.
    /// - Returns: the packet, and the length of its block.
    func usualPacket(
        _ bytes: ArraySlice<UInt8>, _ interfaces: [CaptureInterface]
    ) -> (packet: RawPacket, byteCount: Int)? {
        let span = bytes.span
        guard span.count >= Self.packetByteCount, word(span, 0) == Self.enhancedPacket else {
            return nil
        }
        let length = word(span, 4)
        let count = Int(length)
        let captured = Int(word(span, 20))
        guard captured <= CaptureFileReader.blockLimit, count <= CaptureFileReader.blockLimit,
            count <= span.count, count % 4 == 0
        else { return nil }
        let end = 28 &+ captured &+ PcapngOptions.padding(captured)
        let options = count &- 4 &- end
        guard options == 0 || options == Self.directionByteCount,
            word(span, count &- 4) == length
        else { return nil }
        var direction: RawPacket.Direction?
        if options > 0 {
            guard half(span, end) == PcapngOptions.direction, half(span, end &+ 2) == 4,
                half(span, end &+ 8) == PcapngOptions.end
            else { return nil }
            direction = RawPacket.Direction(rawValue: word(span, end &+ 4) & 3)
        }
        let place = firstInterface &+ Int(word(span, 8))
        guard place < interfaces.count else { return nil }
        let ticks = UInt64(word(span, 12)) << 32 | UInt64(word(span, 16))
        let time = CaptureTime(
            ticks: ticks, of: interfaces[place].resolution,
            offsetSeconds: interfaces[place].offsetSeconds)
        let start = bytes.startIndex &+ 28
        return (
            RawPacket(
                time: time, interface: place, bytes: bytes[start..<(start &+ captured)],
                originalByteCount: Int(word(span, 24)), direction: direction), count
        )
    }

    private func word(_ span: Span<UInt8>, _ place: Int) -> UInt32 {
        let value = span.bigUInt32(at: place)
        return order == .big ? value : value.byteSwapped
    }

    private func half(_ span: Span<UInt8>, _ place: Int) -> UInt16 {
        let value = span.bigUInt16(at: place)
        return order == .big ? value : value.byteSwapped
    }
}
