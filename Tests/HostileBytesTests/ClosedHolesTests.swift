// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Foundation
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// The inputs behind CVE-2026-58224.
///
/// ctdbd up to 4.24.4 reads past their end, or allocates gigabytes for them. The numbers are those
/// of the list of its fixes.
@Suite struct ClosedHolesTests {
    @Test("1: REQ_DMASTER that is short, or whose key or data is longer than it")
    func requestDmaster() throws {
        let body = RequestDmaster(
            database: database, rsn: RSN(rawValue: 1), dmaster: PNN(rawValue: 2), key: key,
            data: data, recordFlags: 0)
        try expectCountsAreChecked(.requestDmaster(body), fixed: 60, counts: [52, 56])
    }

    @Test("2: REQ_CALL that is short, or whose key or data is longer than it")
    func requestCall() throws {
        let body = RequestCall(
            flags: [], database: database, function: 1, hopCount: 0, key: key, data: data)
        try expectCountsAreChecked(.requestCall(body), fixed: 56, counts: [48, 52])
    }

    @Test("3: REPLY_CALL that is short, or whose data is longer than it")
    func replyCall() throws {
        try expectCountsAreChecked(
            .replyCall(ReplyCall(status: 0, data: data)), fixed: 40, counts: [36])
    }

    @Test("4: REPLY_DMASTER that is short, or whose key or data is longer than it")
    func replyDmaster() throws {
        let body = ReplyDmaster(
            database: database, rsn: RSN(rawValue: 1), key: key, data: data, recordFlags: 0)
        try expectCountsAreChecked(.replyDmaster(body), fixed: 56, counts: [48, 52])
    }

    @Test("5: REQ_MESSAGE that is short, or whose data is longer than it")
    func requestMessage() throws {
        let body = RequestMessage(srvid: SrvID(rawValue: 7), data: data)
        try expectCountsAreChecked(.requestMessage(body), fixed: 44, counts: [40])
    }

    @Test("6: REQ_CONTROL that is short, or whose data is longer than it")
    func requestControl() throws {
        let body = RequestControl(opcode: .ping, data: data)
        try expectCountsAreChecked(.requestControl(body), fixed: 60, counts: [56])
    }

    @Test("7: REPLY_CONTROL that is short, or whose data or error is longer than it")
    func replyControl() throws {
        let body = ReplyControl(status: 0, data: data, error: key)
        try expectCountsAreChecked(.replyControl(body), fixed: 44, counts: [36, 40])
    }

    @Test("8: SETVNNMAP that is short, or has fewer nodes than it says")
    func setVNNMap() throws {
        let map = VNNMap(generation: Generation(rawValue: 7), nodes: [PNN(rawValue: 0)])
        let good = Array(try ControlRequest.setVNNMap(map).encode(layout: layout).data)
        for count in 0..<good.count {
            expectNoRequest(.setVNNMap, Array(good.prefix(count)), "\(count) bytes")
        }
        for number in [2] + lies {
            expectNoRequest(.setVNNMap, Lying(good).with(number, at: 4), "\(number)")
        }
    }

    @Test("9: a vnn map of 4,294,967,295 nodes in 8 bytes")
    func vnnMap() {
        let bytes: [UInt8] = [7, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        expectNone(VNNMap.self, bytes)
        expectNoReply(to: .getVNNMap, bytes)
    }

    @Test("10: DB_ATTACH without a NUL, or without a name", arguments: [18, 61, 150])
    func attach(opcode: UInt32) {
        expectNoRequest(ControlOpcode(rawValue: opcode), [])
        expectNoRequest(ControlOpcode(rawValue: opcode), Array("name.tdb".utf8))
    }

    /// A buffer of one record, whose count is at 4 and whose record begins at 8.
    static let buffer = RecordBuffer(
        database: database, records: [RecordData(key: key, data: data)])

    private func expectRecordsAreChecked(_ opcode: ControlOpcode) throws {
        let good = try Self.buffer.encoded(layout: layout)
        for count in 0..<good.count {
            expectNoRequest(opcode, Array(good.prefix(count)), "\(count) bytes")
        }
        for number in [2] + lies {
            expectNoRequest(opcode, Lying(good).with(number, at: 4), "\(number)")
        }
    }

    @Test("11: UPDATE_RECORD that is short, or has fewer records than it says")
    func updateRecord() throws { try expectRecordsAreChecked(.updateRecord) }

    @Test("12: TRY_DELETE_RECORDS that is short, or has fewer records than it says")
    func tryDeleteRecords() throws { try expectRecordsAreChecked(.tryDeleteRecords) }

    @Test("13: TRANS3_COMMIT that is short, or has fewer records than it says")
    func trans3Commit() throws { try expectRecordsAreChecked(.trans3Commit) }

    @Test("14: TRAVERSE_DATA that is short, or whose lengths are not those of its record")
    func traverseData() throws {
        let good = Lying(try RecordData(key: key, data: data).encoded(layout: layout))
        for count in 0..<good.bytes.count {
            expectNoRequest(.traverseData, Array(good.bytes.prefix(count)), "\(count) bytes")
        }
        let whole = UInt32(good.bytes.count)
        for number in [0, 15, 16, whole - 1, whole + 1] + lies {
            expectNoRequest(.traverseData, good.with(number, at: 0), "length \(number)")
        }
        for offset in [8, 12] {
            for number in [whole - 15] + lies {
                expectNoRequest(.traverseData, good.with(number, at: offset), "\(number)")
            }
        }
        expectNoRequest(.traverseData, good.bytes + [0], "one byte more")
    }

    @Test("15: a string without a NUL ends with the bytes, not one behind them")
    func stringWithoutNUL() throws {
        let text = Array("text".utf8)
        #expect(
            try MessagePayload.decode(srvid: .releaseIP, data: text[...], layout: layout)
                == .releaseIP("text"))
        var reader = layout.reader(over: [4, 0, 0, 0] + text[...])
        #expect(try TunableNames.decode(from: &reader, layout: layout).text == "text")
        #expect(reader.offset == 8 && reader.available == 0)
    }

