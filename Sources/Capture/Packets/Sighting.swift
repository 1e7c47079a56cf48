// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// One packet of either protocol, as it was seen at one place at one time.
public struct Sighting: Equatable, Sendable {
    /// What was seen.
    public enum Content: Equatable, Sendable {
        /// A packet of the legacy protocol.
        case legacy(LegacySighting)
        /// A frame of the new protocol that was a datagram of its own.
        case peer(PeerFrame)
        /// A packet of the event daemon's socket.
        case event(EventSighting)
        /// Bytes of a connection are missing, or captured ones belong to no whole packet.
        case gap(missingByteCount: Int, unusedByteCount: Int)
        /// Bytes that are no packet of the protocol that they are said to be of.
        case unreadable(protocol: String, bytes: ArraySlice<UInt8>, WireError)
        /// A packet for another dissector of Wireshark.
        case foreign(dissector: String, bytes: ArraySlice<UInt8>)
    }

    /// The number of the packet in the file that completed it, from 1 on, as Wireshark counts.
    public var number: UInt64
    /// When that packet was seen; nil where the file does not say.
    public var time: CaptureTime?
    /// The interface that it was seen on: the place in the list of all of the file.
    public var interface: Int
    /// Who sent it, where there is an address.
    public var source: Endpoint?
    /// Who it was for, where there is an address.
    public var destination: Endpoint?
    /// What people and programs noted about it.
    public var comments: [String]
    /// What was seen.
    public var content: Content

    /// Makes a sighting.
    public init(
        number: UInt64, time: CaptureTime?, interface: Int = 0, source: Endpoint? = nil,
        destination: Endpoint? = nil, comments: [String] = [], content: Content
    ) {
        self.number = number
        self.time = time
        self.interface = interface
        self.source = source
        self.destination = destination
        self.comments = comments
        self.content = content
    }
}

extension Sighting {
    /// The packet's bytes; nil for a gap, and for what cannot be told.
    public var bytes: ArraySlice<UInt8>? {
        switch content {
        case .legacy(let legacy): legacy.bytes
        case .peer(let frame): frame.bytes
        case .event(let event): (try? event.encoded(layout: .native)).map { $0[...] }
        case .gap: nil
        case .unreadable(_, let bytes, _), .foreign(_, let bytes): bytes
        }
    }
}
