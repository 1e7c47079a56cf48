// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Presentation
import Sockets
import Vocabulary

/// Questions to the event daemon beside ctdbd, over the new protocol.
enum EventPeer {
    /// How long the daemon may take to say who runs events.
    private static let patience = Duration.seconds(1)
    /// ctdbd's component.
    private static let ctdbd = Array("legacy".utf8)

    /// Asks one thing, when it is the daemon's to answer: something about a component of its own,
    /// or about ctdbd's events while it runs them.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - directory: the directory of the sockets of the new protocol.
    ///   - deadline: when the answer must be there.
    /// - Returns: its answer; nil when somebody else has to be asked.
    /// - Throws: why there is none, though the daemon was asked.
    static func ask(
        _ request: EventRequest, in directory: String, until deadline: Instant
    ) throws(Problem) -> EventReply? {
        let socket = directory + "/" + Service.event.socketName(Instance(rawValue: 0))
        guard Folder.target(of: socket) != nil, let (procedure, payload) = question(request),
            let who = exchange(PeerProtocol.eventAnswering, [], directory, patience),
            case .success(let answer) = who, let answering = try? EventAnswering.decode(answer),
            answering.runner == .borrowed || request.componentBytes != ctdbd
        else { return nil }
        let now = EventLoop.clock()
        let rest = Duration.nanoseconds(
            Int64(clamping: deadline.nanoseconds - min(now.nanoseconds, deadline.nanoseconds)))
        switch exchange(procedure, payload, directory, rest) {
        case .success(let payload)?:
            guard let reply = reply(payload, to: request) else {
                throw Problem(.failed, "ask ctdb-eventd", "the answer cannot be read")
            }
            return reply
        case .failure(let silence)? where silence.isAbsence: return nil
        case .failure(let silence)?:
            throw Problem(
                now.advanced(by: rest) <= EventLoop.clock() ? .timedOut : .failed,
                "ask ctdb-eventd", silence.why)
        case nil: return nil
        }
    }

    private static func exchange(
        _ procedure: UInt32, _ payload: [UInt8], _ directory: String, _ limit: Duration
    ) -> Result<ArraySlice<UInt8>, DaemonQuestions.Silence>? {
        DaemonQuestions.ask(
            [.init(node: nil, service: .event, procedure: procedure, payload: payload)],
            directory: directory, within: limit
        ).first
    }

    /// The question in the words of the new protocol; nil when they have none for it.
    private static func question(_ request: EventRequest) -> (UInt32, [UInt8])? {
        do {
            switch request {
            case .run(let run):
                guard let component = run.componentBytes, let event = run.eventBytes else {
                    return nil
                }
                let words = (run.argumentsBytes ?? []).split(separator: 0x20)
                let order = EventRun(
                    name: EventName(component: component, event: event),
                    words: words.map { EventWord(bytes: Array($0)) },
                    timeoutSeconds: run.timeoutSeconds,
                    runAll: run.flags & EventRunRequest.runAll != 0)
                return (PeerProtocol.eventRun, try order.encoded())
            case .status(let status):
                guard let component = status.componentBytes, let event = status.eventBytes else {
                    return nil
                }
                let name = EventName(component: component, event: event)
                return (PeerProtocol.eventStatus, try name.encoded())
            case .script(let script):
                guard let component = script.componentBytes, let name = script.scriptBytes else {
                    return nil
                }
                let change = ScriptChange(
                    component: component, script: name, enabled: script.action == .enable)
                return (PeerProtocol.eventChangeScript, try change.encoded())
            }
        } catch {
            return nil
        }
    }

    /// The answer as the legacy daemon would give it.
    private static func reply(
        _ payload: ArraySlice<UInt8>, to request: EventRequest
    ) -> EventReply? {
        switch request {
        case .run: return (try? EventResult.decode(payload)).map { .run(result: $0.result) }
        case .script: return (try? EventResult.decode(payload)).map { .script(result: $0.result) }
        case .status:
            guard let outcome = try? EventOutcome.decode(payload) else { return nil }
            guard outcome.result == 0 else { return .statusFailed(result: outcome.result) }
            let scripts = outcome.scripts.map { script in
                EventScriptResult(
                    nameBytes: script.name, begin: Timeval(inMicroseconds: script.begin),
                    end: Timeval(inMicroseconds: script.end), result: script.result,
                    outputBytes: script.printed ? script.output : nil)
            }
            return .status(EventStatus(summary: outcome.summary, scripts: scripts))
        }
    }
}

extension EventRequest {
    /// The component that it is about; nil when it names none.
    fileprivate var componentBytes: [UInt8]? {
        switch self {
        case .run(let request): request.componentBytes
        case .status(let request): request.componentBytes
        case .script(let request): request.componentBytes
        }
    }
}

extension Timeval {
    /// Makes a moment of microseconds since 1970.
    fileprivate init(inMicroseconds count: Int64) {
        self.init(seconds: count / 1_000_000, microseconds: count % 1_000_000)
    }
}
