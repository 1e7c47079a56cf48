// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The old configuration, made of shell variables, turned into the files that ctdbd 4.9 reads.
///
/// Nothing is guessed: a variable that has no successor, or whose value only a shell can know, is
/// left over and named. The first of two equal variables gives way, as in a shell.
public struct Migration: Equatable, Sendable {
    /// A line of the old configuration.
    public struct Origin: Equatable, Sendable {
        /// The file.
        public var file: String
        /// The line, from 1.
        public var line: Int
        /// The variable.
        public var variable: String
    }

    /// A line of a file that is made.
    public struct Line: Equatable, Sendable {
        /// The section; nil in a file without sections.
        public var section: String?
        /// What stands in the file.
        public var text: String
        /// Where it is from.
        public var origin: Origin
    }

    /// A file that is made.
    public struct File: Equatable, Sendable {
        /// Its name, beside ctdb.conf.
        public var name: String
        /// Its lines, without headings.
        public var lines: [Line]

        /// The file, with a comment above each line that says where it is from.
        public var text: String {
            var text = ""
            var section: String?
            for line in lines {
                if line.section != section, let name = line.section {
                    text += (text.isEmpty ? "" : "\n") + "[\(name)]\n"
                    section = name
                }
                let indent = line.section == nil ? "" : "\t"
                let origin = line.origin
                let file = Migration.plain(origin.file)
                text += "\(indent)# \(origin.variable), \(file):\(origin.line)\n"
                text += "\(indent)\(line.text)\n"
            }
            return text
        }
    }

    /// An event script that is to be enabled.
    public struct Script: Equatable, Sendable {
        /// Its name, such as `50.samba`.
        public var name: String
        /// Where it is from.
        public var origin: Origin
    }

    /// Something that somebody has to do by hand.
    public struct Step: Equatable, Sendable {
        /// What to do.
        public var what: String
        /// Where it is from.
        public var origin: Origin
    }

    /// The files; those that would be empty are left out.
    public private(set) var files: [File] = []
    /// The event scripts of the component `legacy` that are to be enabled.
    public private(set) var scripts: [Script] = []
    /// What is left to do by hand.
    public private(set) var steps: [Step] = []
    /// What has no successor, or cannot be understood.
    public private(set) var leftovers: [Complaint] = []

    private let folder: String
    private var settings: [Line] = []
    private var tunables: [Line] = []
    private var options: [Line] = []

    /// Turns files into others.
    ///
    /// - Parameters:
    ///   - sources: the old files, in the order in which the shell would read them.
    ///   - folder: where ctdb.conf is.
    public init(of sources: [(file: String, bytes: [UInt8])], folder: String = "/etc/ctdb") {
        self.folder = folder
        var found: [(ShellAssignments.Assignment, Origin)] = []
        for source in sources {
            let text = ShellAssignments(parsing: source.bytes)
            for other in text.others {
                leave(
                    Origin(file: source.file, line: other.line, variable: ""),
                    other.fault
                        ?? "a command of the shell: \"\(Self.plain(other.text).shortened)\"")
            }
            for one in text.assignments {
                found.append(
                    (one, Origin(file: source.file, line: one.line, variable: one.name)))
            }
        }
        var last: [String: Int] = [:]
        for (index, one) in found.enumerated() { last[one.0.name] = index }
        for (index, one) in found.enumerated() {
            if let later = last[one.0.name], later != index {
                let origin = found[later].1
                leave(
                    one.1, "set again in \(origin.file), line \(origin.line), which counts",
                    .warning)
            } else {
                take(one.0, one.1)
            }
        }
        finish()
    }

    private mutating func finish() {
        let order = ConfigurationSchema.ctdbd.sections.flatMap { section in
            section.settings.map { "\(section.name)/\($0.name) =" }
        }
        func place(_ line: Line) -> Int {
            order.firstIndex { "\(line.section ?? "")/\(line.text)".hasPrefix($0) } ?? order.count
        }
        settings.sort { place($0) < place($1) }
        files = [
            File(name: "ctdb.conf", lines: settings),
            File(name: "ctdb.tunables", lines: tunables),
            File(name: "script.options", lines: options),
        ].filter { !$0.lines.isEmpty }
        leftovers.sort(by: Complaint.isBefore)
    }

