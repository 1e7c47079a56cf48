// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import PeerWire

/// How what a process of the new protocol shows is written into a file.
enum ProcessPackets {
    private static let address = NetworkAddress.ipv4(0x7F00_0001)

    /// What is in a file about a process.
    static func origin(_ service: Service) -> RecordingFiles.Origin {
        RecordingFiles.Origin(
            name: service.name, about: "what \(service.name) sends and receives",
            linkType: .exportedPDU)
    }

    /// A record, as it is written; nil for one of a kind that is not known.
    static func packet(_ record: RecordStream.Record) -> RawPacket? {
        let front = record.front
        let time = front.timeNanoseconds
        switch front.kind {
        case .frameIn, .frameOut:
            let isIn = front.kind == .frameIn
            let pdu = ExportedPDU(dissector: ExportedPDU.peer, payload: record.bytes)
            return .recorded(
                pdu, at: time, direction: isIn ? .inbound : .outbound,
                comments: peer(front).map { [(isIn ? "from " : "to ") + $0] } ?? [])
        case .legacyIn, .legacyOut:
            let isIn = front.kind == .legacyIn
            let own = Endpoint(address: address, port: 1)
            let daemon = Endpoint(address: address, port: RelayPackets.daemonPort)
            let pdu = ExportedPDU(
                dissector: ExportedPDU.legacy, source: isIn ? daemon : own,
                destination: isIn ? own : daemon, payload: record.bytes)
            return .recorded(pdu, at: time, direction: isIn ? .inbound : .outbound)
        case .recordSelf, .unknown: return nil
        }
    }

    /// Who is at the other end, for people.
    private static func peer(_ front: RecordFront) -> String? {
        if front.peerService != .nobody {
            let number = front.peerInstance.rawValue >> 32
            return front.peerService == .client
                ? "client, process \(number)" : front.peerService.name
        }
        let pid = front.peerInstance.rawValue >> 32
        return pid == 0 ? nil : "process \(pid)"
    }
}
