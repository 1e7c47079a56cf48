// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import Sockets

/// A pcapng file that is being written.
///
/// Blocks are written whole, so that a file whose writer was killed can be read. What has not been
/// flushed yet is lost then, and what a `FileWriter` has not written.
public final class CaptureOutput {
    /// How many bytes are collected before they are written.
    private static let bufferByteCount = 1 << 18

    /// Where the file is.
    public let path: String
    private let file: RegularFile
    private let thread: FileWriter?
    private var writer: PcapngWriter
    /// How many bytes have been written, or given to the thread that writes.
    public private(set) var writtenByteCount: UInt64 = 0

    /// Begins a file for its owner only, or empties the one that is there.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - section: what is said about it.
    ///   - thread: what writes the file; nil has each piece written before anything goes on.
    /// - Throws: what the kernel answered.
    public convenience init(
        path: String, section: CaptureSection, thread: FileWriter? = nil
    ) throws(CaptureFileError) {
        do {
            self.init(
                file: try RegularFile(path: path, for: .replacing(permissions: 0o600)),
                section: section, thread: thread)
        } catch {
            throw .system(error)
        }
    }

    /// Begins a file that has been opened.
    public init(file: RegularFile, section: CaptureSection, thread: FileWriter? = nil) {
        path = file.path
        self.thread = thread
        self.file = file
        writer = PcapngWriter(section)
    }

    /// Adds an interface.
    ///
    /// - Returns: the number that its packets name.
    public func add(_ interface: CaptureInterface) -> Int { writer.add(interface) }

    /// Adds a packet.
    ///
    /// - Throws: `.capture` when the packet can not be written, or what the kernel answered.
    public func add(_ packet: RawPacket) throws(CaptureFileError) {
        do {
            try writer.add(packet)
        } catch {
            throw .capture(error, path: path)
        }
        if writer.byteCount >= Self.bufferByteCount { try flush() }
    }

    /// Adds a packet of which everything was kept and nobody noted anything, at less cost.
    ///
    /// - Throws: as for any other packet.
    public func add(
        _ bytes: Span<UInt8>, at time: CaptureTime, interface: Int,
        direction: RawPacket.Direction, originalByteCount: Int
    ) throws(CaptureFileError) {
        do {
            try writer.add(
                bytes, at: time, interface: interface, direction: direction,
                originalByteCount: originalByteCount)
        } catch {
            throw .capture(error, path: path)
        }
        if writer.byteCount >= Self.bufferByteCount { try flush() }
    }

    /// Adds what an interface counted.
    ///
    /// - Throws: `.capture` when there is no such interface.
    public func add(_ statistics: InterfaceStatistics) throws(CaptureFileError) {
        do {
            try writer.add(statistics)
        } catch {
            throw .capture(error, path: path)
        }
    }

    /// Adds names of addresses.
    public func add(_ names: [HostName]) { writer.add(names) }

    /// Gives everything to the kernel, or to the thread that does so.
    ///
    /// - Throws: what the kernel answered.
    public func flush() throws(CaptureFileError) {
        let bytes = writer.take()
        guard !bytes.isEmpty else { return }
        do {
            if let thread { try thread.write(bytes, to: file) } else { try file.write(bytes) }
        } catch {
            throw .system(error)
        }
        writtenByteCount &+= UInt64(bytes.count)
    }
}
