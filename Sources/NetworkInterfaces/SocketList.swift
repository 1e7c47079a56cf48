// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Sockets
import Vocabulary

/// Lists sockets of TCP by the addresses that they have at this end.
final class SocketList {
    typealias Completion = (Result<[SocketReport], SystemError>) -> Void

    private struct Question {
        var addresses: Set<IPAddress>
        var states: SocketQuery.States
        var completion: Completion
    }

    private let loop: EventLoop
    private let socket: NetlinkSocket
    private var registration: EventLoop.Token?
    private var questions: [Question] = []
    private var families: [AddressFamily] = []
    private var found: [SocketReport] = []
    private var sequence: UInt32 = 0

    /// So many datagrams are taken before the loop has its turn.
    private static let batch = 16

    init(loop: EventLoop) throws(SystemError) {
        self.loop = loop
        socket = try NetlinkSocket(.socketDiagnosis)
        registration = try loop.register(socket.descriptor, for: .read) { [unowned self] _ in
            receive()
        }
    }

    func close() {
        if let registration { loop.remove(registration) }
        registration = nil
        questions = []
    }

    /// Asks for sockets; questions are answered one after the other.
    func ask(
        _ addresses: Set<IPAddress>, states: SocketQuery.States, completion: @escaping Completion
    ) {
        questions.append(Question(addresses: addresses, states: states, completion: completion))
        if questions.count == 1 { loop.atEndOfIteration { [weak self] in self?.begin() } }
    }

    private func begin() {
        guard let question = questions.first, registration != nil else { return }
        found = []
        // Sockets of IPv6 may have IPv4 addresses: a server that listens on :: makes such.
        let hasIPv4 = question.addresses.contains { $0.family == .ipv4 }
        families = question.addresses.isEmpty ? [] : hasIPv4 ? [.ipv4, .ipv6] : [.ipv6]
        askNext()
    }

    private func askNext() {
        guard let question = questions.first else { return }
        guard let family = families.first else { return finish(.success(found)) }
        families.removeFirst()
        sequence &+= 1
        var body = ByteWriter(order: .native, capacity: 256)
        SocketQuery(
            family, states: question.states,
            filter: SocketFilter.local(in: SocketFilter.prefixes(covering: question.addresses))
        ).encode(into: &body)
        var writer = ByteWriter(order: .native, capacity: 256)
        NetlinkMessage(
            .socketsByFamily, flags: [.request, .dump], sequence: sequence,
            body: body.finish()[...]
        ).encode(into: &writer)
        do throws(SystemError) {
            try socket.send(writer.finish())
        } catch {
            finish(.failure(error))
        }
    }

    private func receive() {
        for _ in 0..<Self.batch {
            switch socket.receive() {
            case .datagram(let bytes): take(bytes)
            case .empty: return
            case .overrun:
                finish(
                    .failure(
                        SystemError(call: "sock_diag", errno: SystemError.noBufferSpace)))
            case .failed(let error): return finish(.failure(error))
            }
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        guard let messages = try? NetlinkMessage.decodeAll(bytes) else {
            return finish(
                .failure(SystemError(call: "sock_diag", errno: SystemError.invalidArgument)))
        }
        for message in messages where message.sequence == sequence {
            guard let question = questions.first else { return }
            switch message.kind {
            case .done: return askNext()
            case .answer:
                let answer = try? NetlinkAnswer.decode(message)
                return finish(
                    .failure(
                        SystemError(
                            call: "sock_diag",
                            errno: answer?.errorNumber ?? SystemError.invalidArgument,
                            advice: answer?.text)))
            case .socketsByFamily:
                var reader = ByteReader(message.body, order: .native)
                guard let report = try? SocketReport.decode(from: &reader),
                    question.addresses.contains(report.local.address)
                else { continue }
                found.append(report)
            default: continue
            }
        }
    }

    private func finish(_ result: Result<[SocketReport], SystemError>) {
        guard !questions.isEmpty else { return }
        let question = questions.removeFirst()
        found = []
        families = []
        // What is still on its way has another number.
        sequence &+= 1
        if !questions.isEmpty { loop.atEndOfIteration { [weak self] in self?.begin() } }
        question.completion(result)
    }
}
