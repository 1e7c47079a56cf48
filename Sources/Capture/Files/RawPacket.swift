// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What a capture file has of one packet: bytes of a link layer, when and where.
public struct RawPacket: Equatable, Sendable {
    /// Which way a packet went, as seen from the interface.
    public enum Direction: UInt32, Sendable {
        /// It came in.
        case inbound = 1
        /// It went out.
        case outbound = 2
    }

    /// The most bytes that a packet may have for Wireshark to read the file.
    public static let byteLimit = 262_144

    /// When it was seen; nil where a file does not say.
    public var time: CaptureTime?
    /// Its interface: the place in the list of all interfaces of the file, from 0 on.
    public var interface: Int
    /// How many bytes it had when it was seen; as many as are here, or more.
    public var originalByteCount: Int
    /// What was kept of it.
    public var bytes: ArraySlice<UInt8>
    /// Which way it went, where that is known.
    public var direction: Direction?
    /// How many packets the interface lost since the one before, where that is known.
    public var dropCount: UInt64?
    /// What people and programs noted about it.
    public var comments: [String]

    /// Makes a packet of which everything was kept, unless another count is given.
    public init(
        time: CaptureTime?, interface: Int, bytes: ArraySlice<UInt8>,
        originalByteCount: Int? = nil, direction: Direction? = nil, dropCount: UInt64? = nil,
        comments: [String] = []
    ) {
        self.time = time
        self.interface = interface
        self.bytes = bytes
        self.originalByteCount = max(originalByteCount ?? bytes.count, bytes.count)
        self.direction = direction
        self.dropCount = dropCount
        self.comments = comments
    }
}
