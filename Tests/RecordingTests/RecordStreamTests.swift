// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Recording
import Testing
import XDR

@Suite struct RecordStreamTests {
    private func record(_ count: Int, magic: UInt32 = PeerProtocol.recordMagic) -> [UInt8] {
        let front = RecordFront(
            magic: magic, kind: .frameIn, length: UInt32(count), peerService: .event,
            peerInstance: Instance(rawValue: 7), timeNanoseconds: 9, lostRecords: 1, lostBytes: 2)
        return front.encoded() + [UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count)
    }

    @Test(arguments: [1, 7, 43, 44, 45, 1_000])
    func recordsComeOutOfPiecesOfAnySize(size: Int) throws {
        let sizes = [0, 1, 300, 44, 0, 5]
        let bytes = sizes.flatMap { record($0) }
        var stream = RecordStream()
        var found: [Int] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            stream.append(Array(bytes[start..<min(start + size, bytes.count)]))
            while let next = try stream.next() {
                #expect(next.bytes.allSatisfy { $0 == UInt8(truncatingIfNeeded: next.bytes.count) })
                #expect(next.front.peerService == .event)
                found.append(next.bytes.count)
            }
        }
        #expect(found == sizes)
    }

    @Test func whatIsNoRecordEndsIt() throws {
        var stream = RecordStream()
        stream.append(record(3) + record(3, magic: 1))
        #expect(try stream.next()?.bytes.count == 3)
        for _ in 0..<2 {
            #expect(throws: WireError.self) { try stream.next() }
            stream.append(record(3))
        }
    }

    @Test func aLengthIsNotBelieved() throws {
        var bytes = record(0)
        bytes.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0xFF])
        var stream = RecordStream()
        stream.append(bytes)
        let error = #expect(throws: WireError.self) { try stream.next() }
        #expect(error?.field == "length")
    }
}
