// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// Checks ctdb.conf and the files of ctdb.conf.d.
public struct ConfigurationCheck {
    /// What a path leads to: absolute, or the name of a file beside ctdb.conf; nil checks no paths.
    private let look: ((String) -> PathTarget?)?

    /// Makes a check.
    public init(look: ((String) -> PathTarget?)? = nil) { self.look = look }

    /// Checks ctdb.conf, which ctdbd reads.
    public func ctdbConf(_ bytes: [UInt8], file: String) -> [Complaint] {
        let text = ConfigurationText(parsing: bytes, source: file)
        return check(
            [text], against: .ctdbd,
            elsewhere: (.daemons, "ctdbd does not know it: it belongs in ctdb.conf.d"))
    }

    /// Checks the files of ctdb.conf.d together, in the order that the daemons read them.
    public func folder(_ files: [(name: String, bytes: [UInt8])]) -> [Complaint] {
        check(
            files.map { ConfigurationText(parsing: $0.bytes, source: $0.name) },
            against: .daemons,
            elsewhere: (.ctdbd, "ctdbd reads it in ctdb.conf only"))
    }

    private func check(
        _ texts: [ConfigurationText], against schema: ConfigurationSchema,
        elsewhere: (schema: ConfigurationSchema, what: String)
    ) -> [Complaint] {
        var found: [Complaint] = []
        for text in texts {
            found += Configuration.problems(in: text).map { Complaint($0) }
            for heading in text.headings where schema.section(heading.name) == nil {
                found.append(
                    unknown(
                        "[\(heading.name)]", text, heading.line, "unknown section",
                        isElsewhere: elsewhere.schema.section(heading.name) != nil,
                        elsewhere.what, schema.sections.map { "[\($0.name)]" }))
            }
            for setting in text.settings {
                guard let name = setting.section, let section = schema.section(name),
                    let value = setting.value
                else { continue }
                if let known = section.settings.first(where: { $0.name == setting.name }) {
                    found += judge(known, value, text, setting.line)
                } else {
                    found.append(
                        unknown(
                            setting.name, text, setting.line,
                            "unknown setting in [\(section.name)]",
                            isElsewhere: elsewhere.schema.setting(setting.name, in: name) != nil,
                            elsewhere.what, section.settings.map(\.name)))
                }
            }
        }
        found += Configuration.duplicates(in: texts).map { Complaint($0) }
        return found.enumerated().sorted {
            let order = { (file: String) in texts.firstIndex { $0.source == file } ?? 0 }
            return (order($0.element.file), $0.element.line ?? 0, $0.offset)
                < (order($1.element.file), $1.element.line ?? 0, $1.offset)
        }.map(\.element)
    }

    private func unknown(
        _ key: String, _ text: ConfigurationText, _ line: Int, _ what: String,
        isElsewhere: Bool, _ elsewhere: String, _ names: [String]
    ) -> Complaint {
        guard !isElsewhere else {
            return Complaint(file: text.source, line: line, key: key, elsewhere)
        }
        return Complaint(
            file: text.source, line: line, key: key, what,
            nearest: NearestNames.of(key, among: names).first)
    }

    private func judge(
        _ setting: ConfigurationSchema.Setting, _ value: String, _ text: ConfigurationText,
        _ line: Int
    ) -> [Complaint] {
        func complaint(_ severity: Complaint.Severity, _ what: String) -> Complaint {
            Complaint(severity, file: text.source, line: line, key: setting.name, what)
        }
        // An empty list of numbers is a list.
        if value.isEmpty {
            return setting.usual == "" ? [] : [complaint(.error, "there is no value")]
        }
        var found: [Complaint] = []
        if let successor = setting.successor {
            found.append(complaint(.warning, "out of date; its name is now \(successor)"))
        }
        // What ctdbd has anyway is not looked at by it either.
        guard value != setting.usual else { return found }
        switch setting.kind.fault(value, look: look) {
        case .expected(let expected):
            found.append(complaint(.error, "\"\(value.prefix(80))\": expected \(expected)"))
        case .doubtful(let why):
            found.append(complaint(.warning, "\"\(value.prefix(80))\": \(why)"))
        case nil: break
        }
        return found
    }
}
