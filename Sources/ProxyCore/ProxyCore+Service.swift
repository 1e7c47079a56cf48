// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Vocabulary
import XDR

extension ProxyCore {
    /// Answers what the proxy itself is asked.
    ///
    /// - Returns: why the packet is refused; nil when it was taken.
    mutating func serve(_ packet: Packet, at now: Instant) -> OutcomeCode? {
        do throws(WireError) {
            try packet.verify()
        } catch {
            return .corrupt
        }
        let header = packet.header
        guard header.payloadLength == header.messageLength else { return .tooLarge }
        guard header.kind == .request else { return nil }
        switch header.procedure {
        case PeerProtocol.proxyPing:
            reply(packet, .reply, packet.payload, at: now)
        case PeerProtocol.proxyCounters:
            let list = CountersReply(counters: counters.list + gauges)
            reply(packet, .reply, encoded(list), at: now)
        case PeerProtocol.proxyPeers:
            reply(packet, .reply, encoded(peers), at: now)
        case PeerProtocol.proxyVersions:
            let versions = VersionsReply(
                proxy: settings.nodeLinks.software, ctdbd: legacyRelease)
            reply(packet, .reply, encoded(versions), at: now)
        case PeerProtocol.recordStart:
            serveRecord(packet, at: now)
        default:
            let refusal = Refusal(
                code: .unknownProcedure,
                text: "the proxy has no procedure \(header.procedure)")
            reply(packet, .refusal, encoded(refusal), at: now)
        }
        return nil
    }

    /// Has the shell show a recorder on this node what comes and goes.
    private mutating func serveRecord(_ packet: Packet, at now: Instant) {
        let source = packet.header.source.node
        guard source == .current || source == own.node else {
            let refusal = Refusal(
                code: .notPermitted, text: "only a recorder on this node can be shown anything")
            return reply(packet, .refusal, encoded(refusal), at: now)
        }
        do throws(WireError) {
            wantedRecord = try RecordRequest.decode(packet.payload)
            reply(packet, .reply, [], at: now)
        } catch {
            let refusal = Refusal(code: .badPayload, text: "\(error)")
            reply(packet, .refusal, encoded(refusal), at: now)
        }
    }

    /// A value whose lists and strings are within their limits.
    private func encoded(_ value: some XDRCodable) -> ArraySlice<UInt8> {
        ((try? value.encoded()) ?? [])[...]
    }

    private mutating func reply(
        _ request: Packet, _ kind: PacketKind, _ payload: ArraySlice<UInt8>, at now: Instant
    ) {
        let id = nextID
        nextID += 1
        let isLocal =
            request.header.source.node == .current || request.header.source.node == own.node
        let source = Address(
            node: isLocal ? request.header.source.node : own.node, service: .proxy,
            instance: own.instance)
        let header = PacketHeader(
            magic: 0, checksum: 0, protocolVersion: 0, kind: kind,
            flags: request.header.flags & PeerProtocol.packetUrgent, procedure: 0, source: source,
            destination: request.header.source, packetID: id, replyTo: request.header.packetID,
            deadlineMilliseconds: 0, payloadLength: 0, fragmentOffset: 0,
            messageLength: UInt32(clamping: payload.count))
        let bytes = Packet.encode(header, payload: payload)
        let key = FlowKey(
            source: source, destination: request.header.source,
            lane: request.isUrgent ? .urgent : .normal)
        let route: Route =
            isLocal
            ? .local(LocalName(request.header.source)) : .node(request.header.source.node)
        guard let at = hopIndex[route] else { return }
        touch(at)
        _ = hops[at].link.hold(bytes[...], id: id, of: key, resent: false, deadline: nil)
    }

    /// Numbers that go up and down.
    private var gauges: [Counter] {
        [
            Counter(name: "held_packets", value: UInt64(hops.reduce(0) { $0 + $1.link.heldCount })),
            Counter(name: "held_bytes", value: UInt64(heldByteCount)),
            Counter(name: "flows", value: UInt64(intake.flowCount)),
            Counter(name: "local_processes", value: UInt64(hops.count { $0.isLocal })),
        ]
    }

    /// What is known of every node.
    private var peers: PeersReply {
        let list = nodes.sorted { $0.key < $1.key }.prefix(Int(PeerProtocol.peersLimit))
        return PeersReply(
            ownNode: own.node, generation: generation.rawValue,
            recoveryMode: recoveryMode.rawValue,
            peers: list.map { pnn, flags in
                let link = hopIndex[.node(pnn)].map { hops[$0].link }
                return PeerStatus(
                    node: pnn, nodeFlags: flags.rawValue, state: state(pnn, flags, link),
                    protocolVersion: link?.commonVersion ?? 0, features: link?.commonFeatures ?? 0,
                    software: pnn == own.node
                        ? settings.nodeLinks.software : link?.peerHello?.software ?? "",
                    queuedBytes: UInt64(link?.heldByteCount ?? 0),
                    unfinishedPackets: UInt64(link?.heldCount ?? 0))
            })
    }

    private func state(_ pnn: PNN, _ flags: NodeFlags, _ link: Link?) -> PeerState {
        if pnn == own.node { return .peerSelf }
        guard flags.isConnected, let link else { return .disconnected }
        switch link.state {
        case .suspended: return .disconnected
        case .greeting: return .greeting
        case .up: return .up
        case .absent: return .connectedWithoutProxy
        case .tooOld: return .tooOld
        }
    }
}

extension ProxyCore.Hop {
    var isLocal: Bool {
        if case .local = route { return true }
        return false
    }
}
