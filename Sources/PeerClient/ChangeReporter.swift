// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Sockets
import Vocabulary

/// Tells `ctdb-clusterd` on this node that something has another state, so that callbacks run.
///
/// The latest state of each subject is sent until clusterd has noted it safely, which it then keeps
/// across its own restarts. While clusterd is not there only the latest states wait, and are sent
/// when it is: nothing is lost but what was passed over.
public final class ChangeReporter {
    private static let firstPause: UInt64 = 1000
    private static let longestPause: UInt64 = 30_000
    /// The most subjects whose states wait.
    private static let limit = 4096

    private struct Subject: Hashable {
        var topic: ChangeTopic
        var name: String
    }

    private let endpoint: PeerEndpoint
    private let loop: EventLoop
    private var waiting: [Subject: StateChange] = [:]
    private var underWay: Set<Subject> = []
    private var pause = firstPause
    private var timer: EventLoop.TimerToken?

    /// Makes a reporter.
    ///
    /// - Parameters:
    ///   - endpoint: the daemon's own.
    ///   - loop: the endpoint's loop.
    public init(endpoint: PeerEndpoint, loop: EventLoop) {
        self.endpoint = endpoint
        self.loop = loop
        timer = loop.makeTimer { [weak self] in self?.sendAll() }
    }

    deinit { if let timer { loop.removeTimer(timer) } }

    /// The states that clusterd has not noted yet.
    public var waitingCount: Int { waiting.count }

    /// Tells a state; telling the same again does no harm.
    ///
    /// - Parameters:
    ///   - topic: what kind of thing, such as `.address`.
    ///   - subject: which one, such as the address.
    ///   - state: its state now: `taken`, `released`, `healthy`, `unhealthy`.
    ///   - details: more; names are of lower case letters, digits and underscores.
    public func tell(
        _ topic: ChangeTopic, _ subject: String, _ state: String,
        details: [(name: String, value: String)] = []
    ) {
        let key = Subject(topic: topic, name: subject)
        guard waiting[key] != nil || waiting.count < Self.limit else { return }
        waiting[key] = StateChange(
            topic: topic, subject: subject, state: state,
            time: ProcessEnvironment.wallClockMilliseconds(),
            details: details.map { ChangeDetail(name: $0.name, value: $0.value) })
        if pause == Self.firstPause { send(key) }
    }

    private func sendAll() {
        for key in waiting.keys { send(key) }
    }

    private func send(_ key: Subject) {
        guard let change = waiting[key], !underWay.contains(key),
            let payload = try? change.encoded()
        else { return }
        underWay.insert(key)
        endpoint.send(
            to: Address(node: .current, service: .cluster, instance: Instance(rawValue: 0)),
            .request, procedure: PeerProtocol.clusterChange, payload: payload[...],
            timeoutMilliseconds: 5000,
            completion: { [weak self] completion in self?.settle(key, change, completion) })
    }

    private func settle(_ key: Subject, _ change: StateChange, _ completion: Completion) {
        underWay.remove(key)
        guard case .answered(let reply) = completion, !reply.isRefusal else {
            pause = min(pause * 2, Self.longestPause)
            if let timer { loop.arm(timer, at: loop.now.advanced(byMilliseconds: pause)) }
            return
        }
        pause = Self.firstPause
        // A later state may have come meanwhile.
        if waiting[key] == change { waiting[key] = nil } else { send(key) }
        if underWay.isEmpty { sendAll() }
    }
}
