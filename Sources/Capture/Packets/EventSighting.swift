// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire

/// A packet of the event daemon's socket.
public enum EventSighting: Equatable, Sendable {
    /// A command.
    case request(EventPacket<EventRequest>)
    /// An answer.
    case reply(EventPacket<EventReply>)

    /// Reads a packet; whether it is a command is known by who sends it.
    public static func decode(
        _ bytes: ArraySlice<UInt8>, isReply: Bool, layout: LegacyLayout
    ) throws(WireError) -> EventSighting {
        isReply
            ? .reply(try EventPacket<EventReply>.decode(bytes, layout: layout))
            : .request(try EventPacket<EventRequest>.decode(bytes, layout: layout))
    }
    /// The packet as bytes.
    ///
    /// - Throws: `WireError` when a string cannot be expressed.
    func encoded(layout: LegacyLayout) throws(WireError) -> [UInt8] {
        switch self {
        case .request(let packet): try packet.encode(layout: layout)
        case .reply(let packet): try packet.encode(layout: layout)
        }
    }
}
