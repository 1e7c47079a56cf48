// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Stages
import Vocabulary
import XDR

/// Brings controls for public addresses to the address daemon of each node that has finalised it.
///
/// Everything else, and every control where addresses are still ctdbd's, goes to ctdbd as ever.
/// The stages are read when the first such control is asked, so that nobody else pays for it.
public final class AddressDetour: ControlDetour {
    /// The controls that the daemon answers.
    public static let opcodes: Set<ControlOpcode> = [
        .getPublicIPs, .getPublicIPInfo, .takeoverIP, .releaseIP, .addPublicIP, .deletePublicIP,
        .reloadPublicIPs, .sendGratuitousARP, .getInterfaces, .setInterfaceLinkState, .tcpAdd,
        .tcpAddDelayedUpdate, .tcpRemove, .getTickleList, .ipReallocated, .startIPReallocate,
    ]
    /// Stages may have changed after this time.
    private static let stagesAge = Duration.seconds(1)
    private static let daemon = "ctdb-ipd"
    /// A daemon that is between two stages is asked again after this time.
    private static let pause = Duration.milliseconds(100)

    /// The directory of the sockets of this node's daemons.
    public let directory: String
    private let stages: () throws(StageError) -> AddressStages
    private let reason: () -> String
    private var known: (stages: Result<AddressStages, StageError>, until: Instant)?
    private var endpoint: PeerEndpoint?
    private var lastNumber: UInt64 = 0
    /// Who waits for an answer of another node, which comes through the proxy.
    private var remote: [UInt64: (PNN, (DetourOutcome) -> Void)] = [:]
    /// What is asked again when the timer runs out.
    private var postponed: [Question] = []
    private var timer: (loop: EventLoop, token: EventLoop.TimerToken)?

    private struct Question {
        var payload: [UInt8]
        var node: PNN
        var isLocal: Bool
        var deadline: Instant
        var completion: (DetourOutcome) -> Void
    }

    /// Makes a detour.
    ///
    /// - Parameters:
    ///   - directory: the directory of the sockets of this node's daemons.
    ///   - stages: reads the stages.
    ///   - reason: says why something is asked, for the history of addresses.
    public init(
        directory: String, stages: @escaping () throws(StageError) -> AddressStages,
        reason: @escaping () -> String
    ) {
        self.directory = directory
        self.stages = stages
        self.reason = reason
    }

    deinit { rest() }

    /// Takes a control when it is about addresses, and the node's own daemon has them.
    public func take(
        _ control: RequestControl, of node: PNN, isLocal: Bool, until deadline: Instant,
        on loop: EventLoop, completion: @escaping (DetourOutcome) -> Void
    ) -> Bool {
        guard Self.opcodes.contains(control.opcode) else { return false }
        switch currentStages() {
        case .success(let stages): guard stages.finalised.contains(node) else { return false }
        case .failure(let error):
            // An answer of ctdbd may be that there are no addresses, which would be wrong.
            completion(
                .failed(
                    .unreached(
                        daemon: "whoever has the addresses", reason: "\(error)",
                        advice: "ctdb stage list")))
            return true
        }
        do throws(SystemError) {
            try send(control, node, isLocal, deadline, loop, completion)
        } catch {
            let reason =
                !error.isMissingFile
                ? "\(error)" : isLocal ? "the daemon is not running" : Self.noProxy
            completion(.failed(Self.unreached(node, reason)))
        }
        return true
    }

    /// Closes the socket until the next control.
    public func rest() {
        remote = [:]
        postponed = []
        if let timer { timer.loop.removeTimer(timer.token) }
        timer = nil
        endpoint?.close()
        endpoint = nil
    }

    private func currentStages() -> Result<AddressStages, StageError> {
        let now = EventLoop.clock()
        if let known, now < known.until { return known.stages }
        let stages: Result<AddressStages, StageError>
        do throws(StageError) { stages = .success(try self.stages()) } catch {
            stages = .failure(error)
        }
        known = (stages, now.advanced(by: Self.stagesAge))
        return stages
    }

    private func send(
        _ control: RequestControl, _ node: PNN, _ isLocal: Bool, _ deadline: Instant,
        _ loop: EventLoop, _ completion: @escaping (DetourOutcome) -> Void
    ) throws(SystemError) {
        let order = IPControl(
            opcode: control.opcode.rawValue, flags: control.flags.rawValue,
            srvid: control.srvid.rawValue, term: 0, holder: .unknown,
            reason: Self.clipped(reason()), data: Array(control.data))
        let payload: [UInt8]
        do throws(WireError) { payload = try order.encoded() } catch {
            return completion(.failed(.unwritable(error)))
        }
        let endpoint = try opened(loop)
        send(
            Question(
                payload: payload, node: node, isLocal: isLocal, deadline: deadline,
                completion: completion), endpoint)
    }