    @Test("16: a counted string with a NUL inside takes up all the bytes that it counts")
    func countedStringWithNUL() throws {
        let text = Array("te\0t\0".utf8)
        var reader = layout.reader(over: [5, 0, 0, 0] + text[...] + [9, 9])
        #expect(try TunableNames.decode(from: &reader, layout: layout).text == "te")
        #expect(reader.offset == 9 && reader.available == 2)
    }

    @Test("17: a history, a map of databases or of nodes with fewer elements than it says")
    func maps() throws {
        let databases = DatabaseMap(databases: [.init(id: database, flags: [])])
        try expectCountIsChecked(of: databases, at: 0, count: 1)
        let address = SocketAddress.ipv4(address: 0xC000_0201, port: 4379)
        let nodes = NodeMap(nodes: [.init(pnn: PNN(rawValue: 0), flags: [], address: address)])
        try expectCountIsChecked(of: nodes, at: 0, count: 1)
        for opcode in [ControlOpcode.getNodeMap, .getNodesFile, .getDatabaseMap] {
            expectNoReply(to: opcode, [0xFF, 0xFF, 0xFF, 0xFF], "\(opcode)")
        }
        // The number of a history has a sign.
        for number in [-1, .max, .min, 1] as [Int32] {
            let bytes = Lying([UInt8](repeating: 0, count: 8))
                .with(UInt32(bitPattern: number), at: 0)
            expectNone(StatisticsHistory.self, bytes, "\(number)")
            expectNoReply(to: .getStatisticsHistory, bytes, "\(number)")
        }
        #expect(
            try StatisticsHistory.decode([0, 0, 0, 0, 0, 0, 0, 0], layout: layout).elements == [])
    }

    @Test("18: lists of tickles, addresses, interfaces, scripts, connections and locks")
    func lists() throws {
        let address = SocketAddress.ipv4(address: 0xC000_0201, port: 445)
        let connections = ConnectionList(connections: [
            TCPConnection(source: address, destination: address)
        ])
        try expectCountIsChecked(of: connections, at: 0, count: 1)
        try expectCountIsChecked(
            of: TickleList(address: address, connections: connections.connections), at: 28,
            count: 1)
        let publicIP = PublicIP(pnn: PNN(rawValue: 1), address: address)
        try expectCountIsChecked(of: PublicIPList(addresses: [publicIP]), at: 0, count: 1)
        let interface = NetworkInterface(name: "eth0", linkState: 1, references: 2)
        try expectCountIsChecked(of: NetworkInterfaceList(interfaces: [interface]), at: 0, count: 1)
        let info = PublicIPInfo(publicIP: publicIP, activeIndex: 0, interfaces: [interface])
        try expectCountIsChecked(of: info, at: 36, count: 1)
        let time = Timeval(seconds: 1, microseconds: 2)
        let scripts = ScriptList(scripts: [
            .init(name: "00.ctdb", started: time, finished: time, status: 0, output: "")
        ])
        try expectCountIsChecked(of: scripts, at: 0, count: 1)
        let lock = GlobalLockList.Holder(
            kind: .write,
            server: ServerID(pid: 1, task: 2, node: PNN(rawValue: 3), uniqueID: 4))
        let locks = try GlobalLockList(holders: [lock, lock]).encoded(layout: layout)
        for count in 33..<64 {
            expectNone(GlobalLockList.self, Array(locks.prefix(count)), "a part of an element")
        }
    }

    @Test("19: a socket is for its owner alone from the moment it is there")
    func sockets() throws {
        let scratch = try ScratchDirectory()
        let folder = scratch.file("run")
        try SocketDirectory.prepare(folder)
        #expect(scratch.permissions(of: "run") == 0o700)
        let socket = try DatagramSocket(boundTo: scratch.file("s"))
        #expect(scratch.permissions(of: "s") == 0o600 && socket.path == scratch.file("s"))
    }

    @Test("20: a length of 4 GiB gets no memory, and is refused over the limit")
    func length() throws {
        var framer = PacketFramer(layout: layout)
        framer.append(
            Lying(try Lying(.replyControl(ReplyControl(status: 0))).bytes)
                .with(.max, at: 0))
        #expect(throws: WireError.self) { try framer.next() }
        // Within the limit it waits, and holds what has come.
        var patient = PacketFramer(layout: layout)
        let good = try Lying(.replyControl(ReplyControl(status: 0)))
        patient.append(good.with(UInt32(LegacyPacket.defaultLimit), at: 0))
        #expect(try patient.next() == nil)
        #expect(patient.bufferedByteCount == good.bytes.count)
    }

    @Test("21: who is trusted is written down")
    func security() throws {
        let readme = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/PeerWire/README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        #expect(text.contains("## 15. Security"))
    }
}
