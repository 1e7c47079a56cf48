// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import PeerWire
import Sockets
import Vocabulary

/// Runs programs on an event loop, and tells the core what becomes of them.
///
/// A run is over when its process has ended, whatever children it leaves behind. What it prints is
/// taken up to a limit, and the rest thrown away, so that it never waits for a reader. Its input is
/// a file in memory: who does not read it keeps nobody waiting. Runs end with this process.
final class CallbackRunner {
    private static let outputLimit = Int(PeerProtocol.callbackOutputLimit)

    private let loop: EventLoop
    private let report: (CallbackCore.Event) -> Void
    private var runs: [CallbackCore.RunID: Run] = [:]
    private var scratch = [UInt8](repeating: 0, count: 16_384)

    private final class Run {
        let process: ChildProcess
        var output: [UInt8] = []
        var processToken: EventLoop.Token?
        var outputToken: EventLoop.Token?

        init(_ process: ChildProcess) { self.process = process }
    }

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - loop: what waits for processes and their output.
    ///   - report: takes the news, also while a method of the runner runs.
    init(loop: EventLoop, report: @escaping (CallbackCore.Event) -> Void) {
        self.loop = loop
        self.report = report
    }

    /// Starts a program; the end is reported.
    func start(_ id: CallbackCore.RunID, _ input: CallbackInput) {
        let own = ProcessEnvironment.rawVariables()
            .filter { variable in
                !["CTDB_CALLBACK", "CTDB_CHANGE_"].contains {
                    variable.name.starts(with: Array($0.utf8))
                }
            }
            .map { $0.name + [UInt8(ascii: "=")] + $0.value }
        let program = Array(input.launch.callback.program.utf8)
        do {
            let process = try ChildProcess(
                starting: program, arguments: [program],
                in: ChildProcess.Surroundings(
                    environment: own + input.variables, directory: "/",
                    input: try FileDescriptor(inMemory: input.json), endsWithParent: true))
            watch(id, Run(process))
        } catch let error as ChildProcess.StartError {
            switch error {
            case .refused(let number), .unstartable(let number):
                let reason = SystemError(call: "execve", errno: number).reason
                ended(id, .notStarted(reason), [])
            }
        } catch {
            ended(id, .notStarted("\(error)"), [])
        }
    }

    /// Asks a run and its children to end.
    func terminate(_ id: CallbackCore.RunID) { runs[id]?.process.terminateGroup() }

    /// Ends a run and its children.
    func kill(_ id: CallbackCore.RunID) { runs[id]?.process.killGroup() }

    /// Ends everything at once, for the end of the daemon.
    func killAll() {
        for run in runs.values { run.process.killGroup() }
    }

    private func watch(_ id: CallbackCore.RunID, _ run: Run) {
        runs[id] = run
        do throws(SystemError) {
            run.outputToken = try loop.register(run.process.output, for: .read) {
                [unowned self, unowned run] _ in
                if !take(from: run) { silence(run) }
            }
            run.processToken = try loop.register(run.process.descriptor, for: .read) {
                [unowned self, unowned run] _ in left(id, run)
            }
        } catch {
            run.process.killGroup()
            silence(run)
            runs[id] = nil
            ended(id, .notStarted(error.reason), [])
        }
    }

    private func left(_ id: CallbackCore.RunID, _ run: Run) {
        // What it has printed before its end is there; what its children print is not waited for.
        var rest = run.process.waitingByteCount
        while rest > 0, run.outputToken != nil {
            let before = run.process.waitingByteCount
            guard take(from: run) else { break }
            rest -= max(before - run.process.waitingByteCount, 1)
        }
        let ending = run.process.reap()
        if let token = run.processToken { loop.remove(token) }
        silence(run)
        runs[id] = nil
        switch ending {
        case .exited(let code): ended(id, .exited(code), run.output)
        case .signalled(let number): ended(id, .signalled(number), run.output)
        case nil: ended(id, .exited(0), run.output)
        }
    }

    private func silence(_ run: Run) {
        if let token = run.outputToken { loop.remove(token) }
        run.outputToken = nil
    }

    /// Takes what one read gives; false when nobody can write any more.
    private func take(from run: Run) -> Bool {
        switch run.process.read(into: &scratch) {
        case .wouldBlock: return true
        case .closed: return false
        case .bytes(let count):
            let room = Self.outputLimit - run.output.count
            run.output += scratch[..<min(count, room)]
            return true
        }
    }

    private func ended(
        _ id: CallbackCore.RunID, _ ending: CallbackCore.Ending, _ output: [UInt8]
    ) {
        report(
            .ended(id, ending, output: output, time: ProcessEnvironment.wallClockMilliseconds()))
    }
}
