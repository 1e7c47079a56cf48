// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// Which release a running ctdbd is.
///
/// No control tells it, and ctdbd has no option for it; but its program has a line for its log in
/// it, and the release that is put into that line. The program of a process is there to be read
/// even after another release was installed in its place.
///
/// - Source: `ctdb_start_daemon`, ctdb/server/ctdb_daemon.c, Samba 4.13 to 4.25.
public enum DaemonRelease {
    /// A larger program is none.
    private static let limit = 1 << 26
    /// The beginning of the line in the log.
    private static let mark = Array("Starting CTDBD (Version ".utf8)
    /// Longer texts are no release.
    private static let longest = 63

    /// The release of the ctdbd that a process is; nil when it is none, or may not be looked at.
    public static func ofProcess(_ pid: Int32) -> String? {
        guard let program = try? SmallFile.read("/proc/\(pid)/exe", limit: limit) else {
            return nil
        }
        return find(in: program)
    }

    /// The release that a program of ctdbd names; nil for another program, and for none or several.
    package static func find(in program: [UInt8]) -> String? {
        var found: Set<String> = []
        var isDaemon = false
        var start = 0
        while let end = program[start...].firstIndex(of: 0) {
            let text = program[start..<end]
            start = end + 1
            if text.starts(with: mark) { isDaemon = true }
            guard let first = text.first, (0x31...0x39).contains(first), text.count <= longest,
                isRelease(text)
            else { continue }
            found.insert(String(decoding: text, as: UTF8.self))
        }
        return isDaemon && found.count == 1 ? found.first : nil
    }

    /// Three numbers with dots, and perhaps more behind them, as in `4.17.12-Debian`, `4.21.0rc1`.
    private static func isRelease(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        for place in 0..<3 {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...3).contains(digits.count) else { return false }
            rest = rest.dropFirst(digits.count)
            guard place < 2 else { break }
            guard rest.first == UInt8(ascii: ".") else { return false }
            rest = rest.dropFirst()
        }
        return rest.first != UInt8(ascii: ".") && rest.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The minor release of Samba 4, as in 17 of `4.17.12`; nil for anything else.
    public static func minor(_ release: String) -> Int? {
        let parts = release.split(separator: ".")
        guard parts.count >= 3, parts[0] == "4" else { return nil }
        return Int(parts[1])
    }
}
