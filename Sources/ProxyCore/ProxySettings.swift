// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire

/// The limits and times of a proxy.
public struct ProxySettings: Equatable, Sendable {
    /// The hops to the proxies of other nodes.
    public var nodeLinks = LinkSettings()
    /// The hops to processes of this node.
    public var localLinks = LinkSettings.toLocalProcess
    /// How often ctdbd is asked for nodes, map and recovery mode; it also tells of changes.
    public var pollMilliseconds: UInt64 = 1_000
    /// How long an answer of ctdbd to the first questions is waited for.
    public var answerMilliseconds: UInt64 = 10_000
    /// The first pause before ctdbd is tried again; doubled each time, up to a second.
    public var reconnectMilliseconds: UInt64 = 100
    /// So long without ctdbd: what waits for other nodes is reported undeliverable.
    public var detachedMilliseconds: UInt64 = 10_000
    /// So long a stop waits for outcomes that are under way.
    public var drainMilliseconds: UInt64 = 5_000
    /// A local process that has been quiet for so long, and that nothing is held for, is forgotten.
    public var quietMilliseconds: UInt64 = 120_000

    /// The usual settings.
    public init() {}

    /// Sets the name and version of the program, and what it can do, for all hops.
    public mutating func introduce(software: String, features: UInt64) {
        nodeLinks.software = software
        nodeLinks.features = features
        localLinks.software = software
        localLinks.features = features
    }
}
