// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What the packets of an interface begin with.
///
/// - Source: the list of link types of the pcap file format (`LINKTYPE_`).
public struct LinkType: RawRepresentable, Hashable, Sendable {
    /// The number in a file.
    public let rawValue: UInt16

    /// Names a number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// BSD loopback: 32 bits of address family in the order of the machine.
    public static let null = LinkType(rawValue: 0)
    /// Ethernet.
    public static let ethernet = LinkType(rawValue: 1)
    /// An IPv4 or IPv6 header, by its version.
    public static let raw = LinkType(rawValue: 101)
    /// OpenBSD loopback: 32 bits of address family, big-endian.
    public static let loop = LinkType(rawValue: 108)
    /// Linux "any" device, first form.
    public static let linuxCooked = LinkType(rawValue: 113)
    /// An IPv4 header.
    public static let ipv4 = LinkType(rawValue: 228)
    /// An IPv6 header.
    public static let ipv6 = LinkType(rawValue: 229)
    /// What one of Wireshark's dissectors is given, with the dissector's name.
    public static let exportedPDU = LinkType(rawValue: 252)
    /// Linux "any" device, second form.
    public static let linuxCooked2 = LinkType(rawValue: 276)
    /// What the raw IP type is called in files of some systems.
    static let rawOfBSD = LinkType(rawValue: 12)
    /// What the raw IP type is called in files of OpenBSD.
    static let rawOfOpenBSD = LinkType(rawValue: 14)
}
