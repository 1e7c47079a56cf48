// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets

/// Orders to the kernel and their answers.
///
/// The kernel carries orders out while they are sent, one after the other, and has answered when
/// that returns. So many go out at once that their answers fit the socket's buffer.
final class NetlinkOrders {
    /// Runs before the completions of orders that the kernel has answered.
    var beforeCompletion: () -> Void = {}

    private struct Order {
        var message: NetlinkMessage
        var completion: (NetlinkAnswer) -> Void
    }

    private let loop: EventLoop
    private let socket: NetlinkSocket
    private var registration: EventLoop.Token?
    private var waiting: [Order] = []
    private var underWay: [UInt32: (NetlinkAnswer) -> Void] = [:]
    private var sequence: UInt32 = 0
    private var isDue = false

    private static let window = 64
    private static let bufferByteCount: Int32 = 1 << 18

    init(
        loop: EventLoop, subsystem: NetlinkSocket.Subsystem = .route
    ) throws(SystemError) {
        self.loop = loop
        socket = try NetlinkSocket(subsystem, bufferByteCount: Self.bufferByteCount)
        registration = try loop.register(socket.descriptor, for: .read) { [unowned self] _ in
            work()
        }
    }

    func close() {
        if let registration { loop.remove(registration) }
        registration = nil
        waiting = []
        underWay = [:]
    }

    /// Puts an order down; it goes out at the end of the iteration.
    func append(
        _ kind: NetlinkMessage.Kind, _ flags: NetlinkMessage.Flags, _ body: [UInt8],
        completion: @escaping (NetlinkAnswer) -> Void
    ) {
        sequence &+= 1
        let message = NetlinkMessage(
            kind, flags: flags.union([.request, .acknowledge]), sequence: sequence,
            body: body[...])
        waiting.append(Order(message: message, completion: completion))
        guard !isDue else { return }
        isDue = true
        loop.atEndOfIteration { [weak self] in
            self?.isDue = false
            self?.work()
        }
    }

    /// Sends and takes answers until nothing is left to do now.
    private func work() {
        repeat {
            sendSome()
            takeAnswers()
        } while !waiting.isEmpty && underWay.isEmpty && registration != nil
    }

    private func sendSome() {
        guard underWay.isEmpty, !waiting.isEmpty else { return }
        let batch = Array(waiting.prefix(Self.window))
        waiting.removeFirst(batch.count)
        var writer = ByteWriter(order: .native, capacity: batch.count * 80)
        for order in batch {
            order.message.encode(into: &writer)
            underWay[order.message.sequence] = order.completion
        }
        do throws(SystemError) {
            try socket.send(writer.finish())
        } catch {
            fail(error.errno, "\(error)")
        }
    }

    private func takeAnswers() {
        var answers: [NetlinkAnswer] = []
        var isOverrun = false
        receiving: while true {
            switch socket.receive() {
            case .datagram(let bytes):
                for message in (try? NetlinkMessage.decodeAll(bytes)) ?? []
                where message.kind == .answer {
                    if let answer = try? NetlinkAnswer.decode(message) { answers.append(answer) }
                }
            case .empty: break receiving
            case .overrun: isOverrun = true
            case .failed(let error):
                fail(error.errno, "\(error)")
                break receiving
            }
        }
        if !answers.isEmpty { beforeCompletion() }
        for answer in answers { underWay.removeValue(forKey: answer.sequence)?(answer) }
        // Whose answer is lost cannot be told; the orders can be given again.
        if isOverrun { fail(SystemError.noBufferSpace, "the kernel's answers were lost") }
    }

    private func fail(_ errno: Int32, _ text: String) {
        let failed = underWay.sorted { $0.key < $1.key }
        underWay = [:]
        guard !failed.isEmpty else { return }
        beforeCompletion()
        for (sequence, completion) in failed {
            completion(NetlinkAnswer(errorNumber: errno, sequence: sequence, text: text))
        }
    }
}
