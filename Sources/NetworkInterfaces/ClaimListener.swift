// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets
import Vocabulary

/// Hears who claims some addresses by ARP or as a neighbour of IPv6.
final class ClaimListener {
    /// Who says to have an address, and on which interface that was heard.
    struct Claim: Equatable {
        var address: IPAddress
        var hardware: HardwareAddress
        var interface: UInt32
    }

    private let loop: EventLoop
    private let heard: (Claim) -> Void
    private var addresses: Set<IPAddress>
    private var sockets: [(LinkSocket, EventLoop.Token)] = []
    private let arp: LinkSocket

    private static let batch = 64

    /// Begins to listen, on one interface or on all.
    init(
        loop: EventLoop, to addresses: Set<IPAddress>, on interface: UInt32?,
        heard: @escaping (Claim) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.addresses = addresses
        self.heard = heard
        arp = try LinkSocket(
            hearing: .arp, on: interface, filter: Self.filter(addresses),
            frameByteCount: LinkFilter.frameByteCount)
        let ipv6 = try LinkSocket(
            hearing: .ipv6, on: interface, filter: LinkFilter.advertisements,
            frameByteCount: LinkFilter.frameByteCount)
        for socket in [arp, ipv6] {
            let token = try loop.register(socket.descriptor, for: .read) {
                [unowned self, unowned socket] _ in hear(socket)
            }
            sockets.append((socket, token))
        }
    }

    func close() {
        for (_, token) in sockets { loop.remove(token) }
        sockets = []
    }

    /// Listens to other addresses from now on.
    func setAddresses(_ addresses: Set<IPAddress>) throws(SystemError) {
        try arp.setFilter(Self.filter(addresses))
        self.addresses = addresses
    }

    private static func filter(_ addresses: Set<IPAddress>) -> [LinkSocket.Instruction] {
        LinkFilter.claims(
            in: SocketFilter.prefixes(covering: addresses.filter { $0.family == .ipv4 }))
    }

    private func hear(_ socket: LinkSocket) {
        for _ in 0..<Self.batch {
            switch socket.receive() {
            case .frame(let frame, let interface, let isOutgoing):
                guard !isOutgoing, let claim = Self.claim(in: frame, on: interface),
                    addresses.contains(claim.address)
                else { continue }
                heard(claim)
            // An interface that goes down says so here, and is heard again when it comes back.
            case .failed, .empty: return
            }
        }
    }

    private static func claim(in frame: ArraySlice<UInt8>, on interface: UInt32) -> Claim? {
        var reader = ByteReader(frame, order: .big)
        guard let header = try? EthernetHeader.decode(from: &reader) else { return nil }
        switch header.type {
        case EthernetHeader.arp:
            guard let packet = try? ARPPacket.decode(from: &reader) else { return nil }
            return Claim(
                address: .ipv4(packet.sender), hardware: packet.senderHardware,
                interface: interface)
        case EthernetHeader.ipv6:
            guard let message = try? NeighbourMessage.decode(from: &reader),
                message.kind == .advertisement
            else { return nil }
            return Claim(
                address: message.target, hardware: message.hardware ?? header.source,
                interface: interface)
        default: return nil
        }
    }
}
