// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct StreamSocketTests {
    @Test func whatIsWrittenIsReadUntilTheOtherEndCloses() throws {
        var scratch = [UInt8](repeating: 0, count: 4)
        var pair: (near: StreamSocket, far: StreamSocket)? = try StreamSocket.pair()
        let far = try #require(pair?.far)
        #expect(far.read(into: &scratch) == .wouldBlock)
        #expect(pair?.near.write([1, 2, 3, 4, 5, 6], from: 1) == .wrote(5))
        pair = nil
        #expect(far.read(into: &scratch) == .bytes([2, 3, 4, 5]))
        #expect(far.read(into: &scratch) == .bytes([6]))
        #expect(far.read(into: &scratch) == .closed)
        #expect(far.write([1]) == .closed)
    }

    @Test func piecesAreWrittenInOrder() throws {
        let (near, far) = try StreamSocket.pair()
        var scratch = [UInt8](repeating: 0, count: 64)
        let pieces: [ArraySlice<UInt8>] = [[1, 2, 3], [], [4], [5, 6]]
        #expect(near.write(pieces: pieces[...], from: 2) == .wrote(4))
        #expect(far.read(into: &scratch) == .bytes([3, 4, 5, 6]))
        #expect(near.write(pieces: pieces[2...]) == .wrote(3))
        #expect(far.read(into: &scratch) == .bytes([4, 5, 6]))
        let many = (0..<40).map { [UInt8($0)][...] }
        #expect(near.write(pieces: many[...]) == .wrote(StreamSocket.pieceLimit))
    }

    @Test func offsetsOutsideWriteNothing() throws {
        let (near, _) = try StreamSocket.pair()
        #expect(near.write([1], from: 1) == .wrote(0))
        #expect(near.write([1], from: -1) == .wrote(0))
        #expect(near.write(pieces: [][...]) == .wrote(0))
        #expect(near.write(pieces: [[1]][...], from: 2) == .wrote(0))
    }

    @Test func aFullStreamTakesPartAndThenNothing() throws {
        let (near, far) = try StreamSocket.pair()
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        var written = 0
        while case .wrote(let count) = near.write(bytes) { written += count }
        #expect(near.write([1]) == .wouldBlock)
        #expect(near.write(pieces: [[1], [2]][...]) == .wouldBlock)
        var scratch = [UInt8](repeating: 0, count: 262_144)
        var read = 0
        while case .bytes(let chunk) = far.read(into: &scratch) { read += chunk.count }
        #expect(read == written)
        #expect(near.write([1]) == .wrote(1))
    }

    @Test func aReadWithoutRoomIsNotTheEnd() throws {
        let (near, far) = try StreamSocket.pair()
        var none: [UInt8] = []
        #expect(near.write([1]) == .wrote(1))
        #expect(far.read(into: &none) == .failed(SystemError(call: "recv", errno: EINVAL)))
    }

    @Test func theOtherEndIsThisProcess() throws {
        let (near, _) = try StreamSocket.pair()
        #expect(try near.peerCredentials() == .own)
    }

    @Test func nobodyAtThePathIsAnError() throws {
        let directory = try ScratchDirectory()
        let error = #expect(throws: SystemError.self) {
            try StreamSocket(connectedTo: directory.file("none"))
        }
        #expect(error?.call == "connect")
        #expect(error?.path == directory.file("none"))
        #expect(error?.errno == ENOENT)
    }
}
