// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// One thing that a capture file has in it.
public enum CaptureItem: Equatable, Sendable {
    /// A section begins; a pcap file is one, of which nothing is known.
    case section(CaptureSection)
    /// An interface, which `CaptureFileReader.interfaces` has at this place.
    case interface(Int)
    /// A packet.
    case packet(RawPacket)
    /// Names of addresses.
    case names([HostName])
    /// What an interface counted.
    case statistics(InterfaceStatistics)
    /// A block of a kind that is not known here, or of no use.
    case passedOver(type: UInt32, byteCount: Int)
    /// A block whose contents can not be read; what follows can.
    case unreadable(WireError, fileOffset: UInt64)
}

/// Reads a pcap or pcapng file, as it comes.
///
/// Append what a read returned, then take items until there is none. A packet that lies in one
/// piece of the file shares the storage of what was appended, and keeps it alive. Memory grows with
/// what has arrived, never with what a length announces.
///
/// - Invariant: after an error nothing comes any more: where the next block begins is not known.
/// - Errors: `.notACapture`, `.unknownForm`, `.damaged`.
/// - Source: the specifications of the pcap and pcapng file formats.
public struct CaptureFileReader: Sendable {
    /// The longest block or record to read, in bytes; Wireshark has the same limit.
    public static let blockLimit = 16 << 20
    /// How many interfaces a file may have.
    public static let interfaceLimit = 16_384

    /// How the file is written.
    private enum Form {
        case unknown
        case pcap(PcapForm)
        case pcapng(PcapngSection)
    }

    private var buffer = PieceBuffer()
    private var form = Form.unknown
    private var failure: CaptureError?
    /// The interfaces of all sections so far.
    public private(set) var interfaces: [CaptureInterface] = []

    /// Starts at the beginning of a file.
    public init() {}

    /// Appends the next bytes of the file; take every item first, so that nothing is copied.
    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard failure == nil, !bytes.isEmpty else { return }
        buffer.append(bytes)
    }

    /// The bytes of an unfinished block: when the file ends with any, it was cut off there.
    public var pendingByteCount: Int { buffer.byteCount }

    /// Where the next item begins, in bytes from the beginning of the file.
    public var fileOffset: UInt64 { buffer.takenByteCount }

    /// Takes the next item.
    ///
    /// - Returns: the item, or nil when more bytes are needed.
    /// - Throws: `CaptureError` when the file can not be read on, and from then on every time.
    public mutating func next() throws(CaptureError) -> CaptureItem? {
        if let failure { throw failure }
        do throws(CaptureError) {
            switch form {
            case .unknown: return try begin()
            case .pcap(let form): return try nextRecord(form)
            case .pcapng(let section): return try nextBlock(section)
            }
        } catch {
            failure = error
            buffer = PieceBuffer()
            throw error
        }
    }

    private mutating func begin() throws(CaptureError) -> CaptureItem? {
        guard let start = buffer.front(4) else { return nil }
        if PcapngSection.isBeginning(start) { return try nextBlock(PcapngSection()) }
        let offset = buffer.takenByteCount
        guard let bytes = buffer.front(PcapForm.headerByteCount) else {
            // Four bytes tell whether it is worth waiting for more.
            _ = try PcapForm.order(start)
            return nil
        }
        let (form, interface) = try PcapForm.decode(bytes, at: offset)
        _ = buffer.take(PcapForm.headerByteCount)
        self.form = .pcap(form)
        interfaces.append(interface)
        return .section(CaptureSection())
    }

    private mutating func nextRecord(_ form: PcapForm) throws(CaptureError) -> CaptureItem? {
        if !form.hasSaidInterface {
            self.form = .pcap(form.saidInterface)
            return .interface(0)
        }
        let offset = buffer.takenByteCount
        guard let front = buffer.front(PcapForm.recordByteCount) else { return nil }
        let count = try form.recordByteCount(front, at: offset)
        guard let record = buffer.take(count) else { return nil }
        do {
            return .packet(try form.packet(record))
        } catch {
            return .unreadable(error, fileOffset: offset)
        }
    }

    private mutating func nextBlock(
        _ section: PcapngSection
    ) throws(CaptureError) -> CaptureItem? {
        if let (packet, count) = section.usualPacket(buffer.whole, interfaces) {
            buffer.drop(count)
            return .packet(packet)
        }
        let offset = buffer.takenByteCount
        guard let front = buffer.front(PcapngSection.frontByteCount) else { return nil }
        let (type, count, order) = try section.blockFront(front, at: offset)
        guard let block = buffer.take(count) else { return nil }
        do {
            if type == PcapngSection.sectionHeader {
                let header = try PcapngSection.decodeHeader(block, order: order)
                form = .pcapng(PcapngSection(order: order, firstInterface: interfaces.count))
                return .section(header)
            }
            guard type != PcapngSection.interfaceDescription else {
                return .interface(try addInterface(block, of: section))
            }
            return try section.item(type, block, interfaces)
        } catch {
            guard type != PcapngSection.sectionHeader else {
                throw CaptureError.damaged(error, fileOffset: offset)
            }
            return .unreadable(error, fileOffset: offset)
        }
    }

    private mutating func addInterface(
        _ block: ArraySlice<UInt8>, of section: PcapngSection
    ) throws(WireError) -> Int {
        guard interfaces.count < Self.interfaceLimit else {
            throw WireError(
                code: .limitExceeded(
                    value: UInt64(interfaces.count) &+ 1, limit: UInt64(Self.interfaceLimit)),
                type: "CaptureInterface", field: "count", offset: 0)
        }
        interfaces.append(try section.interface(block))
        return interfaces.count &- 1
    }
}
