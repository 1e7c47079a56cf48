// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct SmallFileTests {
    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 50_000])
    func allBytesAreRead(count: Int) throws {
        let directory = try ScratchDirectory()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        try directory.write(bytes, to: "f")
        let isWhole = try SmallFile.read(directory.file("f"), limit: count) == bytes
        #expect(isWhole)
        guard count > 0 else { return }
        let error = #expect(throws: SystemError.self) {
            try SmallFile.read(directory.file("f"), limit: count - 1)
        }
        #expect(error?.errno == EFBIG)
    }

    @Test func aDirectoryIsNoFile() throws {
        let directory = try ScratchDirectory()
        let error = #expect(throws: SystemError.self) {
            try SmallFile.read(directory.path, limit: 10)
        }
        #expect(error?.call == "read")
        #expect(error?.errno == EISDIR)
    }
}
