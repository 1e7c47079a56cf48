// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import Vocabulary

extension Parser {
    /// Those of captures.
    static let captures: [Parser] = [captureFiles, segments]

    /// Files of captures, with everything in them: blocks, link layers, IP, TCP, packets.
    static let captureFiles = Parser(
        "capture-file", allowance: Allowance(perByte: 8, constant: 1 << 20),
        seeds: { fixtures in
            // The beginnings of long ones: a file may end anywhere.
            let files = fixtures.filter(\.isCapture).map { Array($0.bytes.prefix(2_048)) }
            return files + Recording.files(fixtures)
        },
        decode: { input -> Int? in
            var reader = CaptureFileReader()
            var decoder = CaptureDecoder()
            var seen = 0
            // In two pieces, so that one is in the middle of something.
            let middle = input.startIndex + input.count / 2
            for part in [input[..<middle], input[middle...]] {
                reader.append(part)
                while let item = try reader.next() {
                    decoder.take(item, interfaces: reader.interfaces)
                    while decoder.next() != nil { seen += 1 }
                }
            }
            decoder.finish()
            while decoder.next() != nil { seen += 1 }
            return seen
        })

    /// Segments of one connection.
    ///
    /// Each piece of the script is where in the stream a segment is
    /// from, how long it is, and what is changed in its headers.
    ///
    /// What comes out of unchanged segments, in whatever order and however often, are packets of
    /// the stream in their order, and no others.
    static let segments = Parser(
        "tcp-segments", allowance: Allowance(perByte: 256, constant: 1 << 20),
        seeds: { _ in
            let whole = stride(from: 0, to: Recording.stream.count, by: 200).map { ($0, 200) }
            let mixed = whole.enumerated().sorted { $0.offset * 7 % 11 < $1.offset * 7 % 11 }
            return [whole, whole.reversed(), mixed.map(\.element), whole + whole].map { segments in
                Recording.script(segments)
            }
        },
        decode: { input -> [ArraySlice<UInt8>]? in try Recording.packets(of: input) },
        check: { packets, input in
            guard Recording.isUnchanged(input) else { return nil }
            var rest = Recording.packets[...]
            for packet in packets {
                guard let place = rest.firstIndex(where: { $0.elementsEqual(packet) }) else {
                    return "a packet that is not in the stream, or not there"
                }
                rest = rest[(place + 1)...]
            }
            return nil
        })
}
