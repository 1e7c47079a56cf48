// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Sockets
import Vocabulary

/// The legacy protocol and nothing above it: a client of ctdbd that is registered for one srvid.
///
/// This is the yardstick, so it does as little as a client can: small packets that leave in one
/// turn of the loop share a buffer and a system call.
final class BareClient {
    private static let scratchByteCount = 262_144
    private static let headByteCount = PacketHeader.byteCount + 12

    private let socket: StreamSocket
    private var framer = PacketFramer(layout: .native)
    private var scratch = [UInt8](repeating: 0, count: scratchByteCount)
    private let loop: EventLoop
    private var token: EventLoop.Token?
    private var waiting: [[UInt8]] = []
    private var waitingStart = 0
    private var offset = 0
    private var isScheduled = false
    private(set) var isRegistered = false
    private(set) var failure: String?

    /// Takes the data of each message.
    var received: ((ArraySlice<UInt8>) -> Void)?

    init(path: String, loop: EventLoop, srvid: SrvID) throws(BenchError) {
        self.loop = loop
        socket = try attempt { () throws(SystemError) in try StreamSocket(connectedTo: path) }
        let descriptor = socket.descriptor
        token = try attempt { () throws(SystemError) in
            try loop.register(descriptor, for: .read) { [unowned self] readiness in
                if readiness.contains(.writable) { write() }
                if readiness.contains(.readable) || readiness.contains(.closed) { read() }
            }
        }
        let packet = try? LegacyPacket(
            destination: .current, reqid: Reqid(rawValue: 1),
            body: .requestControl(RequestControl(opcode: .registerSrvID, srvid: srvid))
        ).encode(layout: .native)
        append(packet ?? [])
        _ = try loop.iterate(milliseconds: 5_000) { isRegistered || failure != nil }
        if !isRegistered { throw .legacy(failure ?? "ctdbd does not answer") }
    }

    /// Sends a message at the end of this turn.
    func send(_ data: ArraySlice<UInt8>, to node: PNN, _ srvid: SrvID) {
        let packet = try? RequestMessage.encodePacket(
            srvid: srvid, data: [data], destination: node)
        append(packet ?? [])
    }

    private func append(_ packet: [UInt8]) {
        if waitingStart < waiting.count,
            waiting[waiting.count - 1].count + packet.count <= Self.scratchByteCount
        {
            waiting[waiting.count - 1] += packet
        } else {
            waiting.append(packet)
        }
        guard !isScheduled else { return }
        isScheduled = true
        loop.atEndOfIteration { [unowned self] in write() }
    }

    func close() {
        if let token { loop.remove(token) }
        token = nil
    }

    private func write() {
        isScheduled = false
        guard let token else { return }
        while waitingStart < waiting.count {
            switch socket.write(waiting[waitingStart], from: offset) {
            case .wrote(let count):
                offset += count
                guard offset == waiting[waitingStart].count else { continue }
                waiting[waitingStart] = []
                waitingStart += 1
                offset = 0
            case .wouldBlock:
                isScheduled = true
                try? loop.setInterest([.read, .write], of: token)
                return
            case .closed: return end("ctdbd closed the connection")
            case .failed(let error): return end("\(error)")
            }
        }
        waiting.removeAll(keepingCapacity: true)
        waitingStart = 0
        try? loop.setInterest(.read, of: token)
    }

    private func read() {
        switch socket.read(into: &scratch) {
        case .bytes(let bytes):
            framer.append(bytes)
            do throws(WireError) {
                while let packet = try framer.next() { take(packet) }
            } catch {
                end("\(error)")
            }
        case .wouldBlock: break
        case .closed: end("ctdbd closed the connection")
        case .failed(let error): end("\(error)")
        }
    }

    private func take(_ packet: ArraySlice<UInt8>) {
        let operation = Self.word(packet, 16)
        if operation == Operation.requestMessage.rawValue, packet.count > Self.headByteCount {
            let count = Int(Self.word(packet, Self.headByteCount - 4))
            received?(packet.dropFirst(Self.headByteCount).prefix(count))
        } else if operation == Operation.replyControl.rawValue, packet.count >= 36 {
            isRegistered = Self.word(packet, 32) == 0
            if !isRegistered { failure = "ctdbd refuses the srvid" }
        }
    }

    private func end(_ reason: String) {
        failure = reason
        close()
    }

    /// A number in the order of the machine.
    static func word(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
        let start = bytes.startIndex + offset
        guard start + 4 <= bytes.endIndex else { return 0 }
        let number =
            UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
            | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24
        return ByteOrder.native == .little ? number : number.byteSwapped
    }
}
