// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Checksum
import Glibc
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// A daemon that logs what it receives.
final class Receiver {
    /// A stream that is being read.
    private struct Reading {
        var name: String
        var checksum = CRC32C()
        var byteCount = 0
        /// What has come and is not used up yet.
        var waiting = 0
    }

    private static let paceMilliseconds: UInt64 = 20

    private let loop: EventLoop
    private let signals: SignalSource
    private let endpoint: PeerEndpoint
    private let log: TrafficLog
    private let isMute: Bool
    private let pace: Int
    private var readings: [StreamKey: Reading] = [:]
    private var timer: EventLoop.TimerToken?
    private var failure: (any Error)?

    init(_ options: CommonOptions, mute: Bool, pace: Int) throws {
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt])
        log = try TrafficLog(options.log)
        isMute = mute
        self.pace = pace
        endpoint = try PeerEndpoint(
            directory: options.runDirectory, service: options.service,
            instance: try PeerEndpoint.newInstance(), loop: loop)
        endpoint.received = { [unowned self] inbound in receive(inbound) }
        endpoint.streamed = { [unowned self] event in stream(event) }
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while signals.next() != nil { loop.stop() }
        }
        timer = loop.makeTimer { [unowned self] in tick() }
    }

    func run() throws {
        tick()
        try loop.run()
        endpoint.close()
        if let failure { throw failure }
    }

    private func receive(_ inbound: Inbound) {
        let sum = crc(inbound.payload)
        write(
            "\(hex(inbound.source.instance.rawValue)) \(hex(inbound.id)) \(inbound.procedure) "
                + "\(inbound.payload.count) \(sum) \(inbound.source.node)")
        if let handle = inbound.handle, !isMute {
            endpoint.answer(handle, .reply(inbound.payload))
        }
    }

    // MARK: Streams

    private func stream(_ event: StreamEvent) {
        switch event {
        case .opened(let key, let name):
            readings[key] = Reading(name: name)
            endpoint.stream(.accept(key))
        case .bytes(let key, let bytes):
            readings[key]?.checksum.update(bytes)
            readings[key]?.byteCount += bytes.count
            readings[key]?.waiting += bytes.count
            if pace == 0 { use(bytes.count, of: key) }
        case .ended(let key, let result, let reason):
            guard let reading = readings.removeValue(forKey: key) else { return }
            write(
                "stream \(reading.name) \(reading.byteCount) "
                    + "\(hex(UInt64(reading.checksum.value))) \(result) \(reason)")
            if result == .complete { endpoint.stream(.end(key, .complete, reason: "")) }
        case .opening, .drained: break
        }
    }

    private func use(_ count: Int, of key: StreamKey) {
        readings[key]?.waiting -= count
        endpoint.stream(.consumed(key, count))
    }

    /// Reads at the pace that was asked for, and ends when the parent has.
    private func tick() {
        if getppid() == 1 { loop.stop() }
        for (key, reading) in readings where pace > 0 && reading.waiting > 0 {
            use(min(pace, reading.waiting), of: key)
        }
        guard let timer else { return }
        loop.arm(timer, at: loop.now.advanced(byMilliseconds: Self.paceMilliseconds))
    }

    /// A line that cannot be written must not be acknowledged: the process ends at once.
    private func write(_ line: String) {
        do { try log.write(line) } catch { exit(74) }
    }
}
