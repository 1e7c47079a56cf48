// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing
import Vocabulary

@Suite struct ChildProcessTests {
    private func bytes(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    /// Waits for the end, and gives what was printed.
    private func finish(_ child: ChildProcess) throws -> (ChildProcess.Ending?, String) {
        let loop = try EventLoop()
        var room = [UInt8](repeating: 0, count: 7)
        var text: [UInt8] = []
        var ending: ChildProcess.Ending?
        _ = try loop.register(child.descriptor, for: .read) { _ in
            ending = child.reap()
            loop.stop()
        }
        try loop.run()
        while case .bytes(let count) = child.read(into: &room) { text += room[..<count] }
        return (ending, String(decoding: text, as: UTF8.self))
    }

    @Test func outputAndErrorsComeThroughOnePipe() throws {
        let child = try ChildProcess(
            starting: Array("/bin/sh".utf8),
            arguments: bytes("name", "-c", "echo $0 $1; echo no >&2; exit 7", "a", "b c"))
        let (ending, text) = try finish(child)
        #expect(ending == .exited(7))
        #expect(text == "a b c\nno\n")
        #expect(child.reap() == nil, "it is told once")
    }

    @Test func aSignalEndsTheGroup() throws {
        let child = try ChildProcess(
            starting: Array("/bin/sh".utf8), arguments: bytes("sh", "-c", "sleep 60 & sleep 60"))
        #expect(child.reap() == nil)
        child.killGroup()
        #expect(try finish(child).0 == .signalled(9))
        // Nobody has the writing end any more once the last of the group is gone.
        let loop = try EventLoop()
        var output = ChildProcess.Output.wouldBlock
        _ = try loop.register(child.output, for: .read) { _ in
            var room = [UInt8](repeating: 0, count: 7)
            output = child.read(into: &room)
            loop.stop()
        }
        try loop.run()
        #expect(output == .closed)
    }

    @Test(arguments: [("/nowhere", 2), ("/etc/passwd", 13), ("/etc/passwd/x", 20), ("/etc", 13)])
    func whatIsNoProgramIsRefused(path: String, errno: Int32) {
        #expect(throws: ChildProcess.StartError.refused(errno: errno)) {
            try ChildProcess(starting: Array(path.utf8), arguments: bytes(path))
        }
    }

    @Test func aNulIsNoPartOfAName() {
        #expect(throws: ChildProcess.StartError.refused(errno: 22)) {
            try ChildProcess(starting: Array("/bin/true\0".utf8), arguments: bytes("true"))
        }
        #expect(throws: ChildProcess.StartError.refused(errno: 22)) {
            try ChildProcess(starting: Array("/bin/true".utf8), arguments: bytes("a\0b"))
        }
    }

    @Test func tooManyArgumentsAreTheProgramsProblem() {
        let long = String(repeating: "x", count: 200_000)
        #expect(throws: ChildProcess.StartError.refused(errno: 7)) {
            try ChildProcess(starting: Array("/bin/true".utf8), arguments: bytes("true", long))
        }
    }
}
