// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What a node can be, and which features its ctdbd has: the answer to GET_CAPABILITIES.
///
/// - Source: `CTDB_CAP_*`, ctdb/protocol/protocol.h, Samba 4.17.
public struct Capabilities: OptionSet, Hashable, Sendable {
    /// The bits as they stand on the wire.
    public let rawValue: UInt32
    /// Makes capabilities from bits; unknown bits are kept.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// It may lead; CTDB_CAP_RECMASTER.
    public static let leader = Capabilities(rawValue: 0x0000_0001)
    /// It may be the location master of records.
    public static let lmaster = Capabilities(rawValue: 0x0000_0002)
    /// Obsolete.
    public static let lvs = Capabilities(rawValue: 0x0000_0004)
    /// Obsolete.
    public static let natGateway = Capabilities(rawValue: 0x0000_0008)
    /// Several databases are recovered at the same time.
    public static let parallelRecovery = Capabilities(rawValue: 0x0001_0000)
    /// Records of a recovery come in several messages.
    public static let fragmentedControls = Capabilities(rawValue: 0x0002_0000)
}
