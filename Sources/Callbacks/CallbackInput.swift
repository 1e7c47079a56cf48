// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import PeerWire
import Presentation
import Vocabulary

/// What a program is told: the same as JSON on its standard input, and as environment variables.
struct CallbackInput {
    let launch: CallbackCore.Launch
    /// The node that it runs on; nil when ctdbd has not said so yet.
    let node: PNN?

    /// One object, and a newline.
    var json: [UInt8] {
        let change = launch.change
        var fields = [
            Field("schema", .text("ctdb.change/1")),
            Field("callback", .text(launch.callback.name)),
            Field("topic", .text(change.topic.name)), Field("subject", .text(change.subject)),
            Field("state", .text(change.state)), Field("previous", Value(launch.previous)),
            Field("time_milliseconds", .unsigned(change.time)),
            Field("node", node.map { .number($0.rawValue) } ?? .none),
            Field("attempt", .number(Int64(launch.attempt))),
        ]
        fields.append(
            Field("details", .object(change.details.map { Field($0.name, .text($0.value)) })))
        return Array((JSONText.text(.object(fields)) + "\n").utf8)
    }

    /// `NAME=value`; what cannot be in an environment is left out.
    var variables: [[UInt8]] {
        let change = launch.change
        var pairs = [
            ("CTDB_CALLBACK", launch.callback.name), ("CTDB_CHANGE_TOPIC", change.topic.name),
            ("CTDB_CHANGE_SUBJECT", change.subject), ("CTDB_CHANGE_STATE", change.state),
            ("CTDB_CHANGE_PREVIOUS", launch.previous ?? ""),
            ("CTDB_CHANGE_TIME_MILLISECONDS", "\(change.time)"),
            ("CTDB_CHANGE_NODE", node.map { "\($0)" } ?? ""),
            ("CTDB_CHANGE_ATTEMPT", "\(launch.attempt)"),
        ]
        for detail in change.details {
            pairs.append(("CTDB_CHANGE_DETAIL_" + detail.name.uppercased(), detail.value))
        }
        return pairs.compactMap { name, value in
            let isName = name.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
            }
            guard isName, !value.utf8.contains(0) else { return nil }
            return Array("\(name)=\(value)".utf8)
        }
    }
}
