// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// A moment by a node's real-time clock.
///
/// - Shape: two C `long`s: 16 bytes, in `.bits32` 8. A value that a 32-bit `long` cannot hold is
///   written as the nearest one that it can.
/// - Units: seconds since 1970, and microseconds.
/// - Errors: `.truncated`.
/// - Source: `struct timeval`, as in `struct ctdb_uptime`, ctdb/protocol/protocol.h, Samba 4.17.
public struct Timeval: LegacyCoding, Hashable {
    /// Seconds since 1970.
    public var seconds: Int64
    /// Microseconds into the second.
    public var microseconds: Int64

    /// Makes a moment.
    public init(seconds: Int64, microseconds: Int64) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// Reads a moment.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        switch layout.wordSize {
        case .bits64:
            Self(
                seconds: try reader.readInt64("tv_sec", of: "Timeval"),
                microseconds: try reader.readInt64("tv_usec", of: "Timeval"))
        case .bits32:
            Self(
                seconds: Int64(try reader.readInt32("tv_sec", of: "Timeval")),
                microseconds: Int64(try reader.readInt32("tv_usec", of: "Timeval")))
        }
    }

    /// Appends the moment.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        switch layout.wordSize {
        case .bits64:
            writer.write(seconds)
            writer.write(microseconds)
        case .bits32:
            writer.write(Int32(clamping: seconds))
            writer.write(Int32(clamping: microseconds))
        }
    }

    /// Two C `long`s.
    public func byteCount(layout: LegacyLayout) -> Int { 2 &* layout.longByteCount }
}

/// When a node's daemon started and its last recovery took place: the answer to UPTIME.
///
/// - Shape: four times `Timeval`.
/// - Errors: `.truncated`.
/// - Source: `struct ctdb_uptime`, ctdb/protocol/protocol.h, Samba 4.17.
public struct Uptime: LegacyCoding, Hashable {
    /// The node's clock when it answered.
    public var now: Timeval
    /// When ctdbd started.
    public var daemonStarted: Timeval
    /// When the last recovery began.
    public var lastRecoveryStarted: Timeval
    /// When the last recovery ended; before its beginning while it goes on.
    public var lastRecoveryFinished: Timeval

    /// Makes an answer.
    public init(
        now: Timeval, daemonStarted: Timeval,
        lastRecoveryStarted: Timeval, lastRecoveryFinished: Timeval
    ) {
        self.now = now
        self.daemonStarted = daemonStarted
        self.lastRecoveryStarted = lastRecoveryStarted
        self.lastRecoveryFinished = lastRecoveryFinished
    }

    /// Reads an answer.
    public static func decode(
        from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        Self(
            now: try Timeval.decode(from: &reader, layout: layout),
            daemonStarted: try Timeval.decode(from: &reader, layout: layout),
            lastRecoveryStarted: try Timeval.decode(from: &reader, layout: layout),
            lastRecoveryFinished: try Timeval.decode(from: &reader, layout: layout))
    }

    /// Appends the answer.
    public func encode(into writer: inout ByteWriter, layout: LegacyLayout) {
        now.encode(into: &writer, layout: layout)
        daemonStarted.encode(into: &writer, layout: layout)
        lastRecoveryStarted.encode(into: &writer, layout: layout)
        lastRecoveryFinished.encode(into: &writer, layout: layout)
    }

    /// Eight C `long`s.
    public func byteCount(layout: LegacyLayout) -> Int { 8 &* layout.longByteCount }
}
