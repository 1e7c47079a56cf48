// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import LegacyWire
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Synchronization
import TrivialDatabase
import Vocabulary
import XDR

/// The address daemon of a node, made up, at its real socket.
final class FakeAddressDaemon {
    enum Said: Sendable {
        case reply([UInt8])
        case refusal(RefusalCode, String)
        case silence
    }

    typealias Rule = @Sendable (UInt32, [UInt8]) -> Said

    private final class Shared: Sendable {
        let asked = Mutex<[(procedure: UInt32, payload: [UInt8])]>([])
        let isOver = Mutex(false)
    }

    private let shared = Shared()

    /// The controls that came, in order.
    var controls: [IPControl] {
        shared.asked.withLock { $0 }.filter { $0.procedure == PeerProtocol.ipControl }
            .compactMap { try? IPControl.decode($0.payload[...]) }
    }

    /// What came of a procedure.
    func asked<Request: XDRCodable>(_ procedure: UInt32, _: Request.Type) -> [Request] {
        shared.asked.withLock { $0 }.filter { $0.procedure == procedure }
            .compactMap { try? Request.decode($0.payload[...]) }
    }

    init(in directory: String, _ rule: @escaping Rule) {
        let isBound = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [shared] in
            Self.serve(directory, shared, rule, isBound)
        }
        isBound.wait()
    }

    func end() { shared.isOver.withLock { $0 = true } }

    private static func serve(
        _ directory: String, _ shared: Shared, _ rule: @escaping Rule,
        _ isBound: DispatchSemaphore
    ) {
        guard let loop = try? EventLoop(), let instance = try? PeerEndpoint.newInstance(),
            let endpoint = try? PeerEndpoint(
                directory: directory, service: .address, instance: instance, loop: loop)
        else { return _ = isBound.signal() }
        endpoint.received = { [unowned endpoint] inbound in
            guard let handle = inbound.handle else { return }
            let payload = Array(inbound.payload)
            shared.asked.withLock { $0.append((inbound.procedure, payload)) }
            switch rule(inbound.procedure, payload) {
            case .silence: break
            case .reply(let bytes): endpoint.answer(handle, .reply(bytes[...]))
            case .refusal(let code, let text):
                let refusal = (try? Refusal(code: code, text: text).encoded()) ?? []
                endpoint.answer(handle, .refusal(refusal[...]))
            }
        }
        isBound.signal()
        while !shared.isOver.withLock({ $0 }) {
            _ = try? loop.iterate(until: EventLoop.clock().advanced(by: .milliseconds(50)))
        }
        endpoint.close()
    }
}

extension FakeAddressDaemon.Said {
    /// An answer to a control, as ctdbd would give it.
    static func control(_ reply: ControlReply) -> Self {
        guard let reply = try? reply.encode(layout: .native),
            let bytes = try? IPControlReply(
                status: reply.status, error: reply.errorText, data: Array(reply.data), term: 0
            ).encoded()
        else { return .silence }
        return .reply(bytes)
    }

    /// An answer to another procedure.
    static func value(_ value: some XDRCodable) -> Self {
        (try? value.encoded()).map { .reply($0) } ?? .silence
    }
}

/// A node's folders, in which the address function has moved on some nodes.
struct AddressPlace {
    let scratch: ScratchDirectory
    let variables: [String: String]
    /// The directory of the daemons' sockets.
    var directory: String { scratch.path + "/run" }

    init(native: [UInt32] = [], finalised: [UInt32] = [], isDamaged: Bool = false) throws {
        scratch = try ScratchDirectory()
        variables = [
            "CTDB_BASE": scratch.path, "CTDB_RUN_DIRECTORY": scratch.path + "/run",
            "USER": "alice",
        ]
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/run", withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        try scratch.write(
            Array("[database]\npersistent database directory = \(scratch.path)\n".utf8),
            to: "ctdb.conf")
        let moved = native + finalised
        guard !moved.isEmpty || isDamaged else { return }
        var table = StageTable.empty
        var log: StageLog? = .empty
        let steps: [(StageVerb, [UInt32])] = [
            (.prepare, moved), (.switch, moved), (.complete, finalised),
        ]
        for (verb, nodes) in steps where !nodes.isEmpty {
            _ = try table.apply(
                StageChange(
                    verb, .ip, on: nodes.map { PNN(rawValue: $0) },
                    basis: .table(epoch: table.epoch), who: "admin", origin: PNN(rawValue: 0),
                    reason: "a test", time: 1_700_000_000_000), log: &log)
        }
        let file = try DatabaseFile(
            path: scratch.file("tablecloth_stages.tdb.0"), access: .creating(),
            options: .persistent)
        var writer = LegacyLayout.native.writer()
        RecordHeader(rsn: RSN(rawValue: 1), dmaster: PNN(rawValue: 0))
            .encode(into: &writer, layout: .native)
        var bytes = try table.encoded()
        if isDamaged { bytes.removeLast() }
        try file.store(StageTable.key, writer.finish(), bytes)
        file.close()
    }
}