    /// Text in one line, whatever is in it.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
    }

    private mutating func leave(
        _ origin: Origin, _ what: String, _ severity: Complaint.Severity = .error
    ) {
        leftovers.append(
            Complaint(
                severity, file: origin.file, line: origin.line,
                key: origin.variable.isEmpty ? nil : origin.variable.shortened, what))
    }

    private mutating func take(_ one: ShellAssignments.Assignment, _ origin: Origin) {
        if one.isExpanded { return leave(origin, "only a shell knows its value") }
        let value = one.value
        if value.isEmpty { return }
        if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) {
            return leave(origin, "there is a control character in its value")
        }
        let name = one.name
        if let successor = OldVariables.settings[name] {
            takeSetting(successor, value, origin)
        } else if name.hasPrefix("CTDB_SET_") {
            takeTunable(String(name.dropFirst(9)), value, origin)
        } else if name.hasPrefix("CTDB_MANAGES_") {
            if value == "yes" { enable(name.dropFirst(13).lowercased(), origin) }
        } else if name == "CTDB_MANAGED_SERVICES" {
            for service in value.split(whereSeparator: \.isWhitespace) {
                enable(String(service), origin)
            }
        } else if ScriptOptionsFile.options[name] != nil {
            takeOption(value, origin)
        } else {
            takeRest(value, origin)
        }
    }

    private mutating func takeSetting(
        _ successor: OldVariables.Successor, _ value: String, _ origin: Origin
    ) {
        var value = value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        if let (old, new) = successor.translation {
            guard value == old || ["yes", "no"].contains(value) else {
                return leave(origin, "\"\(value.shortened)\": expected yes or no")
            }
            // The other word is what ctdbd does anyway.
            guard value == old else { return }
            value = new
        }
        if origin.variable == "CTDB_DBDIR", value == "tmpfs" {
            return leave(
                origin, "mount a tmpfs on the folder of the volatile databases instead")
        }
        guard
            let setting = ConfigurationSchema.ctdbd.setting(
                successor.key, in: successor.section)
        else { return }
        if setting.kind == .logLevel,
            let level = SettingKind.logLevels.first(where: { $0.hasPrefix(value.uppercased()) })
        {
            value = level
        }
        if case .expected(let expected) = setting.kind.fault(value, look: nil) {
            return leave(origin, "\"\(value.shortened)\": expected \(expected)")
        }
        guard value.utf8.last != UInt8(ascii: "\\") else {
            return leave(origin, "a value cannot end in a backslash")
        }
        settings.append(
            Line(section: successor.section, text: "\(successor.key) = \(value)", origin: origin))
    }

    private mutating func takeTunable(_ name: String, _ text: String, _ origin: Origin) {
        guard let value = TunablesFile.value(text) else {
            return leave(origin, "\"\(text.shortened)\": expected a number from 0 to 4294967295")
        }
        func set(_ section: String, _ setting: String) {
            settings.append(Line(section: section, text: setting, origin: origin))
        }
        switch name.lowercased() {
        case "tdbmutexenabled": if value == 0 { set("database", "tdb mutexes = false") }
        case "disableipfailover": if value != 0 { set("failover", "disabled = true") }
        default:
            guard let known = TunablesFile.known(name) else {
                return leave(origin, "there is no such tunable")
            }
            guard !known.isObsolete else { return leave(origin, "this tunable is obsolete") }
            tunables.append(Line(section: nil, text: "\(known.name)=\(value)", origin: origin))
        }
    }

    private mutating func takeOption(_ value: String, _ origin: Origin) {
        let name = origin.variable
        options.append(
            Line(section: nil, text: "\(name)=\(Self.quoted(value))", origin: origin))
        for (prefix, script) in OldVariables.scripts where name.hasPrefix(prefix) {
            add(script, origin)
        }
    }

    /// A word for the shell.
    private static func quoted(_ value: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@+%=")
        if value.allSatisfy(plain.contains) { return value }
        return "'"
            + value.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }

    private mutating func enable(_ service: String, _ origin: Origin) {
        guard let script = OldVariables.services[service] else {
            return leave(
                origin,
                "no event script is known for the service \(service.shortened); "
                    + "enable it by hand if it is your own")
        }
        add(script, origin)
    }

    private mutating func add(_ script: String, _ origin: Origin) {
        guard !scripts.contains(where: { $0.name == script }) else { return }
        scripts.append(Script(name: script, origin: origin))
    }

    private mutating func takeRest(_ value: String, _ origin: Origin) {
        switch origin.variable {
        case "CTDB_NODES": link(value, "nodes", origin)
        case "CTDB_PUBLIC_ADDRESSES": link(value, "public_addresses", origin)
        case "CTDB_MAX_OPEN_FILES":
            advise("set LimitNOFILE=\(value) for the service: systemctl edit ctdb", origin)
        case "CTDB_SUPPRESS_COREFILE":
            let limit = value == "yes" ? "0" : "infinity"
            advise("set LimitCORE=\(limit) for the service: systemctl edit ctdb", origin)
        case let name where OldVariables.removed.contains(name):
            leave(origin, "it is out of date, and nothing has taken its place")
        default: leave(origin, "nothing is known of this variable")
        }
    }

    private mutating func link(_ value: String, _ name: String, _ origin: Origin) {
        guard value != "\(folder)/\(name)" else { return }
        advise("ctdbd reads \(folder)/\(name) only: link or copy \(value) to it", origin)
    }

    private mutating func advise(_ step: String, _ origin: Origin) {
        steps.append(Step(what: step, origin: origin))
    }
}
