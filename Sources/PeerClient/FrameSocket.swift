// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Sockets
import Vocabulary

/// A process's socket in the run directory, and its ports to the other processes of the node.
public final class FrameSocket {
    /// What comes in.
    public enum Arrival {
        /// A datagram from a process that may send one.
        case datagram(ArraySlice<UInt8>, pid: Int32)
        /// A datagram from a process that may not; it was dropped.
        case unauthorised(Credentials)
        /// A datagram larger than a frame can be; it was dropped.
        case tooLarge(Credentials)
        /// The socket itself failed.
        case failed(SystemError)
        /// A process that frames were sent to is not there.
        case refused(Service, Instance)
    }

    /// So many datagrams are taken before the loop looks at anything else.
    private static let batch = 16
    /// Datagrams that follow each other so closely come in a row.
    private static let rowNanoseconds: UInt64 = 25_000

    /// The directory of the sockets.
    public let directory: String
    private let loop: EventLoop
    private let socket: DatagramSocket
    /// Whose processes may send; root always may.
    public var userIDs: Set<UInt32>
    /// What shows a recorder the frames that come and go; nil while nobody records.
    public private(set) var tap: TrafficTap?
    private var scratch = [UInt8](repeating: 0, count: Int(PeerProtocol.frameLimit))
    private var ports: [PortName: FramePort] = [:]
    /// The port that was used last: most of the time it is the next one too.
    private var lastPort: (name: PortName, port: FramePort)?
    private var token: EventLoop.Token?
    private var burst = 1
    private var lastReady = Instant(nanoseconds: 0)
    private let arrived: (Arrival) -> Void
    /// Looks for an answer before the loop waits; made once.
    private var look: () -> Bool = { false }
    private var isLooking = false
    /// Goes up when a look found something, and down when it did not: below 0 some are left out.
    private var luck = 0
    private static let luckLimit = 8

    private struct PortName: Hashable {
        var service: Service
        var instance: Instance
    }

    /// Binds a process's socket and takes what comes.
    ///
    /// - Parameters:
    ///   - directory: the run directory; a daemon makes it with mode 0700 when it is missing.
    ///   - service: what the process provides.
    ///   - instance: tells clients apart; of no matter for a daemon.
    ///   - userIDs: whose processes may send; root always may.
    ///   - loop: where the socket is watched.
    ///   - arrived: runs on the loop's thread.
    /// - Throws: what is wrong with the directory or the socket, and what to do about it.
    public init(
        directory: String, service: Service, instance: Instance, userIDs: Set<UInt32>,
        loop: EventLoop, arrived: @escaping (Arrival) -> Void
    ) throws(SystemError) {
        // A daemon may be the first to come; a client has nobody to talk to then.
        if service == .client {
            try SocketDirectory.check(directory)
        } else {
            try SocketDirectory.prepare(directory)
        }
        self.directory = directory
        self.loop = loop
        self.userIDs = userIDs
        self.arrived = arrived
        socket = try DatagramSocket(boundTo: directory + "/" + service.socketName(instance))
        token = try loop.register(socket.descriptor, for: .read) { [unowned self] _ in receive() }
        look = { [weak self] in self?.lookForAnswer() ?? false }
    }

    /// Begins to show a recorder everything that comes and goes, until it goes away.
    ///
    /// - Throws: `EBUSY` while somebody else records; why the recorder cannot be connected to.
    public func record(_ request: RecordRequest, as own: Address) throws(SystemError) {
        guard tap == nil else { throw SystemError.busy("record", request.name) }
        tap = try TrafficTap(request, in: directory, own: own, loop: loop) { [weak self] in
            self?.tap = nil
        }
    }

    /// Sends a frame to a process of this node, or keeps it until the process takes it.
    public func send(_ frame: Link.Outgoing, to service: Service, _ instance: Instance) {
        if let tap {
            let peer = Address(node: .current, service: service, instance: instance)
            tap.record(.frameOut, peer, frame.pieces)
        }
        let name = PortName(
            service: service,
            instance: service == .client ? instance : Instance(rawValue: 0))
        let port: FramePort
        if let lastPort, lastPort.name == name {
            port = lastPort.port
        } else if let known = ports[name] {
            port = known
            lastPort = (name, port)
        } else {
            port = FramePort(
                path: directory + "/" + service.socketName(instance), loop: loop
            ) { [unowned self] in
                forget(name)
                arrived(.refused(service, instance))
            }
            ports[name] = port
        }
        if port.send(frame) == .refused {
            forget(name)
            arrived(.refused(service, instance))
        } else if burst == 1, !isLooking {
            isLooking = true
            loop.beforeWait(look)
        }
    }

    private func forget(_ name: PortName) {
        ports[name] = nil
        lastPort = nil
    }

    /// Closes everything.
    public func close() {
        if let token { loop.remove(token) }
        token = nil
        tap?.close()
        tap = nil
        for port in ports.values { port.close() }
        ports = [:]
        lastPort = nil
    }

    /// Takes what has come; how much at a time depends on how fast it comes.
    ///
    /// Where datagrams come one by one, a second try would only cost a system call: the loop tells
    /// when there is more. Where they come in a row, they are taken together.
    private func receive() {
        let isRow = loop.now.nanoseconds - lastReady.nanoseconds < Self.rowNanoseconds
        lastReady = loop.now
        burst = isRow ? min(burst * 2, Self.batch) : 1
        for _ in 0..<burst {
            guard takeOne() else { return }
        }
    }

    /// Takes an answer that is there before this process has gone to sleep.
    ///
    /// Where a process answers at once, waiting for it would be a system call too many. Where the
    /// answer is never there so soon, looking for it is one too many.
    private func lookForAnswer() -> Bool {
        isLooking = false
        guard token != nil else { return false }
        guard luck >= 0 else {
            luck += 1
            return false
        }
        let isThere = takeOne()
        luck = isThere ? min(luck + 1, Self.luckLimit) : (luck > 0 ? luck / 2 : -Self.luckLimit)
        return isThere
    }

    /// Takes one datagram, if there is one.
    private func takeOne() -> Bool {
        switch socket.receive(into: &scratch) {
        case .datagram(let bytes, let credentials):
            if let tap {
                let instance = Instance(pid: credentials.pid, number: 0)
                let peer = Address(node: .current, service: .nobody, instance: instance)
                tap.record(.frameIn, peer, [bytes[...]])
            }
            if credentials.uid == 0 || userIDs.contains(credentials.uid) {
                arrived(.datagram(bytes[...], pid: credentials.pid))
            } else {
                arrived(.unauthorised(credentials))
            }
        case .truncated(_, let credentials): arrived(.tooLarge(credentials))
        case .failed(let error):
            arrived(.failed(error))
            return false
        case .empty: return false
        }
        return true
    }
}
