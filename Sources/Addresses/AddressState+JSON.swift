// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Presentation
import Vocabulary

extension AddressState {
    /// The state as `ctdb ip plan --state` reads it.
    func json(_ algorithm: Algorithm) -> String {
        let flags: [(String, NodeFlags)] = [
            ("disconnected", .disconnected), ("unhealthy", .unhealthy),
            ("disabled", .permanentlyDisabled), ("banned", .banned), ("deleted", .deleted),
            ("stopped", .stopped),
        ]
        let host = { (pnn: PNN) -> Value in pnn.isNode ? .number(Int64(pnn.rawValue)) : .none }
        let list = nodes.enumerated().map { number, node in
            Value.object([
                Field("node", .number(Int64(number))),
                Field("flags", .words(flags.filter { node.flags.contains($0.1) }.map(\.0))),
                Field(
                    "known",
                    .list(
                        node.known.map { known in
                            .object([
                                Field("address", .text("\(known.address)")),
                                Field("node", host(known.host)),
                            ])
                        })),
                Field("available", .words(node.available.map { "\($0)" })),
            ])
        }
        return JSONText.text(
            .object([
                Field("schema", .text("ctdb.ip.state/1")),
                Field("algorithm", .text(algorithm.rawValue)),
                Field("no_ip_takeover", .flag(settings.noTakeover)),
                Field("no_ip_failback", .flag(settings.noFailback)),
                Field("nodes", .list(list)),
            ]))
    }
}
