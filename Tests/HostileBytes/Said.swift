// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

extension Parser {
    /// What a message or a record's data says.
    enum Said: Equatable, Sendable {
        case payload(MessagePayload)
        case answer(MessageAnswer)
        case locks(GlobalLockList)
        case scripts(ScriptList)
        case record(RecordData, RecordHeader?)

        func written(layout: LegacyLayout) throws -> [UInt8] {
            switch self {
            case .payload(let payload): Array(try payload.encode(layout: layout).data)
            case .answer(let answer): try answer.encode(layout: layout)
            case .locks(let list): try list.encoded(layout: layout)
            case .scripts(let list): try list.encoded(layout: layout)
            case .record(let record, _): try record.encoded(layout: layout)
            }
        }
    }

    /// Reads a script of a message.
    static func said(_ input: ArraySlice<UInt8>) throws -> Said? {
        var script = Script(input)
        let layout = try script.layout()
        let srvid = SrvID(rawValue: try script.long())
        let kind = try script.byte() % 9
        let data = try script.rest()
        switch kind {
        case 0:
            return .payload(try MessagePayload.decode(srvid: srvid, data: data, layout: layout))
        case 1: return .locks(try GlobalLockList.decode(data, layout: layout))
        case 2: return .scripts(try ScriptList.decode(data, layout: layout))
        case 3:
            let record = try RecordData.decode(data, layout: layout)
            return .record(record, try? record.split(layout: layout).header)
        default:
            let questions: [MessageAnswer.Question] = [
                .traversal, .message(.takeoverRun), .message(.disableRecoveries),
                .message(.memoryDump), .message(.leader),
            ]
            return try MessageAnswer.decode(
                data, to: questions[Int(kind) - 4], layout: layout
            ).map(Said.answer)
        }
    }

    /// Scripts of what no fixture has.
    static var made: [[UInt8]] {
        let layout = LegacyLayout(byteOrder: .little, wordSize: .bits64)
        let server = ServerID(pid: 1, task: 2, node: PNN(rawValue: 3), uniqueID: 4)
        let locks = GlobalLockList(holders: [
            .init(kind: .read, server: server), .init(kind: .write, server: server),
        ])
        let time = Timeval(seconds: 1, microseconds: 2)
        let scripts = ScriptList(scripts: [
            .init(name: "00.ctdb", started: time, finished: time, status: 0, output: "output")
        ])
        let record = RecordData(
            header: RecordHeader(rsn: RSN(rawValue: 1), dmaster: PNN(rawValue: 2)),
            key: [1, 2, 3], value: [4, 5], layout: layout)
        let all: [(UInt8, Said)] = [
            (1, .locks(locks)), (2, .scripts(scripts)), (3, .record(record, nil)),
            (4, .answer(.traversed(record))), (5, .answer(.status(1))),
            (7, .answer(.memoryDump([65, 66]))),
        ]
        return all.compactMap { kind, said in
            guard let written = try? said.written(layout: layout) else { return nil }
            return ByteWriter.script {
                $0.write(little64)
                $0.write(UInt64(0))
                $0.write(kind)
                $0.write(contentsOf: written)
            }
        }
    }
}
