// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

extension Context {
    /// Has something administrative done, within the time limit.
    ///
    /// - Parameters:
    ///   - what: what is tried, for people.
    ///   - node: the node that is meant; nil is the local one.
    ///   - work: does it; what it tells besides is collected.
    /// - Returns: what it gives, and what was told on the way.
    /// - Throws: why it was not done, or not in time.
    func administer<Answer>(
        _ what: String, node: PNN? = nil,
        _ work: (Administrator) throws(AdministrationFailure) -> Answer
    ) throws(Problem) -> (answer: Answer, notes: [String]) {
        let session = try session()
        session.expiry = deadline
        defer { session.expiry = nil }
        let administrator = Administrator(
            session: session, node: node, limit: min(rest, .seconds(10)))
        var notes: [String] = []
        administrator.notes = { note in
            if let text = Self.text(note), notes.last != text { notes.append(text) }
        }
        do throws(AdministrationFailure) {
            return (try work(administrator), notes)
        } catch {
            if session.connectionLoss == LegacySession.expired {
                throw Problem(
                    .timedOut, node: node?.rawValue, what,
                    (["not done within \(settings.timeoutSeconds ?? 0) s"] + notes.suffix(1))
                        .joined(separator: "; "),
                    advice: "ctdb diagnose; --timeout waits longer")
            }
            if session.connectionLoss == LegacySession.interrupted {
                throw Problem(
                    .failed, node: node?.rawValue, what,
                    "interrupted: what was begun may be done all the same",
                    advice: "look before you try again")
            }
            throw problem(error, what, node)
        }
    }

    private func problem(
        _ failure: AdministrationFailure, _ what: String, _ node: PNN?
    ) -> Problem {
        switch failure {
        case .control(let step, let failure):
            // A step that is not the whole is named; the control is no help to most.
            var problem = problem(failure, "\(what): \(Self.word(step))")
            problem.node = problem.node ?? node?.rawValue
            return problem
        default:
            return Problem(
                .failed, node: node?.rawValue, what, Self.text(failure),
                advice: Self.advice(failure))
        }
    }

    private static func text(_ note: AdministrationNote) -> String? {
        switch note {
        case .willRetry(let failure): "tried again after: \(text(failure))"
        case .holdOffTimedOut: "some nodes did not say that they hold off"
        case .failed(let step, on: let nodes):
            "\(word(step)) failed on nodes "
                + nodes.map { "\($0)" }.joined(separator: ", ")
        }
    }

    static func text(_ failure: AdministrationFailure) -> String {
        switch failure {
        case .control(let step, let failure): "\(word(step)): \(Failures.short(failure))"
        case .allNodesBanned: "every node that can be asked is banned"
        case .noSuchNode(let node): "the cluster has no node \(node)"
        case .cannotHost(let address, let node):
            "node \(node) is not configured to have \(address.text)"
        case .noNodes: "there is no node that could be told"
        case .takeoverRun(let status): "the leader could not distribute addresses (\(status))"
        case .holdOff(_, let status): "a node refused to hold off (\(status))"
        case .endOfHoldOff(_, let status): "a node refused to go on (\(status))"
        case .nodesFileDiffers(let node): "the nodes file of node \(node) is another one"
        }
    }

    private static func advice(_ failure: AdministrationFailure) -> String? {
        switch failure {
        case .cannotHost: "its public_addresses file has to name it: ctdb ip add, or ip reload"
        case .nodesFileDiffers: "copy the nodes file to every node first"
        case .takeoverRun: "the log of the leader says why; ctdb cluster leader"
        case .noNodes, .allNodesBanned: "ctdb node status"
        default: nil
        }
    }

    private static func word(_ step: AdministrationStep) -> String {
        switch step {
        case .nodeMap: "read the nodes"
        case .change: "change the state"
        case .message: "talk to the leader"
        case .recoveryMode: "read the recovery mode"
        case .generation: "read the generation"
        case .recover: "begin a recovery"
        case .publicAddresses: "read the public addresses"
        case .release: "release the address"
        case .takeOver: "take the address over"
        case .addAddress: "add the address"
        case .deleteAddress: "remove the address"
        case .reloadAddresses: "reload the addresses"
        case .nodesFile: "read the nodes file"
        case .reloadNodes: "reload the nodes file"
        case .shutdown: "shut down"
        case .interfaces: "read the interfaces"
        }
    }
}
