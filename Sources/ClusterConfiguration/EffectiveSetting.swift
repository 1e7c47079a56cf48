// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// A setting as it is in force: what a file says, or what is usual.
public struct EffectiveSetting: Equatable, Sendable {
    /// Who reads it.
    public enum Reader: String, Sendable {
        /// ctdbd, in ctdb.conf.
        case ctdbd
        /// The daemons beside it, in ctdb.conf.d.
        case daemons
    }

    /// Who reads it.
    public var reader: Reader
    /// The section.
    public var section: String
    /// The setting.
    public var name: String
    /// The value; nil when there is none.
    public var value: String?
    /// The file that says so; nil when it is what is usual.
    public var file: String?
    /// The line there, from 1.
    public var line: Int?

    /// All settings that there are, in the order of the schemas.
    public static func all(of folder: ConfigurationFolder) -> [EffectiveSetting] {
        let texts = folder.files.compactMap { file in
            file.bytes.map {
                (file.name, ConfigurationText(parsing: $0, source: "\(folder.path)/\(file.name)"))
            }
        }
        let conf = texts.filter { $0.0 == "ctdb.conf" }.map(\.1)
        let parts = texts.filter { $0.0.hasPrefix("ctdb.conf.d/") }.map(\.1)
        return all(.ctdbd, .ctdbd, conf) + all(.daemons, .daemons, parts)
    }

    private static func all(
        _ reader: Reader, _ schema: ConfigurationSchema, _ texts: [ConfigurationText]
    ) -> [EffectiveSetting] {
        schema.sections(in: texts).flatMap { section in
            section.settings.map { setting in
                var result = EffectiveSetting(
                    reader: reader, section: section.name, name: setting.name,
                    value: setting.usual)
                for text in texts {
                    let said = text.settings.last {
                        $0.section == section.name && $0.name == setting.name
                    }
                    guard let said, let value = said.value else { continue }
                    result.value = value
                    result.file = text.source
                    result.line = said.line
                }
                return result
            }
        }
    }
}