    private func send(_ question: Question, _ endpoint: PeerEndpoint) {
        lastNumber += 1
        let number = lastNumber
        if !question.isLocal { remote[number] = (question.node, question.completion) }
        endpoint.send(
            to: Address(
                node: question.isLocal ? .current : question.node, service: .address,
                instance: Instance(rawValue: 0)),
            .request, procedure: PeerProtocol.ipControl, payload: question.payload[...],
            timeoutMilliseconds: UInt32(
                clamping: max(1, EventLoop.clock().milliseconds(until: question.deadline))),
            completion: { [weak self] outcome in
                guard
                    question.isLocal || self?.remote.removeValue(forKey: number) != nil
                else { return }
                self?.finish(question, outcome)
            })
    }

    private func finish(_ question: Question, _ completion: Completion) {
        guard case .answered(let reply) = completion, reply.isRefusal,
            let refusal = try? Refusal.decode(reply.payload)
        else { return question.completion(Self.read(completion, question.node)) }
        switch refusal.code {
        case .notPermitted: question.completion(.declined)
        case .failed where postpone(question): break
        default:
            question.completion(
                .failed(
                    Self.unreached(
                        question.node, refusal.text.isEmpty ? Self.refused : refusal.text)))
        }
    }

    /// Asks later again; false when there is no time for it.
    private func postpone(_ question: Question) -> Bool {
        let next = EventLoop.clock().advanced(by: Self.pause)
        guard let timer, next < question.deadline else { return false }
        postponed.append(question)
        if postponed.count == 1 { timer.loop.arm(timer.token, at: next) }
        return true
    }

    private func askAgain() {
        let questions = postponed
        postponed = []
        guard let endpoint else { return }
        for question in questions { send(question, endpoint) }
    }

    private func opened(_ loop: EventLoop) throws(SystemError) -> PeerEndpoint {
        if let endpoint { return endpoint }
        let opened = try PeerEndpoint(
            directory: directory, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: loop)
        opened.missedProxy = { [weak self] in
            guard let self else { return }
            let lost = self.remote
            self.remote = [:]
            for (node, completion) in lost.values {
                completion(.failed(Self.unreached(node, Self.noProxy)))
            }
        }
        timer = (loop, loop.makeTimer { [weak self] in self?.askAgain() })
        endpoint = opened
        return opened
    }

    private static func read(_ completion: Completion, _ node: PNN) -> DetourOutcome {
        switch completion {
        case .answered(let reply) where reply.isRefusal:
            return .failed(unreached(node, refused))
        case .answered(let reply):
            do throws(WireError) {
                let answer = try IPControlReply.decode(reply.payload)
                return .answered(
                    ReplyControl(
                        status: answer.status, data: answer.data[...],
                        error: Array(answer.error.utf8)[...]))
            } catch {
                return .failed(.unreadable(error))
            }
        case .failed(.deadlinePassed, _): return .failed(.timedOut)
        case .failed(let code, _): return .failed(unreached(node, why(code)))
        case .delivered, .broadcast: return .failed(.unexpected)
        }
    }

    private static let refused = "it refuses to answer"
    private static let noProxy = "no proxy runs on this node"

    private static func unreached(_ node: PNN, _ reason: String) -> LegacyFailure.Cause {
        .unreached(
            daemon: daemon, reason: reason,
            advice: "there: systemctl status \(daemon), or give the addresses back to ctdbd: "
                + "ctdb stage reverse ip --node \(node)")
    }

    private static func why(_ code: OutcomeCode) -> String {
        switch code {
        case .noSuchService, .serviceGone: "the daemon is not running"
        case .noProxy: "no proxy runs there"
        case .noSuchNode: "there is no such node"
        case .nodeGone: "the node is disconnected"
        case .shuttingDown, .proxyGone: "the proxy is going down"
        case .notPermitted: "only root may ask"
        case .tooOld: "it speaks another version of the protocol"
        default: "it does not answer"
        }
    }

    /// As much of a text as fits, without half a character at its end.
    private static func clipped(_ text: String) -> String {
        var text = text[...]
        while text.utf8.count > Int(PeerProtocol.ipTextLimit) { text.removeLast() }
        return String(text)
    }
}
