// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets

/// A client and the connection to ctdbd that is made in its name.
final class RelayConnection {
    /// Which way something went.
    enum Direction: CaseIterable {
        /// From the client.
        case toDaemon
        /// From ctdbd.
        case toClient
    }

    private let loop: EventLoop
    private let ends: [Direction: StreamSocket]
    private var tokens: [Direction: EventLoop.Token] = [:]
    private var flows: [Direction: RelayFlow] = [.toDaemon: RelayFlow(), .toClient: RelayFlow()]
    /// The packets of each direction; nil once it has carried something that is none.
    private var framers: [Direction: PacketFramer]
    private let scratch: ReadRoom
    private let carried: (Direction, ArraySlice<UInt8>) -> Void
    private let unreadable: (Direction, WireError) -> Void
    private let ended: () -> Void
    private(set) var isOver = false

    /// Begins to relay.
    ///
    /// - Parameters:
    ///   - client: the client's stream.
    ///   - daemon: a stream to ctdbd.
    ///   - loop: where both are watched.
    ///   - scratch: room that all connections of a loop read into.
    ///   - carried: called for each packet, when all of it was read.
    ///   - unreadable: called once for a direction that carries something else; its bytes go on.
    ///   - ended: called once when both ends are closed.
    init(
        client: StreamSocket, daemon: StreamSocket, loop: EventLoop, scratch: ReadRoom,
        carried: @escaping (Direction, ArraySlice<UInt8>) -> Void,
        unreadable: @escaping (Direction, WireError) -> Void, ended: @escaping () -> Void
    ) {
        self.loop = loop
        self.carried = carried
        self.unreadable = unreadable
        self.ended = ended
        // Each direction is named by where it goes: that end is written, the other one is read.
        ends = [.toDaemon: daemon, .toClient: client]
        framers = [.toDaemon: PacketFramer(), .toClient: PacketFramer()]
        self.scratch = scratch
        advance()
    }

    /// Ends both sides at once; what waits is lost.
    func close() {
        guard !isOver else { return }
        isOver = true
        for token in tokens.values { loop.remove(token) }
        tokens = [:]
        ended()
    }

    /// Moves what can be moved, and says what to wait for.
    private func advance() {
        for direction in Direction.allCases where !isOver { move(direction) }
        guard !isOver else { return }
        if Direction.allCases.allSatisfy({ flows[$0]?.isDone ?? true }) {
            close()
            return
        }
        for end in Direction.allCases { watch(end) }
    }

    /// Reads one piece in a direction, if there is room, and writes what waits.
    private func move(_ direction: Direction) {
        guard var flow = flows[direction], let source = ends[direction.opposite],
            let target = ends[direction]
        else { return }
        if flow.wantsRead {
            switch source.read(into: &scratch.bytes) {
            case .bytes(let bytes):
                record(bytes, direction)
                flow.append(bytes)
            case .wouldBlock: break
            case .closed, .failed: flow.end()
            }
        }
        while flow.wantsWrite {
            switch target.write(pieces: flow.waiting, from: flow.offset) {
            case .wrote(let count):
                flow.wrote(count)
                continue
            case .wouldBlock: break
            case .closed, .failed: flow.breakOff()
            }
            break
        }
        if flow.isDone, !flow.isShut {
            flow.isShut = true
            target.shutWriting()
        }
        flows[direction] = flow
    }

    /// Waits for what an end can do next; an end that can do nothing is not waited for.
    private func watch(_ end: Direction) {
        guard let socket = ends[end], let incoming = flows[end.opposite], let outgoing = flows[end]
        else { return }
        var interest: Interest = []
        if incoming.wantsRead { interest.insert(.read) }
        if outgoing.wantsWrite { interest.insert(.write) }
        if interest.isEmpty {
            // A closed end would be reported over and over.
            if let token = tokens.removeValue(forKey: end) { loop.remove(token) }
        } else if let token = tokens[end] {
            try? loop.setInterest(interest, of: token)
        } else {
            tokens[end] = try? loop.register(socket.descriptor, for: interest) { [weak self] _ in
                self?.advance()
            }
        }
    }

    private func record(_ bytes: [UInt8], _ direction: Direction) {
        guard framers[direction] != nil else { return }
        framers[direction]?.append(bytes)
        do throws(WireError) {
            while let packet = try framers[direction]?.next() { carried(direction, packet) }
        } catch {
            framers[direction] = nil
            unreadable(direction, error)
        }
    }
}

/// Room to read into, one for all connections of a loop.
final class ReadRoom {
    /// The room.
    var bytes = [UInt8](repeating: 0, count: 65_536)
}

extension RelayConnection.Direction {
    var opposite: Self { self == .toDaemon ? .toClient : .toDaemon }
}
