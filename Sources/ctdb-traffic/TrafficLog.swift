// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import Checksum
import Foundation

/// A file to which whole lines are appended, each in the kernel's hands before `write` returns.
final class TrafficLog {
    private let file: FileHandle

    init(_ path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw ValidationError("not writable: \(path)")
        }
        self.file = file
        _ = try file.seekToEnd()
    }

    func write(_ line: String) throws {
        try file.write(contentsOf: Data((line + "\n").utf8))
    }
}

/// The checksum as it stands in a log.
func crc(_ bytes: ArraySlice<UInt8>) -> String { hex(UInt64(CRC32C.checksum(of: bytes))) }

/// A number as it stands in a log.
func hex(_ number: UInt64) -> String { String(number, radix: 16) }

/// Bytes that only a message of this number and size has.
func content(of sequence: UInt32, byteCount: Int) -> [UInt8] {
    var state = UInt64(sequence) &* 0x9E37_79B9_7F4A_7C15 | 1
    var block: [UInt8] = []
    for _ in 0..<min(byteCount, 4_093) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        block.append(UInt8(truncatingIfNeeded: state >> 56))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    while bytes.count < byteCount {
        bytes.append(contentsOf: block.prefix(byteCount - bytes.count))
    }
    return bytes
}
