// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Checksum
import Glibc
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// A client that logs what it sends and what becomes of it.
final class Sender {
    private static let tickMilliseconds: UInt64 = 10
    private static let chunkByteCount = 100_000

    private let loop: EventLoop
    private let signals: SignalSource
    private let endpoint: PeerEndpoint
    private let log: TrafficLog
    private let options: SendCommand
    private let sizes: [Int]
    private var timer: EventLoop.TimerToken?
    private let begin: Instant
    private var sent: UInt32 = 0
    private var underWay = 0
    private var isStopping = false
    private var stream: StreamKey?
    private var checksum = CRC32C()
    private var written = 0
    private var hasStreamEnded = false

    init(_ options: SendCommand) throws {
        self.options = options
        sizes = try options.sizes()
        loop = try EventLoop()
        begin = loop.now
        signals = try SignalSource([.terminate, .interrupt])
        log = try TrafficLog(options.common.log)
        endpoint = try PeerEndpoint(
            directory: options.common.runDirectory, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: loop)
        endpoint.streamed = { [unowned self] event in take(event) }
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while signals.next() != nil { isStopping = true }
        }
        timer = loop.makeTimer { [unowned self] in tick() }
    }

    func run() throws {
        write("instance \(hex(endpoint.address.instance.rawValue))")
        if options.kind == .stream {
            endpoint.stream(
                .open(
                    token: 1, to: destination, name: hex(endpoint.address.instance.rawValue),
                    lane: options.urgent ? .urgent : .normal))
        }
        tick()
        while !isDone { try loop.iterate() }
        endpoint.close()
    }

    private var destination: Address {
        Address(
            node: options.node, service: options.common.service, instance: Instance(rawValue: 0))
    }

    private var isDone: Bool {
        if options.kind == .stream { return hasStreamEnded }
        let hasAll = isStopping || (options.count > 0 && Int(sent) == options.count)
        return hasAll && underWay == 0
    }

    /// Sends what the rate allows by now, and ends when the parent has.
    private func tick() {
        if getppid() == 1 { exit(1) }
        if options.kind != .stream { pump() }
        guard let timer else { return }
        loop.arm(timer, at: loop.now.advanced(byMilliseconds: Self.tickMilliseconds))
    }

    // MARK: Messages

    private func pump() {
        while !isStopping, underWay < options.outstanding,
            options.count == 0 || Int(sent) < options.count, isTimeForMore
        {
            sendOne()
        }
    }

    private var isTimeForMore: Bool {
        guard options.rate > 0 else { return true }
        let due = UInt64(begin.milliseconds(until: loop.now)) * UInt64(options.rate) / 1_000
        return UInt64(sent) <= due
    }

    private func sendOne() {
        let sequence = sent
        sent += 1
        underWay += 1
        let payload = content(of: sequence, byteCount: sizes[Int(sequence) % sizes.count])
        write("sent \(sequence) \(payload.count) \(crc(payload[...]))")
        let since = EventLoop.clock()
        endpoint.send(
            to: destination, options.kind == .request ? .request : .message,
            lane: options.urgent ? .urgent : .normal, procedure: sequence, payload: payload[...],
            timeoutMilliseconds: options.timeout,
            reply: { [unowned self] reply in
                write(
                    "reply \(sequence) \(reply.source.node) \(reply.payload.count) "
                        + crc(reply.payload))
            },
            completion: { [unowned self] completion in
                underWay -= 1
                let elapsed = since.milliseconds(until: EventLoop.clock())
                write("done \(sequence) \(describe(completion)) \(elapsed)")
                if options.rate == 0 { pump() }
            })
    }

    private func describe(_ completion: Completion) -> String {
        switch completion {
        case .delivered: return "delivered"
        case .answered(let reply): return "answered \(reply.payload.count) \(crc(reply.payload))"
        case .failed(let code, let possibly):
            return "failed \(code) \(possibly ? "possibly" : "never")"
        case .broadcast(let reached, let failed):
            let good = reached.sorted().map { "\($0)" }.joined(separator: ",")
            let bad = failed.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
            return "broadcast \(good.isEmpty ? "-" : good) "
                + (bad.isEmpty ? "-" : bad.joined(separator: ","))
        }
    }

    // MARK: A stream

    private func take(_ event: StreamEvent) {
        switch event {
        case .opening(_, let key):
            stream = key
            writeStream()
        case .drained: writeStream()
        case .ended(_, let result, let reason):
            write("stream \(written) \(hex(UInt64(checksum.value))) \(result) \(reason)")
            hasStreamEnded = true
        case .opened, .bytes: break
        }
    }

    private func writeStream() {
        guard let stream else { return }
        let rest = options.count - written
        guard rest > 0 else {
            endpoint.stream(.end(stream, .complete, reason: ""))
            return
        }
        let bytes = content(of: sent, byteCount: min(rest, Self.chunkByteCount))[...]
        sent += 1
        written += bytes.count
        checksum.update(bytes)
        write("written \(written)")
        endpoint.stream(.write(stream, bytes))
    }

    private func write(_ line: String) {
        do { try log.write(line) } catch { exit(74) }
    }
}
