// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import TrivialDatabase
import Vocabulary

// Records in a file, past ctdbd.

extension Commands {
    static func fileFetch(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (2...3).contains(arguments.count) else { throw context.usage("tfetch") }
        let file = try context.openedFile(arguments[0])
        let key = try context.data(arguments[1], called: "key")
        guard let data = try? file.fetch(key) else {
            context.complain("No record for key \(arguments[1])\n")
            return 1
        }
        file.close()
        let record = RecordData(key: key[...], data: data[...])
        guard let (header, value) = try? record.split(layout: .native) else {
            context.complain("Invalid record for key \(arguments[1])\n")
            return 1
        }
        if arguments.count == 3 { context.save(data, as: arguments[2]) }
        context.print(RecordText.dump(header))
        context.print(RecordText.dump("data", value))
        return 0
    }

    static func fileStore(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (3...5).contains(arguments.count) else { throw context.usage("tstore") }
        let file = try context.openedFile(arguments[0])
        let key = try context.data(arguments[1], called: "key")
        let value = try context.data(arguments[2], called: "value")
        var header = RecordHeader(rsn: RSN(rawValue: 0), dmaster: PNN(rawValue: 0))
        if arguments.count > 3 {
            header.rsn = RSN(rawValue: try CNumber.parse(arguments[3], base: 0))
        }
        if arguments.count > 4 {
            let number = CNumber(arguments[4].bytes, base: 10).signed
            header.dmaster = PNN(rawValue: UInt32(truncatingIfNeeded: number))
        }
        let record = RecordData(header: header, key: [], value: value[...], layout: .native)
        do throws(DatabaseFileError) {
            try file.store(key, Array(record.data))
        } catch {
            context.complain(
                "Failed to write record \(arguments[1]) to file \(arguments[0])\n")
            return -1
        }
        return 0
    }
}

extension ToolContext {
    fileprivate func openedFile(_ path: RawText) throws(ToolExit) -> DatabaseFile {
        do throws(DatabaseFileError) {
            return try DatabaseFile(path: path.string, access: .writing)
        } catch {
            complain("Failed to open TDB file \(path)\n")
            throw ToolExit(1)
        }
    }

    /// Writes a whole record into a file; a failure does not end the command.
    fileprivate func save(_ data: [UInt8], as path: RawText) {
        let file: RegularFile
        do throws(SystemError) {
            file = try RegularFile(path: path.string, for: .replacing(permissions: 0o600))
        } catch {
            complain("Failed to open output file \(path)\n")
            return
        }
        do throws(SystemError) {
            try file.write(data)
        } catch {
            complain("Failed to write record to file\n")
        }
    }
}
