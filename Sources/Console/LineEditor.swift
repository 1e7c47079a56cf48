// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Clibedit
import Glibc

/// Lines from a terminal, with history and completion.
///
/// There is one terminal, so there is one editor at a time.
public final class LineEditor {
    /// What came from the terminal.
    public enum Input: Equatable, Sendable {
        /// A line without its end.
        case line(String)
        /// Control-C: whatever was typed is dropped.
        case interrupted
        /// Control-D: there is no more.
        case end
    }

    /// What to do about a word that is to be completed.
    public enum Completion: Equatable, Sendable {
        /// Put this at the cursor.
        case insert(String)
        /// Show this below the line.
        case show(String)
        /// There is nothing that fits.
        case nothing
    }

    private let completer: (String) -> Completion

    /// Takes the terminal; nil when libedit is not installed, or the terminal too simple for it.
    ///
    /// - Parameters:
    ///   - program: its name in libedit's own configuration.
    ///   - historyPath: where lines are kept between runs; nil keeps none.
    ///   - completer: completes the part of the line in front of the cursor.
    public init?(
        program: String, historyPath: String?, completer: @escaping (String) -> Completion
    ) {
        self.completer = completer
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let function: clibedit_completer = { before, context in
            guard let before = unsafe before, let context = unsafe context else {
                return unsafe clibedit_completion(text: nil, is_list: 0)
            }
            let editor = unsafe Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
            switch editor.completer(unsafe String(cString: before)) {
            case .insert(let text):
                return unsafe clibedit_completion(text: strdup(text), is_list: 0)
            case .show(let text):
                return unsafe clibedit_completion(text: strdup(text), is_list: 1)
            case .nothing: return unsafe clibedit_completion(text: nil, is_list: 0)
            }
        }
        let answer =
            if let historyPath {
                unsafe clibedit_open(program, historyPath, function, context)
            } else {
                unsafe clibedit_open(program, nil, function, context)
            }
        guard answer == 0 else { return nil }
    }

    deinit { clibedit_close() }

    /// Shows a prompt and waits for a line.
    public func read(prompt: String) -> Input {
        var line: UnsafePointer<CChar>?
        var count = 0
        switch unsafe clibedit_read(prompt, &line, &count) {
        case Int32(CLIBEDIT_LINE):
            guard let line = unsafe line else { return .end }
            var text = unsafe String(cString: line)
            if text.hasSuffix("\n") { text.removeLast() }
            return .line(text)
        case Int32(CLIBEDIT_INTERRUPTED): return .interrupted
        default: return .end
        }
    }

    /// Keeps a line, so that one can go back to it.
    public func remember(_ line: String) { unsafe clibedit_remember(line) }
}
