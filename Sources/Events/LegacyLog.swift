// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// A log as the legacy daemons write theirs, so that all of a node's daemons share one.
///
/// - Source: ctdb/common/logging.c, Samba 4.17; ctdb.conf(5).
public final class LegacyLog {
    /// How important a line is; the raw value is the legacy number.
    public enum Level: Int, Sendable, CaseIterable, Comparable {
        /// Something is broken.
        case error = 0
        /// Something is odd.
        case warning = 1
        /// Something of interest to operators.
        case notice = 3
        /// Something more.
        case info = 5
        /// Everything.
        case debug = 10

        /// Reads the beginning of a name, in any case, or a number from 0 to 10.
        public init?(_ text: String) {
            if let number = Int(text) {
                guard (0...10).contains(number) else { return nil }
                let below = Self.allCases.last { $0.rawValue <= number }
                self = below ?? .error
                return
            }
            let names = Self.allCases.map { ($0, "\($0)") }
            guard !text.isEmpty, let found = names.first(where: { $1.hasPrefix(text.lowercased()) })
            else { return nil }
            self = found.0
        }

        /// Orders by number: what is more important is less.
        public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

        /// The priority that syslog has for it.
        var priority: Int {
            switch self {
            case .error: 3
            case .warning: 4
            case .notice: 5
            case .info: 6
            case .debug: 7
            }
        }
    }

    /// Where a log goes.
    public enum Location: Hashable, Sendable {
        /// To standard error.
        case standardError
        /// To a file.
        case file(String)
        /// To the syslog socket of this machine.
        case syslog
        /// To the syslog port of this machine, in the old format or that of RFC 5424.
        case port(isRFC5424: Bool)

        /// Reads the value of the setting, such as `file:/var/log/ctdb/log.ctdb`.
        public init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            switch (parts.first, parts.count > 1 ? parts[1] : nil) {
            case ("file", nil), ("file", "-"): self = .standardError
            case ("file", let path?): self = .file(path)
            case ("syslog", nil), ("syslog", "nonblocking"): self = .syslog
            case ("syslog", "udp"): self = .port(isRFC5424: false)
            case ("syslog", "udp-rfc5424"): self = .port(isRFC5424: true)
            default: return nil
            }
        }
    }

    private enum Sink {
        case standardError
        case file(AppendedFile)
        case socket(DatagramSender?)
        case port(SyslogPort, isRFC5424: Bool)
    }

    /// From which level on things are logged.
    public var level: Level
    private let name: String
    private let hostName: String
    private let processID = ProcessEnvironment.processID
    private var sink: Sink
    /// A line over this length is cut: syslog takes no longer ones.
    private static let datagramLimit = 1024
    private static let syslogPath = "/dev/log"

    /// Opens a log.
    ///
    /// - Throws: why the file or socket is of no use; a syslog that is away is no error.
    public init(
        _ location: Location, level: Level, name: String, hostName: String
    ) throws(SystemError) {
        self.level = level
        self.name = name
        self.hostName = hostName
        switch location {
        case .standardError: sink = .standardError
        case .file(let path): sink = .file(try AppendedFile(path: path))
        case .syslog: sink = .socket(nil)
        case .port(let isRFC5424): sink = .port(try SyslogPort(), isRFC5424: isRFC5424)
        }
    }

    /// Opens a log file again, after somebody has moved it away.
    public func reopen() throws(SystemError) {
        if case .file(let file) = sink { try file.reopen() }
    }

    /// Writes a line.
    public func write(_ level: Level, _ text: String) { write(level, Array(text.utf8)) }

    /// Writes a line of bytes, which need not be UTF-8 and contain no line feed.
    public func write(_ level: Level, _ text: [UInt8]) {
        guard level <= self.level else { return }
        let priority = 24 + level.priority
        switch sink {
        case .standardError: StandardError.write(line(text))
        case .file(let file): file.append(line(text))
        case .socket(let sender): send(header("<\(priority)>") + text, sender)
        case .port(let port, isRFC5424: false):
            port.send(Array((header("<\(priority)>") + text).prefix(Self.datagramLimit)))
        case .port(let port, isRFC5424: true):
            let head = "<\(priority)>1 \(LocalTime().text) \(hostName) \(name) \(processID) - - "
            port.send(Array((Array(head.utf8) + text).prefix(Self.datagramLimit)))
        }
    }

    private func line(_ text: [UInt8]) -> [UInt8] {
        header("\(LocalTime().text) \(hostName) ") + text + [UInt8(ascii: "\n")]
    }

    private func header(_ start: String) -> [UInt8] {
        Array("\(start)\(name)[\(processID)]: ".utf8)
    }

    /// Sends to syslog, whose socket is another one after a restart.
    private func send(_ bytes: [UInt8], _ sender: DatagramSender?) {
        let bytes = Array(bytes.prefix(Self.datagramLimit))
        if let sender {
            switch sender.send(bytes) {
            case .sent, .full, .tooLarge: return
            case .gone, .failed: break
            }
        }
        let fresh = try? DatagramSender(connectedTo: Self.syslogPath)
        sink = .socket(fresh)
        _ = fresh?.send(bytes)
    }
}
