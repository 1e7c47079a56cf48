// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import Vocabulary

/// Where fields lie in the packets of a client, whose numbers are exchanged in place.
///
/// - Source: ctdb/protocol/protocol.h, ctdb/include/ctdb_protocol.h, Samba 4.17.
private enum Place {
    static let length = 0
    static let generation = 12
    static let destination = 20
    static let source = 24
    static let reqid = 28
    static let callDatabase = 36
    static let controlClientID = 48
    static let controlData = 60
    static let messageData = 44
    /// In the header of a record: the rsn is in front.
    static let dmaster = 8
    static let recordHeader = 24
}

extension ReplayBindings {
    /// A packet of the capture as the daemon is to get it.
    ///
    /// Everything but what stands for something else stays as it was, padding included.
    ///
    /// - Parameters:
    ///   - sighting: the packet.
    ///   - reqid: what pairs its answer with it.
    /// - Returns: the packet as bytes.
    /// - Throws: `WireError` when a name that stands for another cannot be written.
    public mutating func bind(
        _ sighting: LegacySighting, reqid: Reqid
    ) throws(WireError) -> [UInt8] {
        var patch = Patch(bytes: try renamed(sighting), layout: sighting.layout)
        let packet = sighting.packet
        patch.set(reqid.rawValue, at: Place.reqid)
        if generations.contains(packet.generation.rawValue) {
            patch.set(generation.rawValue, at: Place.generation)
        }
        patch.set(bound(packet.destination), at: Place.destination)
        patch.set(bound(packet.source), at: Place.source)
        switch packet.body {
        case .requestCall(let call): patch.set(bound(call.database), at: Place.callDatabase)
        case .requestControl(let control):
            // ctdbd puts its own number there.
            if control.clientID != 0 { patch.set(UInt32(0), at: Place.controlClientID) }
            bind(control, sighting, &patch)
        case .requestMessage: bindMessage(sighting, &patch)
        default: break
        }
        return patch.bytes
    }

    private func bound(_ node: PNN) -> PNN { nodes[node] ?? node }
    private func bound(_ id: DatabaseID) -> DatabaseID { databases[id] ?? id }
    private func bound(_ pid: Int32) -> UInt32 { UInt32(bitPattern: pids[pid] ?? pid) }

    /// The bytes, with another name of a database where one stands for it.
    private func renamed(_ sighting: LegacySighting) throws(WireError) -> [UInt8] {
        guard case .request(.attachDatabase(let name, let kind)) = sighting.payload,
            let other = names[name], case .requestControl(var control) = sighting.packet.body
        else { return Array(sighting.bytes) }
        control.data = try ControlRequest.attachDatabase(name: other, kind)
            .encode(layout: sighting.layout, flags: control.flags).data
        var packet = sighting.packet
        packet.body = .requestControl(control)
        return try packet.encode(layout: sighting.layout)
    }

    /// The controls that name public addresses.
    private static let aboutAddresses: Set<ControlOpcode> = [
        .getPublicIPInfo, .takeoverIP, .releaseIP, .addPublicIP, .deletePublicIP,
        .sendGratuitousARP, .tcpClient, .tcpAdd, .tcpAddDelayedUpdate, .tcpRemove,
        .tcpClientDisconnected, .tcpClientPassed, .killTCP, .getTickleList, .setTickleList,
    ]

    /// The public addresses in a control, wherever one lies as the C library has it.
    private func bindAddresses(_ control: RequestControl, _ patch: inout Patch) {
        guard !addresses.isEmpty, Self.aboutAddresses.contains(control.opcode) else { return }
        let size = SocketAddress.byteCount
        for offset in stride(from: Place.controlData, through: patch.bytes.count - size, by: 4) {
            let bytes = patch.bytes[offset..<offset + size]
            guard let found = try? SocketAddress.decode(bytes, layout: patch.layout),
                let other = addresses.first(where: { $0.key.octets == found.octets })?.value,
                !found.octets.isEmpty, other.octets.count == found.octets.count
            else { continue }
            patch.set(other.octets, at: offset + (other.octets.count == 4 ? 4 : 8))
        }
    }

