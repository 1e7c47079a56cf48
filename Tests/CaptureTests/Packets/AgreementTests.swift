// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import Foundation
import LegacyWire
import Testing
import Vocabulary

/// What we write opens in Wireshark, and its dissector says the same as ours, field by field.
@Suite struct AgreementTests {
    /// How a packet is written.
    enum Form: CaseIterable {
        case ipv4
        case ipv6
        case exported
    }

    /// A file of packets: requests from one end, everything else from the other.
    static func file(_ packets: [[UInt8]], _ form: Form) throws -> [UInt8] {
        var writer = PcapngWriter(CaptureSection(application: "test"))
        let isExported = form == .exported
        let interface = writer.add(
            CaptureInterface(
                linkType: isExported ? .exportedPDU : SyntheticConnection.linkType, name: "here"))
        var connection = SyntheticConnection(
            client: form == .ipv6 ? nodeA6 : nodeA, server: form == .ipv6 ? nodeB6 : nodeB)
        var time = CaptureTime(nanoseconds: 1_700_000_000_000_000_001)
        var frames = isExported ? [] : connection.open()
        for bytes in packets {
            let packet = try LegacyPacket.decode(bytes[...], layout: little64)
            let isRequest = packet.operation == .requestControl
            if isExported {
                frames.append(
                    ExportedPDU(
                        dissector: ExportedPDU.legacy, source: isRequest ? nodeA : nodeB,
                        destination: isRequest ? nodeB : nodeA, payload: bytes[...]
                    ).encoded())
            } else {
                frames += connection.send(bytes[...], fromClient: isRequest)
            }
        }
        if !isExported { frames += connection.close(fromClient: true) }
        for frame in frames {
            try writer.add(RawPacket(time: time, interface: interface, bytes: frame[...]))
            time = time.advanced(by: 1000)
        }
        return writer.take()
    }

    static let columns = [
        "len", "magic", "version", "generation", "opcode", "dst", "src", "id", "ctrl_opcode",
        "ctrl_flags", "clientid", "srvid", "status", "datalen", "errorlen", "dbid", "callid",
        "hopcount", "rsn", "dmaster", "keylen",
    ]

    /// The same fields as our decoder has them; nothing where Wireshark looks no further.
    static func fields(_ legacy: LegacySighting) -> [String: String] {
        let packet = legacy.packet
        var fields: [String: UInt64] = [
            "len": UInt64(legacy.bytes.count), "magic": 0x4354_4442, "version": 1,
            "generation": UInt64(packet.generation.rawValue),
            "opcode": UInt64(packet.operation.rawValue),
            "dst": UInt64(packet.destination.rawValue), "src": UInt64(packet.source.rawValue),
            "id": UInt64(packet.reqid.rawValue),
        ]
        fields["ctrl_opcode"] = legacy.opcode.map { UInt64($0.rawValue) }
        switch packet.body {
        case .requestControl(let control):
            fields["ctrl_flags"] = UInt64(control.flags.rawValue)
            fields["clientid"] = UInt64(control.clientID)
            fields["srvid"] = control.srvid.rawValue
            fields["datalen"] = UInt64(control.data.count)
        case .replyControl(let reply):
            fields["status"] = UInt64(UInt32(bitPattern: reply.status))
            fields["datalen"] = UInt64(reply.data.count)
            fields["errorlen"] = UInt64(reply.error.count)
        case .requestCall(let call):
            fields["dbid"] = UInt64(call.database.rawValue)
            fields["callid"] = UInt64(call.function)
            fields["hopcount"] = UInt64(call.hopCount)
            fields["keylen"] = UInt64(call.key.count)
            fields["datalen"] = UInt64(call.data.count)
        case .replyCall(let reply):
            fields["status"] = UInt64(UInt32(bitPattern: reply.status))
            fields["datalen"] = UInt64(reply.data.count)
        case .requestDmaster(let dmaster):
            fields["dbid"] = UInt64(dmaster.database.rawValue)
            fields["rsn"] = dmaster.rsn.rawValue
            fields["dmaster"] = UInt64(dmaster.dmaster.rawValue)
            fields["keylen"] = UInt64(dmaster.key.count)
            fields["datalen"] = UInt64(dmaster.data.count)
        case .replyDmaster(let dmaster):
            fields["dbid"] = UInt64(dmaster.database.rawValue)
            fields["rsn"] = dmaster.rsn.rawValue
            fields["keylen"] = UInt64(dmaster.key.count)
            fields["datalen"] = UInt64(dmaster.data.count)
        default: break
        }
        return fields.mapValues { String($0) }
    }

