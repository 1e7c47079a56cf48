// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire

/// Records as the legacy tool prints them.
enum RecordText {
    /// Key or data: the number of bytes, and what of them can be printed.
    static func dump(_ name: String, _ bytes: some Collection<UInt8>) -> RawText {
        var text: [UInt8] = Array("\(name)(\(bytes.count)) = \"".utf8)
        for byte in bytes {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\")
            {
                text.append(byte)
            } else {
                let digits = FixedPoint.hexadecimal(UInt32(byte), uppercase: true)
                text += Array("\\\(digits.suffix(2))".utf8)
            }
        }
        return RawText(bytes: text + Array("\"\n".utf8))
    }

    /// What ctdbd knows about a record.
    static func dump(_ header: RecordHeader) -> RawText {
        let names: [(String, RecordFlags)] = [
            ("MIGRATED_WITH_DATA", .migratedWithData), ("VACUUM_MIGRATED", .vacuumMigrated),
            ("AUTOMATIC", .automatic), ("RO_HAVE_DELEGATIONS", .readOnlyHasDelegations),
            ("RO_HAVE_READONLY", .readOnlyCopy), ("RO_REVOKING_READONLY", .readOnlyRevoking),
            ("RO_REVOKE_COMPLETE", .readOnlyRevoked),
        ]
        let words = names.filter { header.flags.contains($0.1) }.map { " " + $0.0 }.joined()
        let flags = FixedPoint.hexadecimal(header.flags.rawValue)
        return """
            dmaster: \(header.dmaster.rawValue)
            rsn: \(header.rsn.rawValue)
            flags: 0x\(flags)\(words)

            """
    }

    /// A whole record and an empty line.
    static func dump(
        _ header: RecordHeader, key: some Collection<UInt8>, value: some Collection<UInt8>
    ) -> RawText {
        dump("key", key) + dump(header) + dump("data", value) + "\n"
    }

    /// Data as C prints a string of at most so many bytes: it ends at a NUL.
    static func plain(_ value: [UInt8]) -> RawText { RawText(bytes: value.prefix { $0 != 0 }) }
}
