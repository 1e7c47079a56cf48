// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import EventCore
import LegacyWire
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import XDR

/// Answers the procedures of the service `event` of the new protocol.
package final class EventConversation {
    private let function: EventFunction
    private let paths: EventPaths
    private let endpoint: PeerEndpoint

    /// Makes a conversation about what a function does.
    package init(_ function: EventFunction, paths: EventPaths, endpoint: PeerEndpoint) {
        self.function = function
        self.paths = paths
        self.endpoint = endpoint
    }

    /// Takes what the endpoint has received.
    package func take(_ inbound: Inbound) {
        guard let handle = inbound.handle else { return }
        do throws(WireError) {
            switch inbound.procedure {
            case PeerProtocol.eventRun: run(try EventRun.decode(inbound.payload), handle)
            case PeerProtocol.eventStatus: status(try EventName.decode(inbound.payload), handle)
            case PeerProtocol.eventScripts:
                answer(handle, scripts(try EventComponent.decode(inbound.payload)))
            case PeerProtocol.eventChangeScript:
                change(try ScriptChange.decode(inbound.payload), handle)
            case PeerProtocol.eventComponents:
                answer(
                    handle,
                    EventComponents(
                        components: paths.components().map { EventComponent(name: $0.bytes) }))
            case PeerProtocol.eventAnswering: answer(handle, answering)
            default: refuse(handle, .unknownProcedure, "there is no such procedure")
            }
        } catch {
            refuse(handle, .badPayload, "the request cannot be read: \(error)")
        }
    }

    private func answer(_ handle: RequestHandle, _ answer: some XDRCodable) {
        guard let payload = try? answer.encoded() else {
            return refuse(handle, .failed, "the answer cannot be expressed")
        }
        endpoint.answer(handle, .reply(payload[...]))
    }

    private func refuse(_ handle: RequestHandle, _ code: RefusalCode, _ text: String) {
        let refusal = Refusal(code: code, text: String(text.prefix(200)))
        endpoint.answer(handle, .refusal(((try? refusal.encoded()) ?? [])[...]))
    }

    // MARK: Procedures

    private func run(_ run: EventRun, _ handle: RequestHandle) {
        let texts = [run.name.component, run.name.event] + run.words.map(\.bytes)
        guard texts.allSatisfy({ !$0.contains(0) }) else {
            return answer(handle, EventResult(result: EventErrno.invalid))
        }
        let order = EventCore.Order(
            event: EventText(run.name.event), words: run.words.map { EventText($0.bytes) },
            timeout: .seconds(Int64(run.timeoutSeconds)), isTolerant: run.runAll)
        function.order(order, in: EventText(run.name.component)) { [weak self] reply in
            self?.answer(handle, EventResult(result: reply.result))
        }
    }

    private func status(_ name: EventName, _ handle: RequestHandle) {
        let request = EventStatusRequest(componentBytes: name.component, eventBytes: name.event)
        function.ask(.status(request)) { [weak self] reply in
            guard case .status(let status) = reply else {
                let outcome = EventOutcome(result: reply.result, summary: 0, scripts: [])
                self?.answer(handle, outcome)
                return
            }
            self?.answer(
                handle,
                EventOutcome(
                    result: 0, summary: status.summary,
                    scripts: status.scripts.map(ScriptOutcome.init)))
        }
    }

    private func change(_ change: ScriptChange, _ handle: RequestHandle) {
        let request = EventScriptRequest(
            componentBytes: change.component, scriptBytes: change.script,
            action: change.enabled ? .enable : .disable)
        function.ask(.script(request)) { [weak self] reply in
            self?.answer(handle, EventResult(result: reply.result))
        }
    }

    private func scripts(_ component: EventComponent) -> EventScripts {
        guard EventText(component.name).isFolderName else {
            return EventScripts(result: EventErrno.missing, scripts: [])
        }
        do throws(SystemError) {
            let contents = try paths.component(component.name).contents()
            let limit = Int(PeerProtocol.eventScriptsLimit)
            return EventScripts(
                result: 0,
                scripts: contents.scripts.prefix(limit).map {
                    EventScript(name: $0.name, enabled: $0.isExecutable)
                })
        } catch {
            return EventScripts(result: error.errno, scripts: [])
        }
    }

    private var answering: EventAnswering {
        switch function.answering {
        case .legacy, .waiting: EventAnswering(runner: .legacy, pid: 0)
        case .borrowed(let lender), .returning(let lender):
            EventAnswering(runner: .borrowed, pid: UInt32(clamping: lender.pid))
        case .own(let pid): EventAnswering(runner: .own, pid: UInt32(clamping: pid))
        }
    }
}

extension EventReply {
    /// 0, or an errno.
    fileprivate var result: Int32 {
        switch self {
        case .run(let result), .statusFailed(let result), .script(let result): result
        case .status: 0
        }
    }
}

extension ScriptOutcome {
    /// Describes how a script went.
    fileprivate init(_ script: EventScriptResult) {
        self.init(
            name: script.nameBytes ?? [], begin: script.begin.inMicroseconds,
            end: script.end.inMicroseconds, result: script.result,
            printed: script.outputBytes != nil,
            output: Array(
                (script.outputBytes ?? []).prefix(Int(PeerProtocol.eventOutputLimit))))
    }
}
