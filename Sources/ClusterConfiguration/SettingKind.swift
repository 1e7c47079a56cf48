// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// What a path leads to, for the checks that need to know.
public enum PathTarget: Equatable, Sendable {
    /// A folder.
    case folder
    /// A file.
    case file(isExecutable: Bool)
    /// Something else.
    case other
}

/// What the values of a setting are.
public enum SettingKind: Equatable, Sendable {
    /// true, yes, false or no; also 1 and 0 where `digits`.
    case flag(digits: Bool = false)
    /// A whole number, at least 1.
    case positive
    /// One of these words.
    case choice([String])
    /// One of ctdbd's log levels.
    case logLevel
    /// Where ctdbd logs to.
    case logLocation
    /// A folder that is there.
    case folder
    /// A program in ctdbd's folder.
    case script
    /// An IPv4 or IPv6 address.
    case address
    /// A path, or `!` and a command.
    case clusterLock
    /// A path of anything.
    case path
    /// A number of bytes.
    case byteCount(ClosedRange<Int>)
    /// A length of time.
    case milliseconds(ClosedRange<Int>)
    /// A whole number.
    case count(ClosedRange<Int>)
    /// Numbers with spaces or commas between them.
    case numbers
    /// Some of these words, with spaces or commas between them.
    case words([String])
    /// Any words, with spaces or commas between them.
    case list
    /// The path of a program.
    case program
    /// Addresses with the lengths of their prefixes, with spaces or commas between them.
    case networks
    /// Names of interfaces, with spaces or commas between them.
    case interfaces

    /// What is wrong with a value.
    public enum Fault: Equatable, Sendable {
        /// It is none of these.
        case expected(String)
        /// It works, but.
        case doubtful(String)
    }

    /// ctdbd's log levels, from the fewest to the most lines.
    public static let logLevels = ["ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"]

    /// Looks at a value.
    ///
    /// - Parameters:
    ///   - value: what stands in the file; it is not empty.
    ///   - look: what a path leads to; nil when paths are not looked at.
    /// - Returns: nil when there is nothing to say.
    public func fault(_ value: String, look: ((String) -> PathTarget?)?) -> Fault? {
        switch self {
        case .flag(let digits): Self.flag(value, digits)
        case .positive: Self.positive(value)
        case .choice(let words):
            words.contains(value) ? nil : .expected(words.joined(separator: ", "))
        case .logLevel: Self.logLevel(value)
        case .logLocation: Self.logLocation(value, look)
        case .folder:
            look.map { $0(value) == .folder } ?? true
                ? nil : .expected("a folder that is there")
        case .script: Self.script(value, look)
        case .address: Self.address(value)
        case .clusterLock: Self.clusterLock(value)
        case .path: value.hasPrefix("/") ? nil : .expected("a path that begins with /")
        case .byteCount(let range):
            Self.scaled(value.uppercased(), Self.sizes).map(range.contains) == true
                ? nil
                : .expected(
                    "a size from \(range.lowerBound) to \(range.upperBound) bytes, such as 64K, 1M")
        case .milliseconds(let range):
            Self.scaled(value, Self.times).map(range.contains) == true
                ? nil
                : .expected(
                    "a time from \(range.lowerBound) to \(range.upperBound) ms, such as 250ms, 30s")
        case .count(let range):
            Int(value).map(range.contains) == true
                ? nil
                : .expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
        case .words(let words):
            value.split { $0 == " " || $0 == "," }.allSatisfy { words.contains(String($0)) }
                ? nil : .expected("some of " + words.joined(separator: ", "))
        case .program:
            if !value.hasPrefix("/") {
                .expected("a path that begins with /")
            } else if let look, look(value) != .file(isExecutable: true) {
                .expected("a program that is there and may be run")
            } else {
                nil
            }
        case .list: nil
        case .networks:
            value.split { $0 == " " || $0 == "," }
                .allSatisfy { ConfiguredAddresses.network(String($0)) != nil }
                ? nil
                : .expected("addresses with their prefixes, such as 10.0.0.1/24 10.0.0.2/24")
        case .interfaces:
            value.split { $0 == " " || $0 == "," }
                .allSatisfy { PublicAddressesFile.isInterface(String($0)) }
                ? nil : .expected("names of interfaces with spaces or commas between them")
        case .numbers:
            value.split { $0 == " " || $0 == "," }.allSatisfy { UInt32($0) != nil }
                ? nil : .expected("numbers with spaces or commas between them")
        }
    }

