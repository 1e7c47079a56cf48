// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import Foundation
import LegacyWire
import Sockets
import Testing

/// Real scripts, good and bad.
@Suite(.serialized) struct ScriptFaultTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    @Test func whatIsNoScriptDoesNotRun() throws {
        try bench.script("10.good.script", "exit 0")
        try bench.script("20.disabled.script", "exit 1", isExecutable: false)
        try bench.script("30.noname", "exit 1")
        try bench.script("4.short.script", "exit 1")
        try bench.script("xx.letters.script", "exit 1")
        try bench.script("50.script", "exit 1")
        try bench.scratch.makeFolder("events/legacy/60.folder.script")
        try bench.scratch.write("no program", to: "events/legacy/70.text.script")
        try bench.scratch.setMode("events/legacy/70.text.script", 0o755)
        #expect(
            try bench.outcomes("x") == [
                "10.good 0", "20.disabled -8", "60.folder -8", "70.text -8",
            ])
        #expect(try bench.run("x") == 0)
    }

    @Test func aScriptThatIsNotThereIsSaid() throws {
        try bench.script("10.good.script", "exit 0")
        try bench.scratch.link("events/legacy/20.gone.script", to: "/nowhere/script")
        try bench.script("30.later.script", "exit 0")
        #expect(try bench.outcomes("x") == ["10.good 0", "20.gone -2"])
        try bench.scratch.write("#!/nowhere/sh\n", to: "events/legacy/10.good.script")
        try bench.scratch.setMode("events/legacy/10.good.script", 0o755)
        #expect(try bench.outcomes("x") == ["10.good -2"])
    }

    @Test func aLinkToOutsideRuns() throws {
        try bench.scratch.write("#!/bin/sh\necho \"$0 $1\"\nexit 5\n", to: "elsewhere")
        try bench.scratch.setMode("elsewhere", 0o700)
        let name = "events/legacy/10.link.script"
        try bench.scratch.link(name, to: bench.scratch.file("elsewhere"))
        #expect(try bench.run("x") == 8)
        let status = try bench.status("x")
        #expect(status.summary == 5)
        #expect(status.scripts.map(\.output) == ["\(bench.scratch.file(name)) x\n"])
    }

    @Test func whatAScriptSees() throws {
        // Its own group, no blocked signal, the daemon's directory, no descriptor of the daemon's.
        try bench.script(
            "10.look.script",
            """
            [ "$(ps -o pgid= -p $$ | tr -d ' ')" = $$ ] || echo "group"
            sed -n 's/^SigBlk:[^0-9a-f]*//p' /proc/self/status
            for fd in /proc/$$/fd/*; do
                case $(readlink $fd) in */eventd.*|*/log|*pidfd*|*signalfd*) echo $fd ;; esac
            done
            readlink /proc/$$/cwd
            [ "$(readlink /proc/$$/fd/1)" = "$(readlink /proc/$$/fd/2)" ] || echo "two pipes"
            """)
        #expect(try bench.run("x") == 0)
        let output = try bench.status("x").scripts.first?.output ?? ""
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.count == 2, "\(output)")
        #expect(lines.first == "0000000000000000")
    }

    @Test func argumentsAreWordsAndNothingElse() throws {
        try bench.script(
            "10.args.script", "for word; do printf '<%s>' \"$word\"; done; exit 1")
        let nasty = "a  'b c' \"d\" $(id) `id` ;x |y\n&z *"
        #expect(try bench.run("do it; \"now\"", nasty) == 8)
        #expect(
            try bench.status("do it; \"now\"").scripts.first?.output
                == "<do it; \"now\"><a><'b><c'><\"d\"><$(id)><`id`><;x><|y\n&z><*>")
    }

    @Test func aNulEndsAName() throws {
        try bench.script("10.args.script", "printf '<%s>' \"$@\"; exit 1")
        // Written by hand: our own encoder writes no NUL into a text.
        func field(_ text: String) -> [UInt8] {
            let bytes = Array(text.utf8) + [0]
            return [UInt8(bytes.count), 0, 0, 0] + bytes
        }
        let body =
            [1, 0, 0, 0] + field("legacy") + field("ev\0il") + field("a\0b") + [9, 0, 0, 0]
            + [0, 0, 0, 0]
        let client = try bench.connect()
        try client.send(
            bytes: [UInt8(body.count + 12), 0, 0, 0] + [0, 0, 0, 0, 1, 0, 0, 0] + body)
        #expect(try bench.answer(to: client) == .run(result: 8))
        #expect(try bench.status("ev").scripts.first?.output == "<ev><a>")
    }

    @Test func nothingPrintedIsNoOutput() throws {
        try bench.script("10.quiet.script", "exit 1")
        try bench.script("20.closed.script", "exec >&- 2>&-; exit 2")
        #expect(try bench.run("x", flags: EventRunRequest.runAll) == 8)
        let status = try bench.status("x")
        #expect(status.scripts.map(\.result) == [1, 2])
        #expect(status.scripts.map(\.outputBytes) == [nil, nil])
    }

    @Test func whatIsPrintedIsKeptByteForByte() throws {
        try bench.script("10.latin.script", "printf 'caf\\351 without an end'")
        try bench.script("20.nul.script", "printf 'a\\0b'")
        #expect(try bench.run("x") == 0)
        let outputs = try bench.status("x").scripts.map(\.outputBytes)
        #expect(outputs == [Array("caf".utf8) + [0xE9] + Array(" without an end".utf8), [0x61]])
    }

    @Test func endlessOutputIsKeptToTheLimit() throws {
        // A thousand million bytes, without a line feed.
        try bench.script("10.flood.script", "head -c 1000000000 /dev/zero | tr '\\0' x; exit 1")
        #expect(try bench.run("x", timeout: 60) == 8)
        let script = try #require(try bench.status("x").scripts.first)
        #expect(script.result == 1)
        let output = try #require(script.outputBytes)
        let limit = 256 << 10
        let note = "\n[\(1_000_000_000 - limit) more bytes were not kept]\n"
        #expect(output.count == limit + note.utf8.count)
        #expect(output.suffix(note.utf8.count).elementsEqual(note.utf8))
    }

    @Test func aChildThatStaysHoldsNothingUp() throws {
        try bench.script("10.stays.script", "sleep 30 & echo started; exit 0")
        #expect(try bench.outcomes("x", timeout: 5) == ["10.stays 0"])
        #expect(try bench.status("x").scripts.first?.output == "started\n")
    }

    @Test func aSignalIsAnError() throws {
        try bench.script("10.dies.script", "kill -9 $$")
        #expect(try bench.outcomes("x") == ["10.dies -4"])
    }

    @Test(arguments: [0, 1] as [UInt32])
    func aLateScriptIsGivenUpAndLives(timeout: UInt32) throws {
        try bench.script(
            "10.late.script",
            "trap '' TERM; echo begun; until [ -e \"\(bench.scratch.path)/go\" ]; do sleep 0.05; "
                + "done; echo >\"\(bench.scratch.path)/done\"")
        #expect(try bench.run("x", timeout: timeout) == 110)
        #expect(try bench.status("x").summary == -110)
        // The next event does not wait for it.
        #expect(try bench.run("y", timeout: 0) == 110)
        try bench.scratch.write("", to: "go")
        try bench.turn(until: "it goes on") { bench.scratch.exists("done") }
    }

    @Test func aScriptThatTheKernelHoldsHoldsNothingUp() throws {
        #if arch(x86_64)
            let clone = 56
        #else
            let clone = 220
        #endif
        // CLONE_VFORK: the parent sleeps uninterruptibly until the child is gone.
        try bench.script(
            "10.held.script",
            """
            exec perl -e '$SIG{TERM} = "IGNORE";
                if (syscall(\(clone), 0x4000 | 17, 0, 0, 0, 0) == 0) {
                    select(undef, undef, undef, 0.05) until -e "$ARGV[0]/go" }
            ' "\(bench.scratch.path)"
            """)
        #expect(try bench.run("x", timeout: 1) == 110)
        let states = bench.scratch.processes.map { pid in
            FileManager.default.contents(atPath: "/proc/\(pid)/stat")
                .map { String(decoding: $0, as: UTF8.self).split(separator: ") ").last?.first }
        }
        #expect(states.contains("D"), "\(states)")
        #expect(try bench.run("y", timeout: 0) == 110)
        try bench.script("10.held.script", "exit 0")
        #expect(try bench.run("z", timeout: 10) == 0)
        try bench.scratch.write("", to: "go")
        try bench.turn(until: "they are gone") { bench.scratch.processes.isEmpty }
    }

    @Test func aHugeTimeoutIsNone() throws {
        try bench.script("10.good.script", "exit 0")
        #expect(try bench.run("x", timeout: .max) == 0)
    }

    @Test func aForkBombEndsWithItsGroup() throws {
        let hold = bench.scratch.file("hold")
        try bench.script(
            "10.bomb.script",
            "for i in 1 2 3 4 5 6 7 8; do sh -c 'while :; do sleep 1; done' \(hold) & done; wait")
        let client = try bench.connect()
        let request = EventRunRequest(
            component: "legacy", event: "monitor", arguments: nil, timeoutSeconds: 60, flags: 0)
        try client.send(.run(request))
        try bench.turn(until: "it runs") { bench.scratch.processes.count >= 9 }
        // Anything else is more important than monitor.
        try bench.script("10.bomb.script", "exit 0")
        #expect(try bench.run("takeip") == 0)
        #expect(try bench.answer(to: client) == .run(result: 125))
        try bench.turn(until: "all are gone") { bench.scratch.processes.isEmpty }
    }

    @Test func everythingEndsWithTheDaemon() throws {
        try bench.script("10.late.script", "trap '' TERM; sleep 60")
        #expect(try bench.run("x", timeout: 1) == 110)
        #expect(!bench.scratch.processes.isEmpty)
        bench.daemon.close()
        try bench.turn(until: "it is gone") { bench.scratch.processes.isEmpty }
    }
}

