// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Why the TDB library did not do what it was asked, and on which file.
public struct DatabaseFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The library's own code.
    ///
    /// - Source: `enum TDB_ERROR`, tdb.h of libtdb 1.4.
    public enum Code: Equatable, Sendable {
        /// The file is damaged.
        case corrupt
        /// The kernel could not read or write.
        case inputOutput
        /// A lock could not be taken.
        case lock
        /// There is no memory.
        case outOfMemory
        /// The record is there already.
        case exists
        /// A lock that was to be given back is not held.
        case noLock
        /// A lock was not free in time.
        case lockTimeout
        /// There is no such record.
        case noSuchRecord
        /// The library was called wrongly.
        case invalidArgument
        /// The file is open for reading only.
        case readOnly
        /// A transaction is under way already, or none is.
        case nesting
        /// The file could not be opened; the kernel's number says why.
        case notOpened(errno: Int32)
        /// The handle has been closed.
        case closed
        /// A number that the library's header does not name.
        case unknown(Int32)
    }

    /// What was asked.
    public var operation: String
    /// Which file.
    public var path: String
    /// What the library answered.
    public var code: Code
    /// The library's words; empty when it said nothing.
    public var detail: String

    /// Makes an error.
    public init(operation: String, path: String, code: Code, detail: String = "") {
        self.operation = operation
        self.path = path
        self.code = code
        self.detail = detail
    }

    /// One line for logs: operation, path, code, and the library's words.
    public var description: String {
        "\(operation) \(path): \(code)" + (detail.isEmpty ? "" : ": \(detail)")
    }
}
