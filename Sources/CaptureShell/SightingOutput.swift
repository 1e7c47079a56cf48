// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Sockets

/// A pcapng file of packets that were seen in another one.
///
/// What came over TCP is written as connections that have these packets only; what was given to a
/// dissector is written so again. Times, ends, names of interfaces and comments stay.
public final class SightingOutput {
    private struct Connection: Hashable {
        var interface: Int
        var client: Endpoint
        var server: Endpoint
    }

    private let output: CaptureOutput
    private var numbers: [Int: Int] = [:]
    private var connections: [Connection: SyntheticConnection] = [:]
    /// Packets of either protocol that were written.
    public private(set) var count: UInt64 = 0

    /// Begins a file for its owner only, or empties the one that is there.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - comment: what the file says about itself.
    /// - Throws: what the kernel answered.
    public init(path: String, comment: String) throws(CaptureFileError) {
        output = try CaptureOutput(
            path: path,
            section: CaptureSection(application: "ctdb capture", comments: [comment]))
    }

    /// Writes a packet.
    ///
    /// - Parameters:
    ///   - sighting: where and when it was seen.
    ///   - bytes: the packet.
    ///   - interfaces: the interfaces of the file that it was seen in.
    /// - Throws: `.capture` when it cannot be written, or what the kernel answered.
    public func add(
        _ sighting: Sighting, _ bytes: ArraySlice<UInt8>, _ interfaces: [CaptureInterface]
    ) throws(CaptureFileError) {
        guard interfaces.indices.contains(sighting.interface) else { return }
        let interface = interfaces[sighting.interface]
        count &+= 1
        if interface.linkType != .exportedPDU, let source = sighting.source,
            let destination = sighting.destination,
            source.address.isIPv6 == destination.address.isIPv6
        {
            return try add(sighting, bytes, interface, source, destination)
        }
        let dissector =
            switch sighting.content {
            case .peer: ExportedPDU.peer
            case .event: ExportedPDU.event
            case .foreign(let name, _): name
            case .legacy, .gap, .unreadable: ExportedPDU.legacy
            }
        let pdu = ExportedPDU(
            dissector: dissector, source: sighting.source, destination: sighting.destination,
            payload: bytes)
        try write(
            pdu.encoded(), sighting, number(of: sighting.interface, interface, .exportedPDU))
    }

    private func add(
        _ sighting: Sighting, _ bytes: ArraySlice<UInt8>, _ interface: CaptureInterface,
        _ source: Endpoint, _ destination: Endpoint
    ) throws(CaptureFileError) {
        // ctdbd listens at its port; whoever comes from another one has connected to it.
        let isFromServer =
            source.port == SyntheticConnection.port
            && destination.port != SyntheticConnection.port
        let connection = Connection(
            interface: sighting.interface, client: isFromServer ? destination : source,
            server: isFromServer ? source : destination)
        let number = number(of: sighting.interface, interface, SyntheticConnection.linkType)
        var state =
            connections[connection]
            ?? SyntheticConnection(client: connection.client, server: connection.server)
        if connections[connection] == nil {
            for frame in state.open() { try write(frame, sighting, number, comments: []) }
        }
        let frames = state.send(bytes, fromClient: !isFromServer)
        connections[connection] = state
        for (index, frame) in frames.enumerated() {
            try write(
                frame, sighting, number,
                comments: index == frames.count - 1 ? sighting.comments : [])
        }
    }

    private func number(
        of place: Int, _ interface: CaptureInterface, _ type: LinkType
    ) -> Int {
        if let number = numbers[place] { return number }
        var interface = interface
        interface.linkType = type
        interface.snapLength = 0
        interface.filter = nil
        let number = output.add(interface)
        numbers[place] = number
        return number
    }

    private func write(
        _ bytes: [UInt8], _ sighting: Sighting, _ number: Int, comments: [String]? = nil
    ) throws(CaptureFileError) {
        try output.add(
            RawPacket(
                time: sighting.time, interface: number, bytes: bytes[...],
                comments: comments ?? sighting.comments))
    }

    /// Gives everything to the kernel.
    ///
    /// - Throws: what the kernel answered.
    public func finish() throws(CaptureFileError) { try output.flush() }
}
