// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Where packets of a capture were seen.
public struct CaptureInterface: Hashable, Sendable {
    /// What its packets begin with.
    public var linkType: LinkType
    /// What it is called, where that is known.
    public var name: String?
    /// What it is for.
    public var about: String?
    /// The filter that chose its packets, as text.
    public var filter: String?
    /// The most bytes kept of a packet; 0 for all.
    public var snapLength: UInt32
    /// How it counts time.
    public var resolution: TimeResolution
    /// What is added to its times, in seconds.
    public var offsetSeconds: Int64

    /// Makes an interface.
    public init(
        linkType: LinkType, name: String? = nil, about: String? = nil, filter: String? = nil,
        snapLength: UInt32 = 0, resolution: TimeResolution = .nanoseconds, offsetSeconds: Int64 = 0
    ) {
        self.linkType = linkType
        self.name = name
        self.about = about
        self.filter = filter
        self.snapLength = snapLength
        self.resolution = resolution
        self.offsetSeconds = offsetSeconds
    }
}

/// What an interface counted.
public struct InterfaceStatistics: Hashable, Sendable {
    /// Its place in the list of all interfaces of the file.
    public var interface: Int
    /// When it was counted.
    public var time: CaptureTime
    /// How many packets came.
    public var received: UInt64?
    /// How many were lost for lack of room.
    public var dropped: UInt64?

    /// Makes counts.
    public init(interface: Int, time: CaptureTime, received: UInt64?, dropped: UInt64?) {
        self.interface = interface
        self.time = time
        self.received = received
        self.dropped = dropped
    }
}

/// A name that a capture has for an address.
public struct HostName: Hashable, Sendable {
    /// The address.
    public var address: NetworkAddress
    /// What it is called.
    public var name: String

    /// Makes a name.
    public init(address: NetworkAddress, name: String) {
        self.address = address
        self.name = name
    }
}

/// A part of a capture file, which is mostly the whole of it.
public struct CaptureSection: Hashable, Sendable {
    /// The program that wrote it.
    public var application: String?
    /// The system that it was written on.
    public var system: String?
    /// The machine that it was written on.
    public var hardware: String?
    /// What people and programs noted about it.
    public var comments: [String]

    /// Makes a section.
    public init(
        application: String? = nil, system: String? = nil, hardware: String? = nil,
        comments: [String] = []
    ) {
        self.application = application
        self.system = system
        self.hardware = hardware
        self.comments = comments
    }
}
