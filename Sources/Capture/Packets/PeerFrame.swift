// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire

/// A frame of the new protocol with the packets in it.
public struct PeerFrame: Equatable, Sendable {
    /// The frame.
    public var frame: Frame
    /// Its packets, as far as they can be read.
    public var packets: [Packet]
    /// Why the rest can not be read.
    public var failure: WireError?
    /// The bytes of the rest.
    public var rest: ArraySlice<UInt8>
    /// The whole frame.
    public var bytes: ArraySlice<UInt8>

    /// Reads a frame.
    ///
    /// - Throws: `WireError` when the front of the frame can not be read; what is wrong with a
    ///   packet is in the value.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(WireError) -> PeerFrame {
        let frame = try Frame.decode(bytes)
        var value = PeerFrame(
            frame: frame, packets: [], failure: nil, rest: [], bytes: bytes)
        var rest = frame.packets
        do {
            while let packet = try Packet.takeFirst(from: &rest) { value.packets.append(packet) }
        } catch {
            value.failure = error
            value.rest = rest
        }
        return value
    }
}

/// What a packet of the new protocol says.
public enum PeerPayload: Equatable, Sendable {
    /// Why a service does not do what it was asked.
    case refusal(Refusal)
    /// A stream is opened.
    case streamOpen(StreamOpen)
    /// A writer may send more.
    case streamCredit(StreamCredit)
    /// Bytes of a stream.
    case streamData(StreamPlace, ArraySlice<UInt8>)
    /// A stream ends.
    case streamEnd(StreamEnd)
    /// The service's own, or a part of a larger message.
    case opaque(ArraySlice<UInt8>)
    /// It is not what it should be.
    case unreadable(ArraySlice<UInt8>, WireError)
}

extension Packet {
    /// What the packet says, as far as the protocol itself defines it.
    public var typedPayload: PeerPayload {
        guard header.fragmentOffset == 0, header.messageLength == header.payloadLength else {
            return .opaque(payload)
        }
        do throws(WireError) {
            switch header.kind {
            case .refusal: return .refusal(try Refusal.decode(payload))
            case .streamOpen: return .streamOpen(try StreamOpen.decode(payload))
            case .streamCredit: return .streamCredit(try StreamCredit.decode(payload))
            case .streamEnd: return .streamEnd(try StreamEnd.decode(payload))
            case .streamData:
                let count = StreamPlace.byteCount
                let place = try StreamPlace.decode(payload.prefix(count))
                return .streamData(place, payload.dropFirst(count))
            case .message, .request, .reply, .unknown: return .opaque(payload)
            }
        } catch {
            return .unreadable(payload, error)
        }
    }
}
