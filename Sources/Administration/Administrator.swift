// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

/// What an administrator does to a cluster through the local ctdbd.
///
/// Everything waits for its end, for which ctdbd gives no bound: a caller who needs one ends the
/// process, or looks at `notes` to see what is being waited for.
public final class Administrator {
    /// Waits as long as ctdbd takes; the local ctdbd answers, or its connection ends.
    public static let patience = Duration.seconds(1_000_000_000)

    /// The conversation with the local ctdbd.
    public let session: LegacySession
    /// The node that is meant.
    public var node: PNN
    /// How long each answer may take.
    public var limit: Duration
    /// Is told what goes wrong on the way, when it does not end the whole.
    public var notes: (AdministrationNote) -> Void = { _ in }

    /// The leader as it was last heard of; unknown until `listenForLeader`, and until it speaks.
    public internal(set) var heardLeader = PNN.unknown

    var knownNodeMap: NodeMap?
    private var lastSrvID: UInt64

    /// Makes an administrator of a conversation.
    ///
    /// - Parameters:
    ///   - session: the conversation.
    ///   - node: the node that is meant; nil is the local one.
    ///   - limit: how long each answer may take.
    ///   - processID: makes the srvids for answers the process's own.
    public init(
        session: LegacySession, node: PNN? = nil, limit: Duration,
        processID: Int32 = ProcessEnvironment.processID
    ) {
        self.session = session
        self.node = node ?? session.pnn
        self.limit = limit
        // The range of tools, its part for this tool, and the process.
        let process = UInt64(truncatingIfNeeded: processID) & 0xFFFF
        lastSrvID = 0xCE01_0000_0000_0000 | process << 16
    }

    /// A srvid for answers that nobody else listens to.
    func ownSrvID() -> SrvID {
        lastSrvID += 1
        return SrvID(rawValue: lastSrvID)
    }

    /// Asks one node.
    ///
    /// - Parameters:
    ///   - query: what to ask.
    ///   - node: who is asked; nil is the node that is meant.
    ///   - step: what it is asked for.
    /// - Returns: the answer.
    /// - Throws: `.control`.
    func ask<Answer>(
        _ query: LegacyQuery<Answer>, of node: PNN? = nil, for step: AdministrationStep
    ) throws(AdministrationFailure) -> Answer {
        do throws(LegacyFailure) {
            return try session.ask(query, of: node ?? self.node, within: limit)
        } catch {
            throw .control(step, error)
        }
    }

    /// Asks many nodes at once for something to be done.
    ///
    /// - Returns: the nodes that failed, and why.
    func askEach(
        _ request: ControlRequest, of nodes: [PNN]
    ) -> [(node: PNN, failure: LegacyFailure)] {
        let results = session.ask(.command(request), ofEach: nodes, within: limit)
        return zip(nodes, results).compactMap { node, result in
            if case .failure(let failure) = result { (node, failure) } else { nil }
        }
    }

    /// Sends a message.
    func send(
        _ value: some LegacyCoding, to srvid: SrvID, at node: PNN
    ) throws(AdministrationFailure) {
        do throws(LegacyFailure) {
            try session.send(try encoded(value), to: srvid, at: node)
        } catch {
            throw .control(.message, error)
        }
    }

    private func encoded(_ value: some LegacyCoding) throws(LegacyFailure) -> [UInt8] {
        do { return try value.encoded(layout: .native) } catch {
            throw LegacyFailure(.unwritable(error))
        }
    }

    /// Waits without doing anything but hearing messages.
    func pause(_ time: Duration) throws(AdministrationFailure) {
        session.wait(within: time) { false }
        if let loss = session.connectionLoss {
            throw .control(.message, LegacyFailure(.noConnection(loss)))
        }
    }
}
