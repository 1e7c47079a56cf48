// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DatabaseClient
import LegacyTool
import LegacyWire
import Sockets
import Testing
import Vocabulary

/// What `dumpdbbackup` prints, which needs no ctdbd.
@Suite struct BackupDumpTests {
    func run(_ arguments: [RawText]) -> (output: String, errors: String, status: Int32) {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        let status = LegacyTool.run(
            ToolEnvironment(arguments: arguments, variables: [:]),
            output: ToolOutput(
                standardOutput: { output += $0 }, standardError: { errors += $0 }))
        return (
            String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self), status
        )
    }

    @Test func recordsArePrinted() throws {
        let scratch = try ScratchDirectory()
        let record = try RecordData(
            header: RecordHeader(
                rsn: RSN(rawValue: 77), dmaster: PNN(rawValue: 2),
                flags: [.migratedWithData, .readOnlyCopy]),
            key: Array("a\"b\\c\0".utf8)[...], value: [0x1F, 0x20, 0x7E, 0x7F, 0xFF],
            layout: .native
        ).encoded(layout: .native)
        var writer = LegacyLayout.native.writer()
        try BackupHeader(
            time: 1_700_000_000, flags: [], bufferCount: 1, recordCount: 1, name: "some.tdb"
        ).encode(into: &writer, layout: .native)
        writer.write(UInt32(0))
        writer.write(UInt32(1))
        writer.write(UInt64(record.count))
        writer.write(contentsOf: record)
        try scratch.write(writer.finish(), to: "backup")
        let (output, errors, status) = run([
            "dumpdbbackup", RawText(scratch.file("backup")),
        ])
        #expect(status == 0)
        #expect(errors == "")
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first?.hasPrefix("Dumping database some.tdb from backup @ 2023/11/1") == true)
        #expect(
            lines.dropFirst().joined(separator: "\n") == #"""
                key(6) = "a\22b\5Cc\00"
                dmaster: 2
                rsn: 77
                flags: 0x02010000 MIGRATED_WITH_DATA RO_HAVE_READONLY
                data(5) = "\1F ~\7F\FF"

                Dumped 1 record(s)

                """#)
    }

    @Test func whatIsNoBackupIsRefused() throws {
        let scratch = try ScratchDirectory()
        try scratch.write([UInt8](repeating: 1, count: 200), to: "noise")
        let (output, errors, status) = run(["dumpdbbackup", RawText(scratch.file("noise"))])
        #expect(output == "")
        #expect(
            errors
                == "Wrong version of backup file, expected 3, got 72340172838076673\n")
        #expect(status == 22)
        let missing = RawText(scratch.file("missing"))
        #expect(
            run(["dumpdbbackup", missing]).errors
                == "Failed to open file \(missing.string) for reading\n")
        #expect(run(["dumpdbbackup", missing]).status == 2)
    }
}
