// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture

/// Hexadecimal digits, with spaces and line ends anywhere, as bytes.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
}

/// Everything in a file that is given to the reader in pieces of a size, and what went wrong.
func items(
    _ bytes: [UInt8], pieces size: Int = .max
) -> (items: [CaptureItem], interfaces: [CaptureInterface], error: CaptureError?, pending: Int) {
    var reader = CaptureFileReader()
    var items: [CaptureItem] = []
    var start = 0
    while start < bytes.count {
        let end = start + min(size, bytes.count - start)
        reader.append(bytes[start..<end])
        start = end
        do {
            while let item = try reader.next() { items.append(item) }
        } catch {
            return (items, reader.interfaces, error, reader.pendingByteCount)
        }
    }
    return (items, reader.interfaces, nil, reader.pendingByteCount)
}

/// Valid bytes made to lie: each interesting number at each place, and an end at each byte.
func mutations(of input: [UInt8], order: ByteOrder) -> [[UInt8]] {
    var result = (0..<input.count).map { Array(input[..<$0]) }
    for offset in stride(from: 0, through: input.count - 4, by: 4) {
        var reader = ByteReader(input[offset...], order: order)
        guard let value = try? reader.readUInt32("value", of: "Mutation") else { continue }
        for number: UInt32 in [
            0, 1, value &- 1, value &+ 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max,
        ] {
            var writer = ByteWriter(order: order, appendingTo: input)
            writer.patch(number, at: offset)
            result.append(writer.finish())
        }
    }
    return result
}
