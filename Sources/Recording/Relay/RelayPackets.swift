// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Sockets

/// How what clients and ctdbd say to each other is written into a file.
///
/// A packet is what the dissector `ctdb` is given. ctdbd is the address 127.0.0.1 with its port; a
/// client has a port of its own, which counts the clients. The first packet of a client in a file
/// says which process it is.
struct RelayPackets {
    /// The port that stands for ctdbd.
    static let daemonPort = ClientNote.daemonPort
    private static let address = NetworkAddress.ipv4(0x7F00_0001)

    /// The clients of which a packet is in this file.
    private var introduced: Set<Int> = []

    /// What is in a file about the relay.
    static func origin(_ socket: String) -> RecordingFiles.Origin {
        RecordingFiles.Origin(
            name: "relay", about: "clients of \(socket)", linkType: .exportedPDU)
    }

    /// Begins a file.
    mutating func beginFile() { introduced = [] }

    /// Forgets a client that has gone.
    mutating func forget(_ client: Relay.Client) { introduced.remove(client.number) }

    /// A packet, as it is written.
    mutating func packet(
        _ client: Relay.Client, isRequest: Bool, _ bytes: ArraySlice<UInt8>
    ) -> RawPacket {
        let daemon = Endpoint(address: Self.address, port: Self.daemonPort)
        let process = Endpoint(address: Self.address, port: Self.port(of: client.number))
        var comments: [String] = []
        if introduced.insert(client.number).inserted {
            comments = [
                ClientNote(number: client.number, pid: client.pid, name: client.name).text
            ]
        }
        let pdu = ExportedPDU(
            dissector: ExportedPDU.legacy, source: isRequest ? process : daemon,
            destination: isRequest ? daemon : process, payload: bytes)
        return RawPacket.recorded(
            pdu, at: ProcessEnvironment.wallClockNanoseconds(),
            direction: isRequest ? .inbound : .outbound, comments: comments)
    }

    /// The port that stands for a client; never 0 nor that of ctdbd.
    static func port(of number: Int) -> UInt16 {
        let port = UInt16(truncatingIfNeeded: number % 60_000 + 1)
        return port < daemonPort ? port : port + 1
    }
}

extension RawPacket {
    /// An exported PDU; what readers would refuse is cut off.
    static func recorded(
        _ pdu: ExportedPDU, at nanoseconds: UInt64, direction: Direction,
        comments: [String] = []
    ) -> RawPacket {
        let bytes = pdu.encoded()
        return RawPacket(
            time: CaptureTime(nanoseconds: Int64(clamping: nanoseconds)), interface: 0,
            bytes: bytes.prefix(RawPacket.byteLimit), originalByteCount: bytes.count,
            direction: direction, comments: comments)
    }
}