    /// A number of tshark's as a decimal one.
    static func decimal(_ text: String) -> String {
        guard text.hasPrefix("0x") else { return text }
        return UInt64(text.dropFirst(2), radix: 16).map { String($0) } ?? text
    }

    static func read(_ bytes: [UInt8]) -> [Sighting] {
        let (items, interfaces, error, pending) = items(bytes)
        #expect(error == nil && pending == 0)
        var decoder = CaptureDecoder()
        var found: [Sighting] = []
        for item in items {
            decoder.take(item, interfaces: interfaces)
            while let sighting = decoder.next() { found.append(sighting) }
        }
        return found
    }

    @Test(arguments: Form.allCases)
    func tsharkAgreesOnEveryFixture(form: Form) throws {
        let packets = try Fixtures.conversation()
        let bytes = try Self.file(packets, form)
        let sightings = Self.read(bytes)
        #expect(sightings.count == packets.count)
        let answer = try Tshark.withFile(bytes) { path in
            try Tshark.run(
                path,
                ["-Y", "ctdb", "-T", "fields", "-E", "separator=|", "-e", "frame.number"]
                    + Self.columns.flatMap { ["-e", "ctdb.\($0)"] })
        }
        #expect(answer.code == 0)
        #expect(!answer.errors.contains("rror"), "\(answer.errors)")
        let lines = answer.lines
        #expect(lines.count == sightings.count)
        var compared = 0
        for (line, sighting) in zip(lines, sightings) {
            guard case .legacy(let legacy) = sighting.content else {
                Issue.record("packet \(sighting.number) is no legacy packet")
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                Self.decimal(String($0))
            }
            #expect(cells.first == String(sighting.number))
            let expected = Self.fields(legacy)
            for (column, cell) in zip(Self.columns, cells.dropFirst()) {
                let ours = expected[column] ?? ""
                if cell != ours {
                    Issue.record("packet \(sighting.number): \(column) is \(cell), ours \(ours)")
                }
                if !cell.isEmpty { compared += 1 }
            }
        }
        #expect(compared > 5_000)
    }

    @Test func tsharkFindsNothingWrongWithOurConnections() throws {
        let packets = try Fixtures.conversation()
        for form in [Form.ipv4, .ipv6] {
            let answer = try Tshark.withFile(try Self.file(packets, form)) { path in
                try Tshark.run(
                    path,
                    [
                        "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y",
                        "tcp.analysis.flags or tcp.checksum.status == 0 or ip.checksum.status == 0"
                            + " or _ws.malformed",
                    ])
            }
            #expect(answer.code == 0, "\(answer.errors)")
            #expect(answer.output == "")
        }
    }

    @Test func aPacketOfManySegmentsIsOnePacketAgain() throws {
        let data = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let large = try LegacyPacket(
            destination: PNN(rawValue: 1), source: PNN(rawValue: 0), reqid: Reqid(rawValue: 9),
            body: .requestMessage(RequestMessage(srvid: SrvID(rawValue: 7), data: data[...]))
        ).encode(layout: little64)
        let bytes = try Self.file([large, try messages(1)[0]], .ipv4)
        let found = Self.read(bytes)
        #expect(found.map(\.number) == [8, 9])
        guard case .legacy(let legacy) = found.first?.content else {
            Issue.record("no packet")
            return
        }
        #expect(Array(legacy.bytes) == large)
        let answer = try Tshark.withFile(bytes) { path in
            try Tshark.run(path, ["-Y", "ctdb", "-T", "fields", "-e", "ctdb.len"])
        }
        #expect(answer.lines == [String(large.count), "48"])
    }
}
