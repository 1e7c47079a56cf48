// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A place in an `.x` file.
public struct SourceLocation: Hashable, Sendable {
    /// The file as it was named to the generator.
    public var file: String
    /// The line, counted from 1.
    public var line: Int
    /// The byte within the line, counted from 1.
    public var column: Int

    /// Makes a place.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// Why an `.x` file cannot be turned into Swift, and where.
public struct GeneratorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where the trouble begins.
    public var location: SourceLocation
    /// What was expected, and what is there.
    public var message: String

    /// Makes an error.
    public init(_ message: String, at location: SourceLocation) {
        self.location = location
        self.message = message
    }

    /// One line in the form that compilers use.
    public var description: String {
        "\(location.file):\(location.line):\(location.column): error: \(message)"
    }
}
