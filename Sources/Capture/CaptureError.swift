// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// Why a capture can not be read on, or not be written.
public enum CaptureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file is neither pcap nor pcapng.
    case notACapture(magic: UInt32)
    /// The file is of a form or version that nobody here knows.
    case unknownForm(String)
    /// A block or record can not be read, nor where the next one begins.
    case damaged(WireError, fileOffset: UInt64)
    /// A packet names an interface that the file does not have.
    case noSuchInterface(Int)
    /// A packet has more bytes than readers take.
    case packetTooLarge(byteCount: Int, limit: Int)

    /// One line for people.
    public var description: String {
        switch self {
        case .notACapture(let magic):
            "neither pcap nor pcapng: it begins with 0x\(String(magic, radix: 16))"
        case .unknownForm(let form): "not a form of capture that is known here: \(form)"
        case .damaged(let error, let offset): "damaged at byte \(offset): \(error)"
        case .noSuchInterface(let number): "there is no interface \(number)"
        case .packetTooLarge(let count, let limit):
            "a packet of \(count) bytes is over the limit of \(limit)"
        }
    }
}
