// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Sockets

/// What the nodes say to each other, as the interfaces of this network namespace carry it.
final class WireSource {
    /// What there is to record.
    enum Event {
        /// Packets, each with its place in the batch and the interface that it came over.
        case packets(PacketSocket.Batch)
        /// So many found no room since the last time.
        case lost(UInt64)
    }

    private static let snapLength: UInt32 = 262_144
    /// So many batches are taken before the loop looks at anything else.
    private static let turns = 4

    private let plan: RecordingPlan.Wire
    private let socket: PacketSocket
    private let loop: EventLoop
    private var token: EventLoop.Token?
    private let told: (Event) -> Void

    /// Begins to hear.
    init(
        _ plan: RecordingPlan.Wire, loop: EventLoop, told: @escaping (Event) -> Void
    ) throws(SystemError) {
        self.plan = plan
        self.loop = loop
        self.told = told
        socket = try PacketSocket(
            PacketSocket.Settings(
                port: plan.port, interface: plan.interface, snapLength: Self.snapLength,
                blockCount: plan.bufferMebibytes, isDataOnly: plan.isDataOnly))
        token = try loop.register(socket.descriptor, for: .read) { [weak self] _ in
            self?.take(turns: Self.turns)
        }
    }

    /// What is in a file about an interface; nil for a kind that nobody reads.
    func origin(_ interface: UInt32, kind: UInt16) -> RecordingFiles.Origin? {
        guard let type = Self.linkType(kind) else { return nil }
        return RecordingFiles.Origin(
            name: PacketSocket.interfaceName(interface) ?? "interface \(interface)",
            about: nil, linkType: type, filter: "tcp port \(plan.port)",
            snapLength: Self.snapLength)
    }

    /// Asks the kernel what was lost.
    func count() {
        guard let counts = try? socket.counts(), counts.lost > 0 else { return }
        told(.lost(counts.lost))
    }

    /// Takes everything that was heard, and hears no more.
    func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        // The kernel keeps a block back for a moment, for there may be more to put into it.
        socket.deafen()
        take(turns: .max)
        for _ in 0..<Self.turns where socket.waitForBlock() { take(turns: .max) }
        count()
    }

    private func take(turns: Int) {
        for _ in 0..<turns {
            let batch = socket.take()
            if batch.packets.isEmpty { return }
            told(.packets(batch))
        }
    }

    /// How the packets of an interface begin, by its kind (ARPHRD_).
    private static func linkType(_ kind: UInt16) -> LinkType? {
        switch kind {
        // Ethernet, loopback.
        case 1, 772: .ethernet
        // Tunnels: none, IPv4 in IPv4, IPv6 in IPv4, point to point, void.
        case 65_534, 768, 776, 512, 65_535, 519: .raw
        default: nil
        }
    }
}
