// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// A connection of the legacy event daemon's protocol.
///
/// What comes in over a connection of our own is read. What comes in over a borrowed one stays in
/// the socket until it is answered, and the answer is written: should this process die, whoever
/// lent the connection finds all that is left to do.
final class EventClient {
    /// What became of a step.
    enum Step: Equatable {
        /// The connection goes on.
        case open
        /// It has ended.
        case ended
        /// It was ended, because the stream cannot be read: so many bytes are none of a packet's.
        case invalid(byteCount: Int?)
    }

    /// What became of a request.
    private enum Handed {
        case taken
        case invalid
        /// The client has gone while it was taken.
        case dropped
    }

    /// A request that is not answered.
    private struct Ticket {
        var byteCount: Int
        /// In a borrowed connection: which packet it is.
        var number: UInt64?
    }

    private struct Outgoing {
        var bytes: [UInt8]
        var ticket: Ticket?
    }

    private static let scratchLimit = 8 << 20

    let socket: StreamSocket
    /// Who made the other end.
    let peer: Credentials
    var token: EventLoop.Token?
    private let limits: EventServer.Limits
    private var framer: EventFramer
    private var borrowed: PeekedStream?
    private var outgoing: [Outgoing] = []
    private var writtenCount = 0
    private var waiting: [Reqid: [Ticket]] = [:]
    private var waitingCount = 0
    private var waitingBytes = 0
    /// Whether the other end has gone, though requests of it are under way.
    private(set) var hasGone = false
    private var isProceeding = false

    /// Takes over a connection.
    init(
        _ socket: StreamSocket, of peer: Credentials, isBorrowed: Bool, limits: EventServer.Limits
    ) {
        self.socket = socket
        self.peer = peer
        self.limits = limits
        framer = EventFramer(layout: .native, maximumLength: limits.packetBytes)
        if isBorrowed {
            borrowed = PeekedStream(
                layout: .native, maximumLength: EventServer.Limits.borrowedPacketBytes)
        }
    }

    /// Whether somebody else has the connection too.
    var isBorrowed: Bool { borrowed != nil }

    /// Whether everything is answered, and every answer written.
    var isIdle: Bool { waitingCount == 0 && outgoing.isEmpty }

    /// What to wait for.
    var interest: Interest {
        // Requests that wait in a borrowed socket would be reported again and again.
        var interest: Interest = isBorrowed ? [.read, .edge] : mayAsk ? .read : []
        if !outgoing.isEmpty { interest.insert(.write) }
        return interest
    }

    private var mayAsk: Bool {
        outgoing.isEmpty && waitingCount < limits.requests && waitingBytes < limits.requestBytes
    }

    // MARK: Reading

    /// Takes what has arrived.
    ///
    /// - Parameters:
    ///   - scratch: room to read into.
    ///   - take: takes a request; whether the client is still there.
    /// - Returns: how the connection goes on.
    func read(
        into scratch: inout [UInt8], _ take: (Reqid, EventRequest) -> Bool
    ) -> Step {
        guard !hasGone else { return .open }
        return isBorrowed ? peek(&scratch, take) : receive(&scratch, take)
    }

    private func receive(
        _ scratch: inout [UInt8], _ take: (Reqid, EventRequest) -> Bool
    ) -> Step {
        switch socket.read(into: &scratch) {
        case .bytes(let bytes): framer.append(bytes)
        case .wouldBlock: break
        case .closed, .failed: return .ended
        }
        return proceed(take)
    }

    /// Takes the packets that have been read, as far as the client may ask.
    func proceed(_ take: (Reqid, EventRequest) -> Bool) -> Step {
        // An answer that comes at once leads here again.
        guard !isBorrowed, !isProceeding else { return .open }
        isProceeding = true
        defer { isProceeding = false }
        do throws(WireError) {
            while mayAsk, let packet = try framer.next() {
                switch request(packet, nil, take) {
                case .taken: break
                case .invalid: return .invalid(byteCount: packet.count)
                case .dropped: return .open
                }
            }
        } catch {
            return .invalid(byteCount: nil)
        }
        return .open
    }

    private func peek(_ scratch: inout [UInt8], _ take: (Reqid, EventRequest) -> Bool) -> Step {
        while true {
            switch socket.peek(into: &scratch) {
            case .wouldBlock: return .open
            case .closed, .failed: return leave()
            case .bytes(let bytes):
                // There may be more than there is room for.
                if bytes.count == scratch.count, scratch.count < Self.scratchLimit {
                    scratch = [UInt8](repeating: 0, count: scratch.count * 2)
                    continue
                }
                return found(bytes, take)
            }
        }
    }

    private func found(_ bytes: [UInt8], _ take: (Reqid, EventRequest) -> Bool) -> Step {
        switch borrowed?.look(at: bytes) {
        case .invalid, nil:
            socket.shutDown()
            _ = leave()
            return .invalid(byteCount: nil)
        case .packets(let packets):
            for packet in packets {
                guard request(packet.bytes, packet.number, take) == .invalid else { continue }
                socket.shutDown()
                consume(packet.number)
                _ = leave()
                return .invalid(byteCount: packet.bytes.count)
            }
            return .open
        }
    }

    private func request(
        _ packet: ArraySlice<UInt8>, _ number: UInt64?, _ take: (Reqid, EventRequest) -> Bool
    ) -> Handed {
        guard let read = try? EventPacket<EventRequest>.decode(packet, layout: .native) else {
            return .invalid
        }
        waiting[read.reqid, default: []].append(Ticket(byteCount: packet.count, number: number))
        waitingCount += 1
        waitingBytes += packet.count
        return take(read.reqid, read.body) ? .taken : .dropped
    }

    /// Notes that the other end has gone.
    ///
    /// Who has borrowed the connection stays to the end, lest a request that was answered is found
    /// there by the lender.
    func leave() -> Step {
        guard isBorrowed else { return .ended }
        hasGone = true
        for one in outgoing { consume(one.ticket?.number) }
        outgoing.removeAll()
        return isIdle ? .ended : .open
    }

    // MARK: Writing

    /// Writes an answer, or as much as the other end takes.
    func reply(_ reqid: Reqid, _ reply: EventReply) -> Step {
        let ticket = takeTicket(reqid)
        guard let bytes = try? EventPacket(reqid: reqid, body: reply).encode(layout: .native)
        else { return .ended }
        guard !hasGone else {
            consume(ticket?.number)
            return isIdle ? .ended : .open
        }
        outgoing.append(Outgoing(bytes: bytes, ticket: ticket))
        return flush()
    }

    private func takeTicket(_ reqid: Reqid) -> Ticket? {
        guard var tickets = waiting[reqid], !tickets.isEmpty else { return nil }
        let ticket = tickets.removeFirst()
        waiting[reqid] = tickets.isEmpty ? nil : tickets
        waitingCount -= 1
        waitingBytes -= ticket.byteCount
        return ticket
    }

    /// Writes what the other end takes.
    func flush() -> Step {
        while let first = outgoing.first {
            switch socket.write(first.bytes, from: writtenCount) {
            case .wouldBlock: return .open
            case .closed, .failed: return leave()
            case .wrote(let count):
                writtenCount += count
                guard writtenCount >= first.bytes.count else { return .open }
                outgoing.removeFirst()
                writtenCount = 0
                consume(first.ticket?.number)
            }
        }
        return .open
    }

    /// Takes an answered request away from a borrowed connection, when its turn has come.
    private func consume(_ number: UInt64?) {
        guard let number, let count = borrowed?.answer(number), count > 0 else { return }
        _ = socket.discard(count)
    }
}
