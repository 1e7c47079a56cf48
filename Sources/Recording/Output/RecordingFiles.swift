// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import Sockets
import Vocabulary

/// The files of a recording, one after the other.
///
/// Each file is whole by itself: it names the interfaces of its packets and says what was lost.
final class RecordingFiles {
    /// What packets belong to: an interface of this machine, the relay, a process.
    struct Origin: Hashable {
        var name: String
        var about: String?
        var linkType: LinkType
        var filter: String?
        var snapLength: UInt32 = 0
    }

    /// Stands for an origin, in all files.
    struct OriginID: Hashable {
        fileprivate var index: Int
    }

    /// An origin in this file.
    private struct Track {
        var number: Int
        var received: UInt64 = 0
        var lost: UInt64 = 0
    }

    /// What may wait to be written, in bytes.
    private static let waitingByteLimit = 256 << 20

    private let path: String
    private let limits: RecordingLimits
    private let section: CaptureSection
    /// Writes, so that who hears the wire does not wait for a disk.
    private let thread: FileWriter
    private var output: CaptureOutput
    private var origins: [Origin] = []
    private var tracks: [Track?] = []
    private var fileNumber = 1
    private var finishedByteCount: UInt64 = 0
    private(set) var fileBegan: Instant
    /// The files that are there.
    private(set) var paths: [String]
    /// The packets in all files.
    private(set) var packetCount: UInt64 = 0
    /// The last file has ended.
    private(set) var isFinished = false

    /// Begins the first file.
    init(
        path: String, limits: RecordingLimits, section: CaptureSection, now: Instant
    ) throws(CaptureFileError) {
        self.path = path
        self.limits = limits
        self.section = section
        fileBegan = now
        let first = limits.filePath(path, number: 1)
        do {
            thread = try FileWriter(limit: Self.waitingByteLimit)
        } catch {
            throw .system(error)
        }
        output = try CaptureOutput(path: first, section: section, thread: thread)
        paths = [first]
        // Whoever looks at once finds a file that is one.
        try output.flush()
        try waitForThread()
    }

    deinit { thread.close() }

    /// The bytes of this file.
    var fileByteCount: UInt64 { output.writtenByteCount }
    /// The bytes of all files.
    var byteCount: UInt64 { finishedByteCount + output.writtenByteCount }

    /// Makes an origin known.
    func add(_ origin: Origin) -> OriginID {
        if let index = origins.firstIndex(of: origin) { return OriginID(index: index) }
        origins.append(origin)
        tracks.append(nil)
        return OriginID(index: origins.count - 1)
    }

    /// Records a packet.
    ///
    /// - Parameters:
    ///   - packet: the packet; its interface is set here.
    ///   - origin: what it belongs to.
    /// - Throws: what cannot be written.
    func add(_ packet: RawPacket, of origin: OriginID) throws(CaptureFileError) {
        var packet = packet
        packet.interface = begin(origin)
        tracks[origin.index]?.received += 1
        packetCount += 1
        try output.add(packet)
    }

    /// Records a packet as the kernel has handed it over.
    func add(
        _ bytes: Span<UInt8>, _ packet: PacketSocket.Packet, of origin: OriginID
    ) throws(CaptureFileError) {
        let number = begin(origin)
        tracks[origin.index]?.received += 1
        packetCount += 1
        try output.add(
            bytes.extracting(packet.range),
            at: CaptureTime(nanoseconds: Int64(clamping: packet.time)), interface: number,
            direction: packet.isOutgoing ? .outbound : .inbound,
            originalByteCount: packet.originalByteCount)
    }

    /// Notes that something could not be recorded.
    func lose(_ count: UInt64, of origin: OriginID) {
        guard count > 0, !isFinished else { return }
        _ = begin(origin)
        tracks[origin.index]?.lost += count
    }

    /// Gives everything to the thread that writes.
    func flush() throws(CaptureFileError) { try output.flush() }

    /// Ends this file and begins the next one.
    func beginNext(at now: Instant) throws(CaptureFileError) {
        try finishFile()
        finishedByteCount += output.writtenByteCount
        fileNumber += 1
        let next = limits.filePath(path, number: fileNumber)
        output = try CaptureOutput(path: next, section: section, thread: thread)
        try output.flush()
        fileBegan = now
        tracks = tracks.map { _ in nil }
        paths.append(next)
        while let kept = limits.keptFileCount, paths.count > max(1, kept) {
            RegularFile.remove(paths.removeFirst())
        }
    }

    /// Ends the last file.
    func finish() throws(CaptureFileError) {
        guard !isFinished else { return }
        isFinished = true
        try finishFile()
        try waitForThread()
    }

    private func waitForThread() throws(CaptureFileError) {
        do {
            try thread.finish()
        } catch {
            throw .system(error)
        }
    }

    private func finishFile() throws(CaptureFileError) {
        let time = CaptureTime(
            nanoseconds: Int64(clamping: ProcessEnvironment.wallClockNanoseconds()))
        for track in tracks.compactMap({ $0 }) {
            try output.add(
                InterfaceStatistics(
                    interface: track.number, time: time, received: track.received + track.lost,
                    dropped: track.lost))
        }
        try output.flush()
    }

    /// The number of an origin in this file.
    private func begin(_ id: OriginID) -> Int {
        if let track = tracks[id.index] { return track.number }
        let origin = origins[id.index]
        let number = output.add(
            CaptureInterface(
                linkType: origin.linkType, name: origin.name, about: origin.about,
                filter: origin.filter, snapLength: origin.snapLength))
        tracks[id.index] = Track(number: number)
        return number
    }
}
