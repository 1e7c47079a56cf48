// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Where a run of the tool writes.
///
/// Standard output is written line by line, standard error at once, as the legacy tool does it:
/// what both give to one terminal or file stands there in the same order.
public final class ToolOutput {
    private let standardOutput: ([UInt8]) -> Void
    private let standardError: ([UInt8]) -> Void
    private var unfinished: [UInt8] = []

    /// Makes an output.
    ///
    /// - Parameters:
    ///   - standardOutput: takes whole lines, and the rest at the end.
    ///   - standardError: takes everything at once.
    public init(
        standardOutput: @escaping ([UInt8]) -> Void, standardError: @escaping ([UInt8]) -> Void
    ) {
        self.standardOutput = standardOutput
        self.standardError = standardError
    }

    /// Writes to standard output.
    func print(_ text: RawText) {
        unfinished += text.bytes
        guard let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) else { return }
        standardOutput(Array(unfinished[...end]))
        unfinished.removeSubrange(...end)
    }

    /// Writes to standard output past everything that waits for the end of its line.
    func write(_ bytes: [UInt8]) { standardOutput(bytes) }

    /// Writes to standard error.
    func complain(_ text: RawText) { standardError(text.bytes) }

    /// Writes what waits for the end of its line.
    func flush() {
        guard !unfinished.isEmpty else { return }
        standardOutput(unfinished)
        unfinished = []
    }
}
