// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// What recovery daemons can be held off from for a time.
public enum HoldOff: Hashable, Sendable {
    /// Distributing public addresses.
    case takeoverRuns
    /// Recoveries of the databases.
    case recoveries

    /// Where recovery daemons listen for it.
    var srvid: SrvID {
        switch self {
        case .takeoverRuns: .disableTakeoverRuns
        case .recoveries: .disableRecoveries
        }
    }
}

extension Administrator {
    /// Holds the recovery daemons of nodes off from something.
    ///
    /// Each answers with its number, or with a negative one when it refuses. When some do not
    /// answer in time, that is noted and counts as done, as the legacy tool has it.
    ///
    /// - Parameters:
    ///   - what: from what.
    ///   - seconds: for how long; 0 ends it at once.
    ///   - nodes: whose recovery daemons.
    /// - Throws: `.holdOff`, `.endOfHoldOff`, `.control(.message)`.
    public func holdOff(
        _ what: HoldOff, seconds: UInt32, on nodes: [PNN]
    ) throws(AdministrationFailure) {
        let reply = ownSrvID()
        var missing = Set(nodes.map { Int32(bitPattern: $0.rawValue) })
        var refusal: Int32?
        try listen(to: reply) { number in
            if number < 0 { refusal = number } else { missing.remove(number) }
        }
        defer { stopListening(to: reply) }
        let message = DisableMessage(
            pnn: session.pnn, replyTo: reply, timeoutSeconds: seconds)
        for node in nodes { try send(message, to: what.srvid, at: node) }
        let isDone = session.wait(within: limit) { refusal != nil || missing.isEmpty }
        if let refusal {
            throw seconds == 0
                ? .endOfHoldOff(what, status: refusal) : .holdOff(what, status: refusal)
        }
        try checkConnection()
        if !isDone { notes(.holdOffTimedOut(what)) }
    }

    /// Has the leader distribute the public addresses, asking again until it answers.
    ///
    /// - Throws: `.takeoverRun` with a negative status.
    public func reallocate() throws(AdministrationFailure) {
        let reply = ownSrvID()
        var status: Int32?
        try listen(to: reply) { status = $0 }
        defer { stopListening(to: reply) }
        let message = SrvIDMessage(pnn: session.pnn, replyTo: reply)
        while status == nil {
            try send(message, to: .takeoverRun, at: .broadcastConnected)
            session.wait(within: limit) { status != nil }
            try checkConnection()
        }
        if let status, status < 0 { throw .takeoverRun(status: status) }
    }

    /// What a recovery daemon says of its memory.
    public func recoveryDaemonMemory() throws(AdministrationFailure) -> [UInt8] {
        let reply = ownSrvID()
        var text: [UInt8]?
        do throws(LegacyFailure) {
            try session.listen(to: reply, within: Self.patience) { _, data in
                text = Array(data.prefix { $0 != 0 })
            }
        } catch {
            throw .control(.message, error)
        }
        try send(
            SrvIDMessage(pnn: session.pnn, replyTo: reply), to: .memoryDump, at: node)
        session.wait(within: Self.patience) { text != nil }
        try checkConnection()
        return text ?? []
    }

    /// Registers for answers that are one signed number; others are passed over.
    private func listen(
        to srvid: SrvID, handler: @escaping (Int32) -> Void
    ) throws(AdministrationFailure) {
        do throws(LegacyFailure) {
            try session.listen(to: srvid, within: Self.patience) { _, data in
                var reader = LegacyLayout.native.reader(over: data)
                guard data.count == 4,
                    let number = try? reader.readInt32("status", of: "answer")
                else { return }
                handler(number)
            }
        } catch {
            throw .control(.message, error)
        }
    }

    private func stopListening(to srvid: SrvID) {
        // Without a connection there is nothing to take back.
        try? session.stopListening(to: srvid, within: Self.patience)
    }

    func checkConnection() throws(AdministrationFailure) {
        if let loss = session.connectionLoss {
            throw .control(.message, LegacyFailure(.noConnection(loss)))
        }
    }
}
