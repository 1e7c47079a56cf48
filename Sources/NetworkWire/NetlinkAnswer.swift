// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

/// The kernel's answer to a question or an order.
///
/// - Shape: a negative error number (32 bits), or 0; the header of the question, 16 bytes; unless
///   the message is capped, the rest of the question; then attributes if the message has any.
/// - Errors: `.truncated`, and those of attributes.
/// - Source: `struct nlmsgerr` and `enum nlmsgerr_attrs`, linux/netlink.h.
public struct NetlinkAnswer: Equatable, Sendable {
    /// The error number, 0 when all is well.
    public var errorNumber: Int32
    /// The sequence number of the question.
    public var sequence: UInt32
    /// The kernel's words on what is wrong, where it has any.
    public var text: String?

    private static let textType: UInt16 = 1

    /// Makes an answer.
    public init(errorNumber: Int32, sequence: UInt32, text: String? = nil) {
        self.errorNumber = errorNumber
        self.sequence = sequence
        self.text = text
    }

    /// Reads the body of a message of the kind `answer`.
    public static func decode(_ message: NetlinkMessage) throws(WireError) -> Self {
        var reader = ByteReader(message.body, order: .native)
        let code = try reader.readInt32("error", of: "NetlinkAnswer")
        let length = try reader.readUInt32("length", of: "NetlinkAnswer")
        try reader.skip(4, "question", of: "NetlinkAnswer")
        let sequence = try reader.readUInt32("sequence", of: "NetlinkAnswer")
        try reader.skip(4, "question", of: "NetlinkAnswer")
        var text: String?
        if message.flags.contains(.hasAttributes) {
            if !message.flags.contains(.capped) {
                let count = Int(length) &- NetlinkMessage.headerByteCount
                try reader.skip(
                    count &+ NetlinkMessage.filling(max(count, 0)), "question",
                    of: "NetlinkAnswer")
            }
            text = try NetlinkAttribute.decodeAll(from: &reader)[type: textType]?.text
        }
        // No error number is the lowest there is.
        return Self(errorNumber: 0 &- code, sequence: sequence, text: text)
    }
}
