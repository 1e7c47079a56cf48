// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets
import Vocabulary

/// Ends this machine's sockets of addresses that it no longer has, or is to have no longer.
///
/// A server whose address has moved would keep such connections, with their locks, until they time
/// out. The kernel resets the other end too, where it can: while the address is here, and for IPv6
/// also afterwards; for IPv4 it cannot send from an address that is gone. A client that is reset
/// while nobody has the address connects anew for nothing and loses a second. So of an address that
/// moves, connections are ended once it has been taken elsewhere, and it is the new holder that
/// tickles the clients; of one that nobody takes, while it is here.
public final class ConnectionEnder {
    /// What came of it.
    public struct Report: Equatable, Sendable {
        /// Connections that were ended.
        public var ended: [ClientConnection]
        /// Connections that are still there, and why.
        public var left: [Left]
        /// Why not even a list could be had.
        public var failure: SystemError?

        /// A connection that was not ended.
        public struct Left: Equatable, Sendable {
            /// The connection.
            public var connection: ClientConnection
            /// Why: `EPERM` without CAP_NET_ADMIN, `EOPNOTSUPP` where the kernel cannot do it.
            public var error: SystemError
        }
    }

    private let list: SocketList
    private let orders: NetlinkOrders

    /// Makes an ender.
    public init(loop: EventLoop) throws(SystemError) {
        list = try SocketList(loop: loop)
        orders = try NetlinkOrders(loop: loop, subsystem: .socketDiagnosis)
    }

    /// Stops; orders under way get no completion.
    public func close() {
        list.close()
        orders.close()
    }

    /// Ends all connections to some addresses, whatever state they are in.
    public func end(
        connectionsTo addresses: [IPAddress], completion: @escaping (Report) -> Void
    ) {
        list.ask(Set(addresses), states: .connected) { [weak self] result in
            switch result {
            case .failure(let error):
                completion(Report(ended: [], left: [], failure: error))
            case .success(let sockets): self?.end(sockets, completion)
            }
        }
    }

    private final class Progress {
        var report = Report(ended: [], left: [])
        var openCount = 0
    }

    private func end(_ sockets: [SocketReport], _ completion: @escaping (Report) -> Void) {
        let progress = Progress()
        progress.openCount = sockets.count
        guard !sockets.isEmpty else { return completion(progress.report) }
        for socket in sockets {
            let connection = ClientConnection(socket)
            var writer = ByteWriter(order: .native, capacity: 64)
            SocketQuery(socket.family, states: .connected, identity: socket.identity)
                .encode(into: &writer)
            orders.append(.destroySocket, [], writer.finish()) { answer in
                switch answer.errorNumber {
                // One that has ended by itself has ended.
                case 0, SystemError.noEntry: progress.report.ended.append(connection)
                case let code:
                    progress.report.left.append(
                        Report.Left(
                            connection: connection,
                            error: SystemError(
                                call: "SOCK_DESTROY", path: "\(connection)", errno: code,
                                advice: answer.text)))
                }
                progress.openCount -= 1
                if progress.openCount == 0 { completion(progress.report) }
            }
        }
    }
}
