// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import LegacyWire
import Sockets
import Synchronization
import Vocabulary

/// What a made-up cluster answers, behind a real socket.
final class FakeDaemon {
    /// How the answer to a control looks.
    enum Answer: Sendable {
        case reply(ControlReply)
        /// Bytes that are perhaps no answer.
        case bytes([UInt8])
        /// None, as from a node that is cut off.
        case silence
    }

    typealias Rule = @Sendable (ControlRequest, PNN) -> Answer

    /// What the daemon's thread and the test share.
    private final class Shared: Sendable {
        let requests = Mutex<[ControlRequest]>([])
        let clientCount = Mutex(0)
        let isOver = Mutex(false)
    }

    private let scratch: ScratchDirectory
    private let shared = Shared()
    let path: String

    /// The controls that came, in order.
    var requests: [ControlRequest] { shared.requests.withLock { $0 } }
    /// How many clients have connected.
    var clientCount: Int { shared.clientCount.withLock { $0 } }

    init(_ rule: @escaping Rule) throws {
        scratch = try ScratchDirectory()
        path = scratch.file("ctdbd.socket")
        let isBound = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [shared, path] in
            Self.serve(path, shared, rule, isBound)
        }
        isBound.wait()
    }

    func end() { shared.isOver.withLock { $0 = true } }

    private static func serve(
        _ path: String, _ shared: Shared, _ rule: @escaping Rule, _ isBound: DispatchSemaphore
    ) {
        defer { isBound.signal() }
        guard let loop = try? EventLoop(), let listener = try? StreamListener(boundTo: path) else {
            return
        }
        var peers: [Peer] = []
        _ = try? loop.register(listener.descriptor, for: .read) { _ in
            guard case .connection(let socket) = listener.accept() else { return }
            shared.clientCount.withLock { $0 += 1 }
            let peer = Peer(socket, loop) { request, node in
                shared.requests.withLock { $0.append(request) }
                return rule(request, node)
            }
            peers.append(peer)
        }
        isBound.signal()
        while !shared.isOver.withLock({ $0 }) {
            _ = try? loop.iterate(until: EventLoop.clock().advanced(by: .milliseconds(50)))
        }
    }

    /// One client.
    private final class Peer {
        private let socket: StreamSocket
        private var framer = PacketFramer(
            layout: .native, maximumLength: LegacyPacket.defaultLimit)
        private var scratch = [UInt8](repeating: 0, count: 65_536)
        private let rule: Rule

        init(_ socket: StreamSocket, _ loop: EventLoop, _ rule: @escaping Rule) {
            self.socket = socket
            self.rule = rule
            _ = try? loop.register(socket.descriptor, for: .read) { [self] _ in read() }
        }

        private func read() {
            guard case .bytes(let bytes) = socket.read(into: &scratch) else { return }
            framer.append(bytes)
            while let packet = try? framer.next() { take(packet) }
        }

        private func take(_ bytes: ArraySlice<UInt8>) {
            guard let packet = try? LegacyPacket.decode(bytes, layout: .native),
                case .requestControl(let control) = packet.body,
                let request = try? ControlRequest.decode(from: control, layout: .native)
            else { return }
            let reply: ReplyControl
            switch rule(request, packet.destination) {
            case .silence: return
            case .bytes(let bytes): reply = ReplyControl(status: 0, data: bytes[...])
            case .reply(let answer):
                guard let encoded = try? answer.encode(layout: .native) else { return }
                reply = encoded
            }
            let answer = LegacyPacket(
                destination: packet.source, source: packet.destination, reqid: packet.reqid,
                body: .replyControl(reply))
            guard let whole = try? answer.encode(layout: .native) else { return }
            var offset = 0
            while offset < whole.count {
                switch socket.write(whole, from: offset) {
                case .wrote(let count): offset += count
                case .wouldBlock: continue
                default: return
                }
            }
        }
    }
}

extension FakeDaemon {
    /// Three nodes, the last one with flags; what a rule does not answer is answered here.
    static func cluster(
        flags: NodeFlags = [],
        _ rule: @escaping @Sendable (ControlRequest, PNN) -> Answer? = {
            _, _ in nil
        }
    ) throws -> FakeDaemon {
        let nodes = (0..<3).map { number in
            NodeMap.Node(
                pnn: PNN(rawValue: UInt32(number)), flags: number == 2 ? flags : [],
                address: .ipv4(address: 0x0A00_0001 + UInt32(number), port: 0))
        }
        let address = SocketAddress.ipv4(address: 0x0A01_0064, port: 0)
        return try FakeDaemon { request, node in
            if let answer = rule(request, node) { return answer }
            switch request {
            case .getPNN: return .reply(.pnn(PNN(rawValue: 0)))
            case .getNodeMap: return .reply(.nodeMap(NodeMap(nodes: nodes)))
            case .getRunState: return .reply(.runState(.running))
            case .getRecoveryMode: return .reply(.recoveryMode(.normal))
            case .getDebug: return .reply(.logLevel(3))
            case .ping: return .reply(.clientCount(4))
            case .listTunables:
                return .reply(
                    .tunableNames(TunableNames(names: ["MonitorInterval", "RecoverTimeout"])))
            case .getTunable: return .reply(.tunable(15))
            case .setTunable, .tcpAddDelayedUpdate, .setDebug: return .reply(.done(status: 0))
            case .getDatabaseMap:
                return .reply(
                    .databaseMap(
                        DatabaseMap(databases: [
                            .init(id: DatabaseID(rawValue: 0x6645_C6C4), flags: .persistent)
                        ])))
            case .getDatabaseName: return .reply(.databaseName("ctdb.tdb"))
            case .getPublicIPs:
                return .reply(
                    .publicIPs(
                        PublicIPList(addresses: [
                            PublicIP(pnn: PNN(rawValue: 1), address: address)
                        ])))
            default: return .reply(.failed(status: -1, reason: ""))
            }
        }
    }
}
