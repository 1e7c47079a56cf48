// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import ClusterConfiguration
import ConfigurationFormat
import PeerWire

extension Callback {
    /// Reads the sections `[callback NAME]`; a name has no case.
    ///
    /// ```
    /// [callback notify]
    ///     program = /etc/ctdb/callbacks/notify
    ///     on = node leader stage
    ///     timeout = 30s
    ///     retries = 5
    ///     retry delay = 1s
    /// ```
    ///
    /// - Throws: what is wrong, and in which line.
    public static func all(in file: Configuration) throws(ConfigurationError) -> [Callback] {
        var callbacks: [Callback] = []
        for section in file.sectionNames where section.hasPrefix("callback ") {
            callbacks.append(try Self(section, in: file))
        }
        return callbacks
    }

    private init(_ section: String, in file: Configuration) throws(ConfigurationError) {
        _ = try file.requiredString("program", in: section)
        let program = try file.value(
            "program", in: section, expected: "a path that begins with /"
        ) { $0.hasPrefix("/") && !$0.utf8.contains(0) ? $0 : nil }
        _ = try file.requiredString("on", in: section)
        let words = ConfigurationSchema.callbackTopics.joined(separator: ", ")
        let topics = try file.value(
            "on", in: section, expected: "some of \(words)", Self.topics)
        self.init(
            name: String(section.dropFirst("callback ".count)), program: program ?? "",
            topics: topics ?? [])
        let times = ConfigurationSchema.timeouts
        timeout = try file.milliseconds("timeout", in: section, range: times) ?? timeout
        retries =
            try file.integer("retries", in: section, range: ConfigurationSchema.callbackRetries)
            ?? retries
        retryDelay = try file.milliseconds("retry delay", in: section, range: times) ?? retryDelay
    }

    private static func topics(_ text: String) -> Set<ChangeTopic>? {
        var topics: Set<ChangeTopic> = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let topic = ChangeTopic(name: String(word)) else { return nil }
            topics.insert(topic)
        }
        return topics.isEmpty ? nil : topics
    }
}
