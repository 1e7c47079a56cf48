// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// Lines that outlive the process: the latest ones, in a file that never has more than twice as
/// many as are kept.
///
/// A file that was cut off in the middle of a line is read without that line. What cannot be
/// written is kept in memory, and said once.
package final class HistoryFile {
    private let path: String
    /// So many lines are kept.
    package var limit: Int
    /// The lines, the oldest first.
    package private(set) var lines: [[UInt8]] = []
    /// Is told why lines are not kept, once until they are again.
    package var failed: (SystemError) -> Void = { _ in }

    private var fileCount = 0
    private var file: AppendedFile?
    private var hasFailed = false

    private static let byteLimit = 1 << 28
    private static let lineLimit = 4096

    /// Reads what is there.
    package init(path: String, limit: Int) {
        self.path = path
        self.limit = max(limit, 1)
        if let bytes = try? SmallFile.read(path, limit: Self.byteLimit) {
            let end = bytes.lastIndex(of: 10).map { $0 + 1 } ?? 0
            lines = bytes[..<end].split(separator: 10).map(Array.init)
                .filter { $0.count <= Self.lineLimit }
            fileCount = lines.count
            lines.removeFirst(max(0, lines.count - self.limit))
            // Half a line would spoil the next one.
            if end < bytes.count || fileCount > 2 * self.limit { rewrite() }
        }
    }

    /// Adds a line, which has no end of line in it.
    package func append(_ line: [UInt8]) {
        guard line.count <= Self.lineLimit else { return }
        lines.append(line)
        if lines.count > limit + limit / 4 { lines.removeFirst(lines.count - limit) }
        do throws(SystemError) {
            if fileCount >= 2 * limit {
                try replace()
            } else {
                if file == nil { file = try AppendedFile(path: path) }
                file?.append(line + [10])
                fileCount += 1
            }
            hasFailed = false
        } catch {
            fail(error)
        }
    }

    private func rewrite() {
        do throws(SystemError) { try replace() } catch { fail(error) }
    }

    private func replace() throws(SystemError) {
        let replacement = try FileReplacement(of: path)
        try replacement.file.write(Array(lines.joined(separator: [10])) + [10])
        try replacement.commit()
        file = nil
        fileCount = lines.count
    }

    private func fail(_ error: SystemError) {
        file = nil
        if !hasFailed { failed(error) }
        hasFailed = true
    }
}
