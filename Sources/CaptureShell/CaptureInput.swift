// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Sockets

/// A capture file that is read from its beginning to its end, a piece at a time.
public final class CaptureInput {
    /// How many bytes are read at a time.
    private static let pieceByteCount = 1 << 20

    /// Where the file is.
    public let path: String
    private let file: RegularFile
    private var reader = CaptureFileReader()
    private var isAtEnd = false

    /// Opens a file; `-` is standard input.
    ///
    /// - Throws: what the kernel answered.
    public init(path: String) throws(CaptureFileError) {
        self.path = path
        do {
            file = try path == "-" ? .standardInput() : RegularFile(path: path, for: .reading)
        } catch {
            throw .system(error)
        }
    }

    /// The interfaces so far.
    public var interfaces: [CaptureInterface] { reader.interfaces }

    /// Where the next item begins, in bytes from the beginning of the file.
    public var fileOffset: UInt64 { reader.fileOffset }

    /// The bytes of an unfinished block at the end of the file: its writer was interrupted.
    public var cutOffByteCount: Int { isAtEnd ? reader.pendingByteCount : 0 }

    /// The next thing in the file; nil at its end.
    ///
    /// - Throws: what the kernel answered, or what is wrong with the file.
    public func next() throws(CaptureFileError) -> CaptureItem? {
        while true {
            do {
                if let item = try reader.next() { return item }
            } catch {
                throw .capture(error, path: path)
            }
            guard !isAtEnd else { return nil }
            do {
                let piece = try file.readPart(upTo: Self.pieceByteCount)
                isAtEnd = piece.isEmpty
                reader.append(piece[...])
            } catch {
                throw .system(error)
            }
        }
    }
}
