// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What the first packet of a client in a recording of a relay says about it, for people and for
/// replays.
public struct ClientNote: Hashable, Sendable {
    /// The port that stands for ctdbd in such recordings; other ports stand for clients.
    public static let daemonPort: UInt16 = 4379

    /// Counts the clients of a relay.
    public var number: Int
    /// Its process.
    public var pid: Int32
    /// What its program is called.
    public var name: String

    /// Makes a note.
    public init(number: Int, pid: Int32, name: String) {
        self.number = number
        self.pid = pid
        self.name = name
    }

    /// Reads a comment; nil when it is another one.
    public init?(text: String) {
        let words = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard words.count == 5, words[0] == "client", words[2] == "pid",
            let number = Int(words[1]), let pid = Int32(words[3])
        else { return nil }
        self.number = number
        self.pid = pid
        name = String(words[4])
    }

    /// The comment.
    public var text: String { "client \(number) pid \(pid) \(name)" }
}
