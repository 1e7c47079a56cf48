// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

/// What a proxy has done since it started.
public struct ProxyCounters: Equatable, Sendable {
    /// Frames from other nodes, one legacy message each.
    public var framesFromNodes: UInt64 = 0
    /// Frames to other nodes, one legacy message each.
    public var framesToNodes: UInt64 = 0
    /// Frames from local processes, one datagram each.
    public var framesFromLocal: UInt64 = 0
    /// Frames to local processes, one datagram each.
    public var framesToLocal: UInt64 = 0
    /// Packets from other nodes that were taken for the first time.
    public var packetsFromNodes: UInt64 = 0
    /// Packets from local processes that were taken for the first time.
    public var packetsFromLocal: UInt64 = 0
    /// Packets that had come before.
    public var duplicates: UInt64 = 0
    /// Packets reported undeliverable by this proxy.
    public var undeliverable: UInt64 = 0
    /// Bytes that were no frame, or no packet.
    public var malformed: UInt64 = 0
    /// Frames that were not used: duplicates, gaps, strangers.
    public var refusedFrames: UInt64 = 0
    /// Frames and packets whose sender is not who it says.
    public var forged: UInt64 = 0
    /// Times that ctdbd was attached to.
    public var attachments: UInt64 = 0
    /// Datagrams from processes that may not send any.
    public var unauthorised: UInt64 = 0

    /// Every counter with its name.
    public var list: [Counter] {
        [
            Counter(name: "frames_from_nodes", value: framesFromNodes),
            Counter(name: "frames_to_nodes", value: framesToNodes),
            Counter(name: "frames_from_local", value: framesFromLocal),
            Counter(name: "frames_to_local", value: framesToLocal),
            Counter(name: "packets_from_nodes", value: packetsFromNodes),
            Counter(name: "packets_from_local", value: packetsFromLocal),
            Counter(name: "duplicates", value: duplicates),
            Counter(name: "undeliverable", value: undeliverable),
            Counter(name: "malformed", value: malformed),
            Counter(name: "refused_frames", value: refusedFrames),
            Counter(name: "forged", value: forged),
            Counter(name: "attachments", value: attachments),
            Counter(name: "unauthorised", value: unauthorised),
        ]
    }
}
