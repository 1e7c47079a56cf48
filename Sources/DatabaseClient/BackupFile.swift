// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import TrivialDatabase
import Vocabulary

/// Reads a backup from its beginning to its end, a buffer at a time.
public final class BackupReader {
    /// A buffer that says it is longer is none: the writer begins a new one after 100,000 bytes and
    /// what one record has more.
    public static let bufferLimit: UInt64 = 1 << 30

    /// What stands at the beginning.
    public let header: BackupHeader
    private let file: RegularFile

    /// Reads the beginning.
    ///
    /// - Throws: `.wrongVersion`, `.unreadable`, `.system`.
    public init(_ file: RegularFile) throws(DatabaseFailure) {
        self.file = file
        let bytes = try Self.read(BackupHeader.byteCount(layout: .native), of: file)
        header = try Self.decode(file) { () throws(WireError) in
            try BackupHeader.decode(bytes[...], layout: .native)
        }
        guard header.version == BackupHeader.currentVersion else {
            throw DatabaseFailure(.backup, file.path, .wrongVersion(header.version))
        }
    }

    /// Reads the next buffer.
    ///
    /// - Returns: its records, each with its header in front of the data.
    /// - Throws: `.unreadable`, at the end of the file too; `.system`.
    public func next() throws(DatabaseFailure) -> RecordBuffer {
        let layout = LegacyLayout.native
        let start = try Self.read(BackupBufferHeader.byteCount(layout: layout), of: file)
        let head = try Self.decode(file) { () throws(WireError) in
            let head = try BackupBufferHeader.decode(start[...], layout: layout)
            guard head.byteCount <= Self.bufferLimit else {
                throw WireError(
                    code: .limitExceeded(value: head.byteCount, limit: Self.bufferLimit),
                    type: "BackupBuffer", field: "buflen", offset: 8)
            }
            return head
        }
        let bytes = try Self.read(Int(clamping: head.byteCount), of: file)
        return try Self.decode(file) { () throws(WireError) in
            var reader = layout.reader(over: bytes[...])
            try reader.require(Int(clamping: head.byteCount), "buf", of: "BackupBuffer")
            var records: [RecordData] = []
            for _ in 0..<head.count {
                records.append(try RecordData.decode(from: &reader, layout: layout))
            }
            try reader.finish("BackupBuffer")
            return RecordBuffer(database: head.database, records: records)
        }
    }

    private static func read(
        _ count: Int, of file: RegularFile
    ) throws(DatabaseFailure) -> [UInt8] {
        do throws(SystemError) {
            return try file.read(upTo: count)
        } catch {
            throw DatabaseFailure(.backup, file.path, .system(error))
        }
    }

    private static func decode<Value>(
        _ file: RegularFile, _ work: () throws(WireError) -> Value
    ) throws(DatabaseFailure) -> Value {
        do throws(WireError) {
            return try work()
        } catch {
            throw DatabaseFailure(.backup, file.path, .unreadable(error))
        }
    }
}

extension Database {
    /// A buffer of a backup ends after so many bytes, and what the last record has more.
    static let backupBufferByteCount = 100_000

    /// Writes this node's copies of all records into a file, as the legacy tool does.
    ///
    /// A process that dies before the end leaves a file whose header is empty, which nothing
    /// restores.
    ///
    /// - Parameters:
    ///   - file: an empty file, or one that is overwritten from its beginning.
    ///   - time: what the backup says when it was made, in seconds since 1970.
    /// - Returns: the header that was written.
    /// - Throws: `.system`, or what the database's file gives.
    @discardableResult
    public func backUp(
        to file: RegularFile, time: Int64
    ) throws(DatabaseFailure) -> BackupHeader {
        let size = BackupHeader.byteCount(layout: .native)
        try write([UInt8](repeating: 0, count: size), to: file)
        var header = BackupHeader(
            time: time, flags: description.flags, bufferCount: 0, recordCount: 0, name: name)
        var writer = LegacyLayout.native.writer()
        var count: UInt32 = 0
        var failure: DatabaseFailure?
        func flush() throws(DatabaseFailure) {
            guard count > 0 else { return }
            var head = LegacyLayout.native.writer()
            BackupBufferHeader(
                database: id, count: count, byteCount: UInt64(writer.count)
            ).encode(into: &head, layout: .native)
            try write(head.finish() + writer.bytes, to: file)
            header.bufferCount += 1
            header.recordCount += UInt64(count)
            writer = LegacyLayout.native.writer()
            count = 0
        }
        _ = try traverse { key, data in
            do throws(DatabaseFailure) {
                try append(RecordData(key: key[...], data: data[...]), to: &writer)
                count += 1
                if writer.count + 8 >= Self.backupBufferByteCount { try flush() }
                return .next
            } catch {
                failure = error
                return .stop
            }
        }
        if let failure { throw failure }
        try flush()
        var head = LegacyLayout.native.writer()
        do throws(WireError) {
            try header.encode(into: &head, layout: .native)
        } catch {
            throw DatabaseFailure(.backup, name, .unreadable(error))
        }
        do throws(SystemError) {
            try file.rewind()
        } catch {
            throw DatabaseFailure(.backup, name, .system(error))
        }
        try write(head.finish(), to: file)
        return header
    }

    private func append(
        _ record: RecordData, to writer: inout ByteWriter
    ) throws(DatabaseFailure) {
        do throws(WireError) {
            try record.encode(into: &writer, layout: .native)
        } catch {
            throw DatabaseFailure(.backup, name, .unreadable(error))
        }
    }

    private func write(_ bytes: [UInt8], to file: RegularFile) throws(DatabaseFailure) {
        do throws(SystemError) {
            try file.write(bytes)
        } catch {
            throw DatabaseFailure(.backup, name, .system(error))
        }
    }
}