    private mutating func bind(
        _ control: RequestControl, _ sighting: LegacySighting, _ patch: inout Patch
    ) {
        let data = Place.controlData
        bindAddresses(control, &patch)
        if let id = sighting.database { patch.replace(id, with: bound(id), at: data) }
        switch sighting.payload {
        case .request(.processExists(let pid)): patch.set(bound(pid), at: data)
        case .request(.checkPIDSrvID(let process)): patch.set(bound(process.pid), at: data)
        case .request(.modifyFlags(let change)): patch.set(bound(change.pnn), at: data)
        case .request(.setBanState(let ban)): patch.set(bound(ban.pnn), at: data)
        case .request(.takeoverIP(let ip)), .request(.releaseIP(let ip)):
            patch.set(bound(ip.pnn), at: data)
        case .request(.updateRecord(let buffer)), .request(.trans3Commit(let buffer)):
            bind(buffer, from: data, sighting.layout, &patch)
        default: break
        }
    }

    /// The headers of records that are committed, and the sequence number among them.
    ///
    /// A commit whose rsn is not above that of the record makes the whole cluster recover, and one
    /// that turns a sequence number back makes an old copy win a later recovery.
    private mutating func bind(
        _ buffer: RecordBuffer, from start: Int, _ layout: LegacyLayout, _ patch: inout Patch
    ) {
        let id = bound(buffer.database)
        var offset = start + 8
        for record in buffer.records {
            let data = offset + 16 + record.key.count
            offset += record.byteCount(layout: layout)
            guard let (header, value) = try? record.split(layout: layout) else { continue }
            // A record may be in a buffer more than once.
            rsnFloor += 1
            patch.set(bound(header.dmaster), at: data + Place.dmaster)
            patch.set(max(rsnFloor, header.rsn.rawValue), at: data)
            if record.key.elementsEqual(Self.sequenceNumberKey), value.count == 8,
                let number = sequenceNumbers[id]
            {
                sequenceNumbers[id] = number &+ 1
                patch.set(number &+ 1, at: data + Place.recordHeader)
            }
        }
    }

    /// The key of the record that counts the transactions of a database, with its NUL.
    private static let sequenceNumberKey = Array("__db_sequence_number__".utf8) + [0]

    /// The node that an answer to a message is to go to.
    private func bindMessage(_ sighting: LegacySighting, _ patch: inout Patch) {
        guard case .message(let payload) = sighting.payload else { return }
        switch payload {
        case .memoryDump(let message), .takeoverRun(let message):
            patch.set(bound(message.pnn), at: Place.messageData)
        case .disableTakeoverRuns(let message), .disableRecoveries(let message):
            patch.set(bound(message.pnn), at: Place.messageData)
        default: break
        }
    }
}

/// Bytes of which some numbers are exchanged.
private struct Patch {
    var bytes: [UInt8]
    let layout: LegacyLayout

    mutating func set(_ other: [UInt8], at offset: Int) {
        guard offset >= 0, offset + other.count <= bytes.count else { return }
        bytes.replaceSubrange(offset..<offset + other.count, with: other)
    }

    mutating func set(_ value: UInt32, at offset: Int) {
        guard offset >= 0, offset + 4 <= bytes.count else { return }
        var writer = ByteWriter(order: layout.byteOrder)
        writer.write(value)
        bytes.replaceSubrange(offset..<offset + 4, with: writer.bytes)
    }

    mutating func set(_ value: UInt64, at offset: Int) {
        guard offset >= 0, offset + 8 <= bytes.count else { return }
        var writer = ByteWriter(order: layout.byteOrder)
        writer.write(value)
        bytes.replaceSubrange(offset..<offset + 8, with: writer.bytes)
    }

    mutating func set(_ node: PNN, at offset: Int) { set(node.rawValue, at: offset) }
    mutating func set(_ id: DatabaseID, at offset: Int) { set(id.rawValue, at: offset) }

    /// Exchanges an id if it lies where it should.
    mutating func replace(_ id: DatabaseID, with other: DatabaseID, at offset: Int) {
        guard id != other, offset + 4 <= bytes.count else { return }
        var reader = layout.reader(over: bytes[offset..<offset + 4])
        guard (try? reader.readUInt32("db_id", of: "Patch")) == id.rawValue else { return }
        set(other, at: offset)
    }
}
