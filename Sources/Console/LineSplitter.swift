// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Cuts a stream of bytes into lines, however long they are and wherever it is cut.
public struct LineSplitter: Sendable {
    /// A longer line is not kept.
    public static let lineLimit = 65_536

    /// One line, without its end.
    public struct Line: Equatable, Sendable {
        /// Counted from 1.
        public var number: Int
        /// What is in it.
        public var content: Content

        /// Makes a line.
        public init(number: Int, content: Content) {
            self.number = number
            self.content = content
        }
    }

    /// What a line has in it.
    public enum Content: Equatable, Sendable {
        /// Text.
        case text(String)
        /// More bytes than the limit; how many.
        case tooLong(Int)
        /// Bytes that are no UTF-8.
        case notText
    }

    private var rest: [UInt8] = []
    private var restByteCount = 0
    private var count = 0

    /// Makes a splitter at the beginning of a stream.
    public init() {}

    /// Takes more bytes.
    ///
    /// - Returns: the lines that are whole by now.
    public mutating func append(_ bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            keep(bytes[start..<end])
            lines.append(finish())
            start = end + 1
        }
        keep(bytes[start...])
        return lines
    }

    /// The last line, when the stream did not end with the end of a line.
    public mutating func end() -> Line? { restByteCount == 0 ? nil : finish() }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        restByteCount += part.count
        if restByteCount <= Self.lineLimit { rest += part } else { rest = [] }
    }

    private mutating func finish() -> Line {
        count += 1
        defer {
            rest.removeAll(keepingCapacity: true)
            restByteCount = 0
        }
        guard restByteCount <= Self.lineLimit else {
            return Line(number: count, content: .tooLong(restByteCount))
        }
        if rest.last == 0x0D { rest.removeLast() }
        guard let text = String(validating: rest, as: UTF8.self) else {
            return Line(number: count, content: .notText)
        }
        return Line(number: count, content: .text(text))
    }
}
