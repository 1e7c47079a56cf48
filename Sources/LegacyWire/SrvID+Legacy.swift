// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

// The numbers of the legacy protocol.
// Source: `CTDB_SRVID_*`, ctdb/protocol/protocol.h, Samba 4.17; later ones say so.

extension SrvID {
    /// A handler for it hears every message.
    public static let all = SrvID(rawValue: .max)

    /// Records of a recovery; the lower bits are chosen by the recovery helper.
    public static let recovery = SrvID(rawValue: 0xF001_0000_0000_0000)
    /// Banning credits for a node.
    public static let banning = SrvID(rawValue: 0xF002_0000_0000_0000)
    /// Election of a leader.
    public static let election = SrvID(rawValue: 0xF100_0000_0000_0000)
    /// The leader says that it leads, since 4.16.
    public static let leader = SrvID(rawValue: 0xF101_0000_0000_0000)
    /// An address has been released.
    public static let releaseIP = SrvID(rawValue: 0xF300_0000_0000_0000)
    /// An address has been taken.
    public static let takeIP = SrvID(rawValue: 0xF301_0000_0000_0000)
    /// The event "ipreallocated" has run, since 4.20.
    public static let ipReallocated = SrvID(rawValue: 0xF302_0000_0000_0000)
    /// The event "startipreallocate" has run, since 4.21.
    public static let startIPReallocate = SrvID(rawValue: 0xF303_0000_0000_0000)
    /// Obsolete: flags of a node.
    public static let setNodeFlags = SrvID(rawValue: 0xF400_0000_0000_0000)
    /// Tells the recovery daemon where an address is.
    public static let updateIP = SrvID(rawValue: 0xF500_0000_0000_0000)
    /// Asks the recovery daemon to fetch records for vacuuming.
    public static let vacuumFetch = SrvID(rawValue: 0xF700_0000_0000_0000)
    /// Tells the recovery daemon that a database is detached.
    public static let detachDatabase = SrvID(rawValue: 0xF701_0000_0000_0000)
    /// Asks the recovery daemon what it uses memory for.
    public static let memoryDump = SrvID(rawValue: 0xF800_0000_0000_0000)
    /// Obsolete: asks the recovery daemon for its log.
    public static let getLog = SrvID(rawValue: 0xF801_0000_0000_0000)
    /// Obsolete: asks the recovery daemon to clear its log.
    public static let clearLog = SrvID(rawValue: 0xF802_0000_0000_0000)
    /// Asks the recovery daemon to push flags of a node to the others.
    public static let pushNodeFlags = SrvID(rawValue: 0xF900_0000_0000_0000)
    /// Asks the recovery daemon for a takeover run.
    public static let takeoverRun = SrvID(rawValue: 0xFB00_0000_0000_0000)
    /// Asks the recovery daemon to give a node addresses again.
    public static let rebalanceNode = SrvID(rawValue: 0xFB01_0000_0000_0000)
    /// Holds the recovery daemon off from takeover runs.
    public static let disableTakeoverRuns = SrvID(rawValue: 0xFB03_0000_0000_0000)
    /// Holds the recovery daemon off from recoveries.
    public static let disableRecoveries = SrvID(rawValue: 0xFB04_0000_0000_0000)
    /// Holds the recovery daemon off from checks of addresses.
    public static let disableIPCheck = SrvID(rawValue: 0xFC00_0000_0000_0000)
}

extension SrvID {
    /// Who may choose the numbers that have a common top byte.
    public enum Range: UInt8, Sendable, CaseIterable {
        /// A process registers its own process id.
        case pid = 0x00
        /// The new protocol between proxies; reserved by nobody else.
        case tunnelNewProtocol = 0x8E
        /// Servers that use CTDB, since 4.23.
        case server = 0x9E
        /// Test programs.
        case test = 0xAE
        /// Client code of CTDB, since 4.7.
        case client = 0xBE
        /// The tool, since 4.5.
        case tool = 0xCE
        /// iSCSI servers.
        case iscsi = 0xDE
        /// NFS servers.
        case nfs = 0xEE
        /// Samba.
        case samba = 0xFE

        /// The first number of the range.
        public var first: SrvID { SrvID(rawValue: UInt64(rawValue) << 56) }
        /// The last number of the range.
        public var last: SrvID { SrvID(rawValue: first.rawValue | 0x00FF_FFFF_FFFF_FFFF) }
    }

    /// The range that the number is in; nil for ctdbd's own numbers and those nobody reserves.
    public var range: Range? { Range(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) }
}
