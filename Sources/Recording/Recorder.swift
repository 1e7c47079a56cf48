// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import PeerWire
import Sockets
import Vocabulary

/// Why nothing is recorded, or no longer.
public enum RecorderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kernel refused.
    case system(SystemError)
    /// A file cannot be written.
    case file(CaptureFileError)

    /// One line for people.
    public var description: String {
        switch self {
        case .system(let error): error.description
        case .file(let error): error.description
        }
    }
}

/// Records what its sources hear, until it is told to stop or a limit is reached.
///
/// Nothing is lost but what a source counts as lost. Behind the end of a recording with a relay the
/// clients that are connected through it stay connected; the process ends when the last one has
/// gone.
public final class Recorder {
    private static let tickMilliseconds: UInt64 = 1_000
    /// Before what is not urgent: who hears the wire needs little time, but needs it at once.
    private static let niceness: Int32 = -15

    private let plan: RecordingPlan
    private let loop: EventLoop
    private let signals: SignalSource
    private let files: RecordingFiles
    private let began: Instant
    private var lock: InstanceLock?
    private var timer: EventLoop.TimerToken?
    private var wire: WireSource?
    private var relay: Relay?
    private var processes: ProcessSource?
    private var relayPackets = RelayPackets()
    private var relayOrigin: RecordingFiles.OriginID?
    /// What stands for the interfaces that were heard; none for a kind that nobody reads.
    private var interfaces: [UInt32: RecordingFiles.OriginID?] = [:]
    private var lastInterface: RecordingFiles.OriginID?
    /// What stands for the interface that was heard last.
    private var latest: (number: UInt32, origin: RecordingFiles.OriginID?) = (0, nil)
    private var services: [Service: RecordingFiles.OriginID] = [:]
    /// How it stands.
    public private(set) var state: RecordingState
    private var sourceIndex: [String: Int] = [:]
    private var failure: RecorderError?

    /// Opens everything that is to be heard, and the first file.
    ///
    /// - Parameter plan: what is recorded.
    /// - Throws: what stands in the way; nothing has changed then.
    public init(_ plan: RecordingPlan) throws(RecorderError) {
        self.plan = plan
        do throws(SystemError) {
            loop = try EventLoop()
            signals = try SignalSource([.terminate, .interrupt])
            try SocketDirectory.prepare(plan.runDirectory)
            lock = try InstanceLock(path: Self.lockPath(plan.name, in: plan.runDirectory))
        } catch {
            throw .system(error)
        }
        began = EventLoop.clock()
        state = RecordingState(
            name: plan.name, pid: Credentials.own.pid,
            began: ProcessEnvironment.wallClockMilliseconds())
        do throws(CaptureFileError) {
            files = try RecordingFiles(
                path: plan.path, limits: plan.limits,
                section: CaptureSection(
                    application: "ctdb capture", system: "Linux",
                    comments: ["recording \(plan.name)"]), now: began)
        } catch {
            throw .file(error)
        }
        do throws(SystemError) {
            try open()
            publish()
        } catch {
            close()
            throw .system(error)
        }
    }

    /// The lock of a recording.
    public static func lockPath(_ name: String, in directory: String) -> String {
        "\(directory)/capture-\(name).lock"
    }

    /// Where a recording says how it stands.
    public static func statePath(_ name: String, in directory: String) -> String {
        "\(directory)/capture-\(name).json"
    }

