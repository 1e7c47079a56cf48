// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Synchronization
import Testing

@Suite(.serialized) struct ProcessFactsTests {
    private func run(_ text: String, in surroundings: ChildProcess.Surroundings) throws
        -> ChildProcess
    {
        try ChildProcess(
            starting: Array("/bin/sh".utf8), arguments: ["sh", "-c", text].map { Array($0.utf8) },
            in: surroundings)
    }

    private func output(_ process: ChildProcess) -> String {
        var room = [UInt8](repeating: 0, count: 4096)
        var text = ""
        while true {
            switch process.read(into: &room) {
            case .bytes(let count): text += String(decoding: room[..<count], as: UTF8.self)
            case .wouldBlock: sched_yield()
            case .closed:
                while process.reap() == nil { sched_yield() }
                return text
            }
        }
    }

    @Test func aProcessIsDescribed() throws {
        let own = ProcessFacts(pid: getpid())
        #expect(own.parent == getppid())
        #expect(own.directory == FileManager.default.currentDirectoryPath)
        #expect(own.isSameProgram(as: own) && own.program?.isEmpty == false)
        #expect(own.isRunning && own.startTicks != nil && own.fileModeMask != nil)
        #expect(own.hasTraceCapability == (geteuid() == 0))
        let nobody = ProcessFacts(pid: .max)
        #expect(nobody.parent == nil && nobody.environment == nil && !nobody.isRunning)
        #expect(throws: SystemError.self) { try nobody.children() }
        #expect(throws: SystemError.self) { try nobody.sockets() }
    }

    @Test func childrenAreListedAndTheirEndIsCounted() throws {
        let parent = try run(
            "exec 2>/dev/null; sleep 100 & echo $!; wait $!; echo gone; exec sleep 100",
            in: ChildProcess.Surroundings(endsWithParent: true))
        defer {
            parent.killGroup()
            while parent.reap() == nil { sched_yield() }
        }
        let facts = ProcessFacts(pid: parent.pid)
        let child = try #require(Int32(line(parent)))
        #expect(try facts.children() == [child])
        #expect(ProcessFacts(pid: child).parent == parent.pid)
        let before = try #require(facts.faultsOfChildren)
        #expect(kill(child, SIGKILL) == 0)
        #expect(line(parent) == "gone")
        #expect(try facts.children() == [])
        #expect(try #require(facts.faultsOfChildren) > before)
        #expect(try !facts.waitsToWrite())
    }

    private func line(_ process: ChildProcess) -> String {
        var room = [UInt8](repeating: 0, count: 100)
        var text = ""
        while !text.hasSuffix("\n") {
            guard case .bytes(let count) = process.read(into: &room) else {
                sched_yield()
                continue
            }
            text += String(decoding: room[..<count], as: UTF8.self)
        }
        return String(text.dropLast())
    }

    @Test func aProgramFindsWhatItIsGiven() throws {
        let scratch = try ScratchDirectory()
        let (near, far) = try StreamSocket.pair()
        #expect(far.write(Array("read this\n".utf8)) == .wrote(10))
        let process = try run(
            "env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= ; pwd; umask; cat; ulimit -n",
            in: ChildProcess.Surroundings(
                environment: ["A=1", "PATH=/usr/bin:/bin", "B=x y"].map { Array($0.utf8) },
                directory: scratch.path, fileModeMask: 0o27, input: near.descriptor,
                limitsOf: getpid()))
        far.shutDown()
        let lines = output(process).split(separator: "\n").map(String.init)
        #expect(
            Set(lines).isSuperset(of: [
                "A=1", "PATH=/usr/bin:/bin", "B=x y", scratch.path, "0027", "read this",
            ]), "\(lines)")
        #expect(throws: ChildProcess.StartError.unstartable(errno: ENOENT)) {
            try run("true", in: ChildProcess.Surroundings(directory: scratch.file("none")))
        }
    }

    @Test func anEmptyEnvironmentIsOne() throws {
        let process = try ChildProcess(
            starting: Array("/usr/bin/env".utf8), arguments: [Array("env".utf8)],
            in: ChildProcess.Surroundings(environment: []))
        #expect(output(process) == "")
    }

    @Test func aProgramEndsWithTheThreadThatStartedIt() throws {
        let box = Mutex<ChildProcess?>(nil)
        let thread = Thread {
            box.withLock {
                $0 = try? ChildProcess(
                    starting: Array("/bin/sleep".utf8),
                    arguments: ["sleep", "100"].map { Array($0.utf8) },
                    in: ChildProcess.Surroundings(endsWithParent: true))
            }
        }
        thread.start()
        while !thread.isFinished { sched_yield() }
        let process = try #require(box.withLock { $0 })
        var ending: ChildProcess.Ending?
        while ending == nil {
            ending = process.reap()
            sched_yield()
        }
        #expect(ending == .signalled(SIGKILL))
    }
}
