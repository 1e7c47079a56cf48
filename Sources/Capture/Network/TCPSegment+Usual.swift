// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension TCPSegment {
    /// Reads the segment in a packet of the usual kind; nil for any other.
    ///
    /// Nearly all packets of a capture are of it: Ethernet or the "any" device without VLAN tags,
    /// IPv4 or IPv6 right behind that and all there, no fragment, no extension, then TCP. What is
    /// not, goes through the readers of each layer, which say the same of these, at twice the time.
    static func usual(_ bytes: ArraySlice<UInt8>, _ type: LinkType) -> TCPSegment? {
        let span = bytes.span
        guard let place = networkPlace(span, type), place < span.count else { return nil }
        return span[place] >> 4 == 4
            ? overIPv4(bytes, at: place) : overIPv6(bytes, at: place)
    }

    /// Where the header of the network layer begins.
    private static func networkPlace(_ span: Span<UInt8>, _ type: LinkType) -> Int? {
        let (kind, place): (Int, Int)
        switch type {
        case .ethernet: (kind, place) = (12, 14)
        case .linuxCooked: (kind, place) = (14, 16)
        case .linuxCooked2: (kind, place) = (0, 20)
        default: return nil
        }
        guard span.count > place else { return nil }
        switch (span.bigUInt16(at: kind), span[place] >> 4) {
        case (0x0800, 4), (0x86DD, 6): return place
        default: return nil
        }
    }

    private static func overIPv4(_ bytes: ArraySlice<UInt8>, at place: Int) -> TCPSegment? {
        let span = bytes.span
        guard span.count &- place >= 40 else { return nil }
        let headerCount = Int(span[place] & 0xF) &* 4
        let count = Int(span.bigUInt16(at: place &+ 2))
        guard headerCount >= 20, count >= headerCount &+ 20, count <= span.count &- place,
            span.bigUInt16(at: place &+ 6) & 0x3FFF == 0,
            span[place &+ 9] == InternetPacket.tcp
        else { return nil }
        return segment(
            bytes, at: place &+ headerCount, end: place &+ count,
            .ipv4(span.bigUInt32(at: place &+ 12)), .ipv4(span.bigUInt32(at: place &+ 16)))
    }

    private static func overIPv6(_ bytes: ArraySlice<UInt8>, at place: Int) -> TCPSegment? {
        let span = bytes.span
        guard span.count &- place >= 60 else { return nil }
        let count = Int(span.bigUInt16(at: place &+ 4))
        guard count >= 20, count <= span.count &- place &- 40,
            span[place &+ 6] == InternetPacket.tcp
        else { return nil }
        let source = NetworkAddress.ipv6(
            high: span.bigUInt64(at: place &+ 8), low: span.bigUInt64(at: place &+ 16))
        let destination = NetworkAddress.ipv6(
            high: span.bigUInt64(at: place &+ 24), low: span.bigUInt64(at: place &+ 32))
        return segment(
            bytes, at: place &+ 40, end: place &+ 40 &+ count, source, destination)
    }

    /// The segment whose header begins at a place with 20 bytes behind it.
    private static func segment(
        _ bytes: ArraySlice<UInt8>, at place: Int, end: Int, _ source: NetworkAddress,
        _ destination: NetworkAddress
    ) -> TCPSegment? {
        let span = bytes.span
        let headerCount = Int(span[place &+ 12] >> 4) &* 4
        guard headerCount >= 20, headerCount <= end &- place else { return nil }
        let start = bytes.startIndex
        return TCPSegment(
            direction: Direction(
                source: Endpoint(address: source, port: span.bigUInt16(at: place)),
                destination: Endpoint(
                    address: destination, port: span.bigUInt16(at: place &+ 2))),
            sequence: span.bigUInt32(at: place &+ 4),
            acknowledgement: span.bigUInt32(at: place &+ 8), flags: span[place &+ 13],
            payload: bytes[(start &+ place &+ headerCount)..<(start &+ end)],
            missingByteCount: 0)
    }
}

extension Span<UInt8> {
    /// The big-endian 16-bit integer at a place that is known to be inside.
    func bigUInt16(at place: Int) -> UInt16 { UInt16(self[place]) << 8 | UInt16(self[place &+ 1]) }

    /// The big-endian 32-bit integer at a place that is known to be inside.
    func bigUInt32(at place: Int) -> UInt32 {
        UInt32(bigUInt16(at: place)) << 16 | UInt32(bigUInt16(at: place &+ 2))
    }

    /// The big-endian 64-bit integer at a place that is known to be inside.
    func bigUInt64(at place: Int) -> UInt64 {
        UInt64(bigUInt32(at: place)) << 32 | UInt64(bigUInt32(at: place &+ 4))
    }
}