    /// Records until the end.
    ///
    /// - Returns: how it stood at the end.
    /// - Throws: what made it impossible to go on; what was recorded until then is in the files.
    public func run() throws(RecorderError) -> RecordingState {
        // Without the right to it, more may be lost; that is counted.
        if plan.wire != nil { try? ProcessEnvironment.request(niceness: Self.niceness) }
        do throws(SystemError) {
            _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
                while signals.next() != nil { stopped() }
            }
            timer = loop.makeTimer { [unowned self] in tick() }
            wait()
            try loop.run()
        } catch {
            throw .system(error)
        }
        publish()
        if let failure { throw failure }
        return state
    }

    // MARK: Sources

    private func open() throws(SystemError) {
        if let wanted = plan.wire {
            note("wire", wanted.interface.map { "interface \($0)" })
            wire = try WireSource(wanted, loop: loop) { [unowned self] event in take(event) }
        }
        if let wanted = plan.processes {
            processes = try ProcessSource(
                wanted, directory: plan.runDirectory, name: plan.name, loop: loop
            ) { [unowned self] event in take(event) }
        }
        // Last, for it changes what others see.
        if let path = plan.relaySocket {
            relayOrigin = files.add(RelayPackets.origin(path))
            relay = try Relay(at: path, loop: loop) { [unowned self] event in take(event) }
        }
    }

    private func close() {
        wire?.close()
        wire = nil
        processes?.close()
        processes = nil
        relay?.leave()
    }

    private func source(_ name: String) -> Int {
        if let index = sourceIndex[name] { return index }
        state.sources.append(RecordingState.Source(name))
        sourceIndex[name] = state.sources.count - 1
        return state.sources.count - 1
    }

    private func note(_ name: String, _ text: String?) { state.sources[source(name)].note = text }

    private func lose(_ count: UInt64, _ name: String, _ origin: RecordingFiles.OriginID?) {
        state.sources[source(name)].lost += count
        if let origin { files.lose(count, of: origin) }
    }

    private func record(_ packet: RawPacket, _ origin: RecordingFiles.OriginID, _ index: Int) {
        guard !files.isFinished else { return }
        do throws(CaptureFileError) {
            try files.add(packet, of: origin)
            state.sources[index].packets += 1
        } catch {
            fail(.file(error))
        }
    }

    private func take(_ event: WireSource.Event) {
        let index = source("wire")
        switch event {
        case .packets(let batch):
            guard !files.isFinished else { return }
            let before = files.packetCount
            do throws(CaptureFileError) {
                let bytes = batch.bytes.span
                for packet in batch.packets {
                    guard let origin = interface(packet) else { continue }
                    try files.add(bytes, packet, of: origin)
                }
            } catch {
                fail(.file(error))
            }
            state.sources[index].packets += files.packetCount - before
        case .lost(let count): lose(count, "wire", lastInterface)
        }
    }

    private func interface(_ packet: PacketSocket.Packet) -> RecordingFiles.OriginID? {
        if packet.interface == latest.number, let origin = latest.origin { return origin }
        if let known = interfaces[packet.interface] {
            latest = (packet.interface, known)
            return known
        }
        let origin = wire?.origin(packet.interface, kind: packet.kind).map { files.add($0) }
        interfaces[packet.interface] = origin
        lastInterface = origin ?? lastInterface
        return origin
    }

    private func take(_ event: Relay.Event) {
        let index = source("relay")
        switch event {
        case .request(let client, let packet): record(client, true, packet, index)
        case .reply(let client, let packet): record(client, false, packet, index)
        case .closed(let client):
            relayPackets.forget(client)
            endIfDone()
        case .unreadable(let client, let isRequest, let error):
            let who = isRequest ? "client \(client.number)" : "ctdbd to client \(client.number)"
            state.sources[index].lost += 1
            note("relay", "\(who) sends what is no packet: \(error)")
        case .inPlace(let pid): note("relay", "in front of ctdbd, process \(pid)")
        case .aside: note("relay", "ctdbd has ended; waiting for the next one")
        case .trouble(let error): note("relay", "\(error)")
        case .opened: break
        }
    }

    private func record(
        _ client: Relay.Client, _ isRequest: Bool, _ bytes: ArraySlice<UInt8>, _ index: Int
    ) {
        guard let relayOrigin, !files.isFinished else { return }
        let packet = relayPackets.packet(client, isRequest: isRequest, bytes)
        record(packet, relayOrigin, index)
    }

    private func take(_ event: ProcessSource.Event) {
        switch event {
        case .opened(let service):
            note(service.name, nil)
        case .record(let service, let record):
            let origin = origin(of: service)
            if record.front.lostRecords > 0 {
                lose(UInt64(record.front.lostRecords), service.name, origin)
            }
            guard let packet = ProcessPackets.packet(record) else { return }
            self.record(packet, origin, source(service.name))
        case .closed(let service, let error):
            note(service.name, error.map { "it does not show what it should: \($0)" } ?? "gone")
        case .refused(let service, let why): note(service.name, why)
        }
    }

    private func origin(of service: Service) -> RecordingFiles.OriginID {
        if let known = services[service] { return known }
        let origin = files.add(ProcessPackets.origin(service))
        services[service] = origin
        return origin
    }

    // MARK: Time

    private func wait() {
        if let timer {
            loop.arm(timer, at: loop.now.advanced(byMilliseconds: Self.tickMilliseconds))
        }
    }

    private func tick() {
        defer { wait() }
        guard !files.isFinished else {
            publish()
            return
        }
        wire?.count()
        do throws(CaptureFileError) {
            try files.flush()
            switch step {
            case .goOn: break
            case .nextFile:
                try files.beginNext(at: loop.now)
                relayPackets.beginFile()
            case .end(let reason): finish(reason)
            }
        } catch {
            fail(.file(error))
        }
        publish()
    }

    private var step: RecordingLimits.Step {
        plan.limits.step(
            elapsedSeconds: (loop.now.nanoseconds - began.nanoseconds) / 1_000_000_000,
            fileElapsedSeconds: (loop.now.nanoseconds - files.fileBegan.nanoseconds)
                / 1_000_000_000, packets: files.packetCount, byteCount: files.byteCount,
            fileByteCount: files.fileByteCount)
    }

    // MARK: The end

    private func stopped() {
        if files.isFinished {
            // Asked a second time: whoever is still connected through the relay is not any more.
            relay?.close()
            loop.stop()
        } else {
            finish("it was stopped")
        }
    }

    private func fail(_ error: RecorderError) {
        guard failure == nil else { return }
        failure = error
        finish("\(error)")
    }

    private func finish(_ reason: String) {
        guard state.end == nil else { return }
        state.end = reason
        close()
        do throws(CaptureFileError) {
            try files.finish()
        } catch {
            failure = failure ?? .file(error)
            state.end = "\(error)"
        }
        publish()
        lock = nil
        endIfDone()
    }

    private func endIfDone() {
        if state.end != nil, relay.map({ $0.clientCount == 0 }) ?? true { loop.stop() }
        publishClients()
    }

    private func publishClients() { state.relayedClients = relay?.clientCount ?? 0 }

    private func publish() {
        publishClients()
        state.files = files.paths
        state.packets = files.packetCount
        state.byteCount = files.byteCount
        write(state)
    }

    private func write(_ state: RecordingState) {
        // Who looks finds the old one or the new one; it need not survive the machine.
        try? WholeFile.write(
            Array(state.json.utf8), to: Self.statePath(plan.name, in: plan.runDirectory),
            replaces: true, isSynchronized: false)
    }
}