/// Scripts that hang, with a debug script and with a delay for the kill.
@Suite(.serialized) struct HungScriptTests {
    private func bench(_ settings: (inout EventConfiguration) -> Void) throws -> Workbench {
        let scratch = try ScratchTree()
        let program = scratch.file("debug.sh")
        try scratch.write(
            "#!/bin/sh\nkill -0 $1 && echo \"sees $2\"\necho \"$# $0\"\n", to: "debug.sh")
        try scratch.setMode("debug.sh", 0o755)
        let bench = try Workbench { configuration in
            configuration.debugScript = program
            settings(&configuration)
        }
        // The debug script is in a folder of its own, which has to stay.
        bench.keeps = scratch
        return bench
    }

    @Test func theDebugScriptLooksAndThenTheScriptIsAskedToEnd() throws {
        let bench = try bench { _ in }
        try bench.script("10.hangs.script", "sleep 60")
        #expect(try bench.run("x", timeout: 1) == 110)
        try bench.turn(until: "it is gone") { bench.scratch.processes.isEmpty }
        #expect(bench.log.contains { $0.hasSuffix("event_debug: sees x") }, "\(bench.log)")
        #expect(bench.log.contains { $0.contains("event_debug: 2 /") })
        #expect(bench.log.contains { $0.hasSuffix("x event timed out") })
    }

    @Test func aScriptThatIgnoresSIGTERMIsKilledWhenThatIsWanted() throws {
        let bench = try bench { $0.killDelay = .milliseconds(200) }
        try bench.script("10.hangs.script", "trap '' TERM; while :; do sleep 1; done")
        #expect(try bench.run("x", timeout: 1) == 110)
        try bench.turn(until: "it is gone") { bench.scratch.processes.isEmpty }
        #expect(bench.log.contains { $0.contains("killing hung script") })
    }
}
