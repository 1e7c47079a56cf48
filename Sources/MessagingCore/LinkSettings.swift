// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

/// The limits and times of a hop.
public struct LinkSettings: Equatable, Sendable {
    /// A frame is filled with packets up to so many bytes; one packet always fits.
    public var frameByteCount = 131_248
    /// So many bytes of the normal lane may be sent and not acknowledged yet.
    ///
    /// This is what an urgent packet can find in front of it.
    public var normalWindow = 262_144
    /// Its place while urgent packets flow: one normal packet is under way then.
    public var narrowWindow = 65_536
    /// So long after an urgent packet the narrow window is used.
    public var narrowMilliseconds: UInt64 = 200
    /// The same for the urgent lane.
    public var urgentWindow = 262_144
    /// A hop that holds so many bytes refuses more with `queueFull`.
    public var heldLimit = 16 * 1_048_576
    /// An acknowledgement or an outcome that nothing else carries waits so long for company.
    public var restMilliseconds: UInt64 = 10
    /// Without an acknowledgement for so long, the other end is asked; doubled each time.
    public var probeMilliseconds: UInt64 = 200
    /// So many questions in a row without any answer: the other end is greeted anew.
    public var probeLimit = 4
    /// Whether silence means that the other end is gone.
    ///
    /// Local sockets tell by themselves.
    public var silenceMeansGone = true
    /// A hello is repeated after so long; doubled each time, up to a second.
    public var greetMilliseconds: UInt64 = 100
    /// An end that never answered is given up after so long.
    public var strangerMilliseconds: UInt64 = 2_000
    /// An end that had answered before is given up after so long.
    public var patienceMilliseconds: UInt64 = 5_000
    /// An end that was given up is greeted again after so long.
    public var absentMilliseconds: UInt64 = 5_000
    /// What to report when the other end is given up.
    public var absence: OutcomeCode = .noProxy
    /// The oldest protocol version spoken.
    public var versionMinimum: UInt32 = PeerProtocol.currentVersion
    /// The newest protocol version spoken.
    public var versionMaximum: UInt32 = PeerProtocol.currentVersion
    /// What this end can do beyond the version, a bit each.
    public var features: UInt64 = 0
    /// The name and version of the program, for people.
    public var software = "tablecloth"

    /// The settings of a hop between two proxies.
    public init() {}

    /// The settings of a hop from a proxy to a local process, or between local processes.
    public static var toLocalProcess: LinkSettings {
        var settings = LinkSettings()
        settings.silenceMeansGone = false
        settings.absence = .noSuchService
        settings.patienceMilliseconds = 2_000
        return settings
    }

    /// The settings of a hop from a local process to its proxy.
    public static var toProxy: LinkSettings {
        var settings = LinkSettings()
        settings.silenceMeansGone = false
        return settings
    }
}
