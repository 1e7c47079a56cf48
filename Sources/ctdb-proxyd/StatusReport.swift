// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary
import XDR

/// Asks the running proxy of this node for its peers and counters, and prints them.
final class StatusReport {
    private let loop: EventLoop
    private let endpoint: PeerEndpoint
    private var isMissing = false
    private var exitCode: Int32 = 0

    private init(_ directory: String) throws(SystemError) {
        loop = try EventLoop()
        endpoint = try PeerEndpoint(
            directory: directory, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: loop)
    }

    /// Prints the report.
    ///
    /// - Returns: the exit code.
    static func print(_ directory: String) -> Int32 {
        do throws(SystemError) {
            let report = try StatusReport(directory)
            report.endpoint.missedProxy = { [unowned report] in
                report.isMissing = true
            }
            report.ask(PeerProtocol.proxyPeers) { report.show(peers: $0) }
            report.ask(PeerProtocol.proxyCounters) { report.show(counters: $0) }
            while !report.endpoint.isIdle, !report.isMissing { try report.loop.iterate() }
            report.endpoint.close()
            if report.isMissing {
                Command.complain("no proxy runs on this node: nobody is at \(directory)/proxy.sock")
                return 1
            }
            return report.exitCode
        } catch {
            Command.complain("\(error)")
            return 1
        }
    }

    private func ask(_ procedure: UInt32, _ show: @escaping (ArraySlice<UInt8>) -> Void) {
        let proxy = Address(node: .current, service: .proxy, instance: Instance(rawValue: 0))
        endpoint.send(
            to: proxy, .request, procedure: procedure, payload: [], timeoutMilliseconds: 5_000,
            completion: { [unowned self] completion in
                if case .answered(let reply) = completion, !reply.isRefusal {
                    show(reply.payload)
                } else {
                    Command.complain("the proxy does not answer: \(completion)")
                    exitCode = 1
                }
            })
    }

    private func show(peers payload: ArraySlice<UInt8>) {
        guard let reply = try? PeersReply.decode(payload) else { return }
        Swift.print("node \(reply.ownNode) generation \(reply.generation)")
        for peer in reply.peers {
            guard peer.state != .peerSelf else {
                Swift.print("peer \(peer.node) self software \"\(peer.software)\"")
                continue
            }
            let version =
                peer.protocolVersion == 0
                ? "-" : "\(peer.protocolVersion >> 16).\(peer.protocolVersion & 0xFFFF)"
            Swift.print(
                "peer \(peer.node) \(peer.state) version \(version) features \(peer.features) "
                    + "held \(peer.unfinishedPackets) packets \(peer.queuedBytes) bytes "
                    + "software \"\(peer.software)\"")
        }
    }

    private func show(counters payload: ArraySlice<UInt8>) {
        guard let reply = try? CountersReply.decode(payload) else { return }
        for counter in reply.counters { Swift.print("\(counter.name) \(counter.value)") }
    }
}
