// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// The address daemons of other nodes, and whoever asks this one.
final class PeerLink {
    /// What came of a request: the answer, or why there is none.
    enum Answer {
        case reply(ArraySlice<UInt8>)
        /// The other end has refused it.
        case refusal(RefusalCode, String)
        /// It did not come there, or no answer came back.
        case failure(String)
    }

    private let endpoint: PeerEndpoint
    private var handles: [UInt64: RequestHandle] = [:]
    private var order: [UInt64] = []
    private var lastHandle: UInt64 = 0

    /// So many requests may lack their answer; whoever asked before has stopped waiting.
    private static let limit = 65_536

    init(_ endpoint: PeerEndpoint) { self.endpoint = endpoint }

    private func address(_ node: PNN) -> Address {
        Address(node: node, service: .address, instance: Instance(rawValue: 0))
    }

    /// Asks the daemon of a node.
    func request(
        _ procedure: UInt32, _ payload: [UInt8], of node: PNN, within limit: Duration,
        completion: @escaping (Answer) -> Void
    ) {
        let milliseconds = Instant(nanoseconds: 0).advanced(by: limit).nanoseconds / 1_000_000
        endpoint.send(
            to: address(node), .request, lane: .urgent, procedure: procedure,
            payload: payload[...], timeoutMilliseconds: UInt32(clamping: milliseconds),
            completion: { outcome in
                switch outcome {
                case .answered(let reply) where reply.isRefusal:
                    let refusal = try? Refusal.decode(reply.payload)
                    completion(.refusal(refusal?.code ?? .failed, refusal?.text ?? "refused"))
                case .answered(let reply): completion(.reply(reply.payload))
                case .failed(let code, _): completion(.failure("\(code)"))
                case .delivered, .broadcast: completion(.failure("no answer"))
                }
            })
    }

    /// Tells the daemon of a node something, as far as it is there.
    func tell(_ procedure: UInt32, _ payload: [UInt8], to node: PNN, within limit: Duration) {
        let milliseconds = Instant(nanoseconds: 0).advanced(by: limit).nanoseconds / 1_000_000
        endpoint.send(
            to: address(node), .message, procedure: procedure, payload: payload[...],
            timeoutMilliseconds: UInt32(clamping: milliseconds))
    }

    /// Keeps the handle of a request, for an answer that comes later.
    ///
    /// - Returns: its number; nil for a message, which has no answer.
    func keep(_ inbound: Inbound) -> UInt64? {
        guard let handle = inbound.handle else { return nil }
        lastHandle &+= 1
        handles[lastHandle] = handle
        order.append(lastHandle)
        if order.count > 2 * Self.limit {
            for number in order.prefix(Self.limit) { handles[number] = nil }
            order.removeFirst(Self.limit)
        }
        return lastHandle
    }

    /// Answers a request; one that is answered already is not.
    func answer(_ number: UInt64, _ payload: [UInt8]) {
        guard let handle = handles.removeValue(forKey: number) else { return }
        endpoint.answer(handle, .reply(payload[...]))
    }

    /// Refuses a request.
    func refuse(_ number: UInt64, _ code: RefusalCode, _ text: String) {
        guard let handle = handles.removeValue(forKey: number) else { return }
        let short = String(decoding: text.utf8.prefix(512), as: UTF8.self)
        let payload = (try? Refusal(code: code, text: short).encoded()) ?? []
        endpoint.answer(handle, .refusal(payload[...]))
    }
}
