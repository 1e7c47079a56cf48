// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Asks an event daemon how all events went that it may have run.
///
/// It tells of no event that it is not asked for. Those are known which ctdbd runs; one that
/// somebody has run by hand under another name is not found.
final class LegacyHistory {
    /// The events that ctdbd runs.
    ///
    /// - Source: `event_map`, ctdb/protocol/protocol_util.c, Samba 4.17.
    static let events: [EventText] = [
        "init", "setup", "startup", "startrecovery", "recovered", "takeip", "releaseip", "monitor",
        "shutdown", "updateip", "ipreallocated",
    ]

    /// How an event went when it last ran.
    struct Memory {
        var component: EventText
        var event: EventText
        var status: EventStatus
    }

    private let client: LegacyEventClient
    private var missing = 0
    private var found: [Memory] = []
    private var failure: LegacyEventClient.Failure?

    init(_ client: LegacyEventClient) { self.client = client }

    /// Asks.
    ///
    /// - Parameters:
    ///   - components: the folders of scripts.
    ///   - answer: takes all that is known, or why it cannot be told; called once.
    func ask(
        _ components: [EventText],
        _ answer: @escaping (Result<[Memory], LegacyEventClient.Failure>) -> Void
    ) {
        let questions = components.flatMap { component in
            Self.events.map { (component, $0) }
        }
        missing = questions.count
        guard missing > 0 else { return answer(.success([])) }
        for (component, event) in questions {
            let request = EventStatusRequest(
                componentBytes: component.bytes, eventBytes: event.bytes)
            client.ask(.status(request)) { [self] reply in
                switch reply {
                case .success(.status(let status)):
                    found.append(Memory(component: component, event: event, status: status))
                case .success: break
                case .failure(let why): failure = why
                }
                missing -= 1
                guard missing == 0 else { return }
                answer(failure.map { .failure($0) } ?? .success(found))
            }
        }
    }
}
