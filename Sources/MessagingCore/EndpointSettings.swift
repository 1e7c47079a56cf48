// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The limits of an endpoint.
public struct EndpointSettings: Equatable, Sendable {
    /// So many bytes may be under way to one destination in the normal lane; one packet always may.
    public var normalWindow = 2 * 1_048_576
    /// The same for the urgent lane.
    public var urgentWindow = 262_144
    /// So many bytes of messages may be in the course of being put together.
    ///
    /// A message counts with its whole length from its first packet on; beyond that it is refused.
    public var assemblyBudget = 320 * 1_048_576
    /// The longest message that is taken; at most `PeerProtocol.messageLimit`.
    public var messageLimit = 268_435_456
    /// What a stream's reader lets the writer send ahead.
    public var streamCredit: UInt32 = 262_144
    /// So often the other end of each stream is asked whether it lives.
    public var streamProbeMilliseconds: UInt64 = 3_000
    /// So long the other end of a stream is told again that the stream was given up here.
    public var partingMilliseconds: UInt64 = 60_000
    /// How long the proxy is waited for before anything can be sent to another node.
    public var earlyMilliseconds: UInt64 = 5_000
    /// What this end can do beyond the version, a bit each.
    public var features: UInt64 = 0
    /// The name and version of the program, for people.
    public var software = "tablecloth"

    /// The usual limits.
    public init() {}
}