    private static let sizes = [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("", 1)]
    private static let times = [("ms", 1), ("min", 60_000), ("s", 1000), ("", 1)]

    private static func flag(_ value: String, _ digits: Bool) -> Fault? {
        let word = value.lowercased()
        if ["true", "yes", "false", "no"].contains(word) { return nil }
        guard digits else { return .expected("true, false, yes or no") }
        return ["1", "0"].contains(word) ? nil : .expected("true, false, yes, no, 1 or 0")
    }

    private static func positive(_ value: String) -> Fault? {
        guard let number = ShellNumber.unsigned(value), (1...0x7FFF_FFFF).contains(number) else {
            return .expected("a whole number from 1 to 2147483647")
        }
        return nil
    }

    /// ctdbd takes a number up to 10, or the beginning of a name.
    private static func logLevel(_ value: String) -> Fault? {
        let expected = "\(logLevels.joined(separator: ", ")), or 0 to 10"
        if value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int(value).map((0...10).contains) == true ? nil : .expected(expected)
        }
        if logLevels.contains(value.uppercased()) { return nil }
        guard let meant = logLevels.first(where: { $0.hasPrefix(value.uppercased()) }) else {
            return .expected(expected)
        }
        return .doubtful("read as \(meant); write the whole word")
    }

    private static func logLocation(
        _ value: String, _ look: ((String) -> PathTarget?)?
    ) -> Fault? {
        let expected =
            "file:PATH, syslog, syslog:nonblocking, syslog:udp or syslog:udp-rfc5424"
        let parts = value.split(separator: ":").map(String.init)
        let option = parts.dropFirst().first
        switch parts.first {
        case "file":
            guard let path = option, path != "-" else {
                return .doubtful("without a path, ctdbd logs to standard error")
            }
            let folder = path.lastIndex(of: "/").map { path[..<$0] }
            let parent = folder.map { $0.isEmpty ? "/" : String($0) } ?? "."
            if let look, path.hasPrefix("/"), look(parent) != .folder {
                return .expected("the path of a file in a folder that is there")
            }
            if parts.count > 2 { return .doubtful("ctdbd reads the path as \(path)") }
            return path.hasPrefix("/") ? nil : .doubtful("the path does not begin with /")
        case "syslog":
            guard let option else { return nil }
            return ["nonblocking", "udp", "udp-rfc5424"].contains(option)
                ? nil : .expected(expected)
        default: return .expected(expected)
        }
    }

    private static func script(_ value: String, _ look: ((String) -> PathTarget?)?) -> Fault? {
        let name = value.split(separator: "/").last.map(String.init) ?? value
        guard let look else { return nil }
        switch look(name) {
        case .file(isExecutable: true): break
        case .file(isExecutable: false): return .expected("a program that may be run: chmod +x")
        case .folder, .other, nil:
            return .expected("the name of a program beside ctdb.conf, which \(name) is not")
        }
        return value.hasPrefix("/") && value != "/etc/ctdb/\(name)"
            ? .doubtful("ctdbd runs the program of that name beside ctdb.conf") : nil
    }

    private static func address(_ value: String) -> Fault? {
        let expected = Fault.expected("an IPv4 or IPv6 address without port or brackets")
        if value.contains("[") { return expected }
        return SocketAddress(text: value) == nil ? expected : nil
    }

    private static func clusterLock(_ value: String) -> Fault? {
        guard value.hasPrefix("!") else {
            return value.hasPrefix("/")
                ? nil : .expected("a path that begins with /, or ! and a command")
        }
        let command = value.dropFirst().drop { $0 == " " }
        if command.isEmpty { return .expected("a command after !") }
        if command.hasPrefix("/bin/false") {
            return .doubtful("this command never gets the lock: no node can lead")
        }
        return command.hasPrefix("/")
            ? nil : .doubtful("the command's path does not begin with /")
    }

    private static func scaled(_ text: String, _ units: [(name: String, factor: Int)]) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let digits = text.dropLast(unit.name.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits)
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
        return overflow ? nil : product
    }
}

/// Numbers as the C library reads them in base 0.
enum ShellNumber {
    /// A number that is decimal, hexadecimal after `0x`, or octal after `0`.
    static func unsigned(_ text: String) -> UInt64? {
        guard text.utf8.first.map({ (0x30...0x39).contains($0) }) == true else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            let digits = text.dropFirst(2)
            return digits.hasPrefix("+") || digits.hasPrefix("-")
                ? nil : UInt64(digits, radix: 16)
        }
        return text.hasPrefix("0") ? UInt64(text, radix: 8) : UInt64(text)
    }
}
