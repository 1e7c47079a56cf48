// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import PeerClient
import PeerWire
import Sockets

/// Tells `ctdb-clusterd` of services that are healthy or unhealthy, by what the event `monitor`
/// finds.
package final class ServiceReporter {
    private let reporter: ChangeReporter
    private var states = ServiceStates()

    /// Makes a reporter that has told nothing.
    ///
    /// - Parameters:
    ///   - endpoint: the daemon's own.
    ///   - loop: the endpoint's loop.
    package init(endpoint: PeerEndpoint, loop: EventLoop) {
        reporter = ChangeReporter(endpoint: endpoint, loop: loop)
    }

    /// Takes how the event `monitor` went, and tells what is otherwise than before.
    package func take(_ status: EventStatus) {
        let time = LocalTime()
        let now = Timeval(seconds: time.seconds, microseconds: time.fraction)
        for change in states.take(status, now: now) {
            reporter.tell(
                .service, change.service.text(within: PeerProtocol.changeNameLimit),
                change.state.rawValue,
                details: [
                    ("script", change.script.text(within: PeerProtocol.changeValueLimit)),
                    ("result", "\(change.result)"),
                    (
                        "output",
                        EventText(change.output).text(within: PeerProtocol.changeValueLimit)
                    ),
                ])
        }
    }
}

extension EventText {
    /// The text, as much of it as so many bytes can hold; what is not UTF-8 shows as replacement
    /// characters.
    fileprivate func text(within limit: UInt32) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            guard text.utf8.count + UTF8.width(scalar) <= Int(limit) else { break }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}
