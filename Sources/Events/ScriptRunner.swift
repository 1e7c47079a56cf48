// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Sockets

/// Runs scripts on an event loop, and tells the core what becomes of them.
final class ScriptRunner {
    typealias ScriptID = EventCore.ScriptID

    /// The most bytes that are kept of what a script prints.
    var outputLimit: Int
    /// What scripts find around them.
    var surroundings = ChildProcess.Surroundings()
    private let loop: EventLoop
    private let report: (EventCore.Event) -> Void
    private var runs: [ScriptID: Run] = [:]
    /// Everything whose process has not been taken leave of.
    private var living: [ObjectIdentifier: Run] = [:]
    private var scratch = [UInt8](repeating: 0, count: 65_536)

    /// Who still cares about a process.
    private enum Listener {
        /// The core waits for its end.
        case core(ScriptID)
        /// The core has given it up; the debug script may be looking at it.
        case nobody(ScriptID, isDebugged: Bool)
        /// It was killed, and only has to be taken leave of.
        case ended
        /// It is the debug script for another one.
        case debug(component: EventText, ScriptID)
    }

    private final class Run {
        let process: ChildProcess
        var output: CapturedOutput
        var listener: Listener
        var processToken: EventLoop.Token?
        var outputToken: EventLoop.Token?
        var hasEnded = false

        init(_ process: ChildProcess, _ listener: Listener, limit: Int) {
            self.process = process
            self.listener = listener
            output = CapturedOutput(limit: limit)
        }
    }

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - loop: what waits for processes and their output.
    ///   - outputLimit: the most bytes that are kept of what a script prints.
    ///   - report: takes the news, also while a method of the runner runs.
    init(loop: EventLoop, outputLimit: Int, report: @escaping (EventCore.Event) -> Void) {
        self.loop = loop
        self.outputLimit = outputLimit
        self.report = report
    }

    /// Starts a script; the end is reported as `.ended`.
    func start(_ script: ScriptID, file: [UInt8], arguments: [[UInt8]]) {
        do throws(ChildProcess.StartError) {
            runs[script] = try begin(file, arguments, .core(script))
        } catch {
            report(.ended(script, error.ending, output: nil))
        }
    }

    /// Hears no more of a script, and reports what it has printed as `.gaveUp`.
    func giveUp(_ script: ScriptID) {
        guard let run = runs[script] else { return report(.gaveUp(script, output: nil)) }
        take(from: run, atMost: run.process.waitingByteCount)
        run.listener = .nobody(script, isDebugged: false)
        report(.gaveUp(script, output: run.output.finish()))
    }

    /// Ends a script and its children.
    func kill(_ script: ScriptID) {
        guard let run = runs.removeValue(forKey: script) else { return }
        run.process.killGroup()
        run.listener = .ended
        if run.hasEnded { leave(run) } else { silence(run) }
    }

    /// Asks a script that was given up, and its children, to end.
    func terminate(_ script: ScriptID) {
        guard let run = runs[script] else { return }
        run.process.terminateGroup()
        run.listener = .nobody(script, isDebugged: false)
        if run.hasEnded {
            runs[script] = nil
            leave(run)
        }
    }

    /// Runs the debug script for a script that was given up; the end is reported as `.debugged`.
    func debug(_ script: ScriptID, of component: EventText, program: String, event: EventText) {
        let file = Array(program.utf8)
        do throws(ChildProcess.StartError) {
            guard let run = runs[script] else { throw .refused(errno: EventErrno.missing) }
            run.listener = .nobody(script, isDebugged: true)
            let number = Array("\(run.process.pid)".utf8)
            _ = try begin(
                file, [file, number, event.bytes], .debug(component: component, script))
        } catch {
            report(.debugged(component: component, script, output: nil))
        }
    }

    /// Ends everything at once, for the end of the daemon.
    func killAll() {
        for run in living.values { run.process.killGroup() }
    }

    /// The processes that have not been taken leave of.
    var processCount: Int { living.count }

    // MARK: Processes

    private func begin(
        _ file: [UInt8], _ arguments: [[UInt8]], _ listener: Listener
    ) throws(ChildProcess.StartError) -> Run {
        let process = try ChildProcess(
            starting: file, arguments: arguments, in: surroundings)
        let run = Run(process, listener, limit: outputLimit)
        do throws(SystemError) {
            run.processToken = try loop.register(process.descriptor, for: .read) {
                [unowned self, unowned run] _ in ended(run)
            }
            run.outputToken = try loop.register(process.output, for: .read) {
                [unowned self, unowned run] _ in
                if !take(from: run, atMost: .max) { silence(run) }
            }
        } catch {
            process.killGroup()
            silence(run)
            throw .unstartable(errno: error.errno)
        }
        living[ObjectIdentifier(run)] = run
        return run
    }

    private func ended(_ run: Run) {
        take(from: run, atMost: run.process.waitingByteCount)
        if let token = run.processToken { loop.remove(token) }
        run.processToken = nil
        run.hasEnded = true
        switch run.listener {
        case .core(let script):
            runs[script] = nil
            let ending = run.process.reap()
            let output = run.output.finish()
            leave(run)
            report(.ended(script, ending?.ending ?? .exited(0), output: output))
        case .nobody(let script, let isDebugged):
            // While the debug script looks, the number of the process stays its own.
            if isDebugged {
                silence(run)
            } else {
                runs[script] = nil
                leave(run)
            }
            report(.leftOverEnded(script))
        case .ended: leave(run)
        case .debug(let component, let script):
            let output = run.output.finish()
            leave(run)
            report(.debugged(component: component, script, output: output))
        }
    }

    /// Forgets a process that has ended.
    private func leave(_ run: Run) {
        _ = run.process.reap()
        silence(run)
        living[ObjectIdentifier(run)] = nil
    }

    /// Takes what a process prints no more; its writes fail when it is forgotten.
    private func silence(_ run: Run) {
        if let token = run.outputToken { loop.remove(token) }
        run.outputToken = nil
    }

    // MARK: Output

    /// Takes what waits in a pipe, with as many reads as a limit needs, one at least for no limit.
    ///
    /// - Returns: whether more may come.
    @discardableResult
    private func take(from run: Run, atMost limit: Int) -> Bool {
        guard run.outputToken != nil else { return false }
        var rest = limit
        while rest > 0 {
            switch run.process.read(into: &scratch) {
            case .wouldBlock: return true
            case .closed: return false
            case .bytes(let count):
                if case .core = run.listener {
                    run.output.append(scratch[..<count])
                } else if case .debug = run.listener {
                    run.output.append(scratch[..<count])
                }
                // Without a limit the rest is for the next turn of the loop.
                if limit == .max { return true }
                rest -= count
            }
        }
        return true
    }
}

/// What a script prints, up to a limit.
struct CapturedOutput: Equatable {
    private let limit: Int
    private var bytes: [UInt8]?
    private var droppedCount = 0

    /// Starts with nothing.
    init(limit: Int) { self.limit = limit }

    /// Takes what one read gave.
    ///
    /// A NUL ends what is taken, as it ends the C string that the legacy daemon makes of each read.
    mutating func append(_ chunk: ArraySlice<UInt8>) {
        let room = max(0, limit - (bytes?.count ?? 0))
        guard room > 0 else {
            droppedCount += chunk.count
            return
        }
        let text = chunk.prefix { $0 != 0 }
        bytes = (bytes ?? []) + text.prefix(room)
        droppedCount += max(0, text.count - room)
    }

    /// What was printed, or nil for nothing; the next call gives nil.
    mutating func finish() -> [UInt8]? {
        defer {
            bytes = nil
            droppedCount = 0
        }
        guard droppedCount > 0 else { return bytes }
        return (bytes ?? []) + Array("\n[\(droppedCount) more bytes were not kept]\n".utf8)
    }
}

extension ChildProcess.StartError {
    fileprivate var ending: EventCore.Ending {
        switch self {
        case .refused(let errno): .refused(errno: errno)
        case .unstartable(let errno): .unstartable(errno: errno)
        }
    }
}

extension ChildProcess.Ending {
    fileprivate var ending: EventCore.Ending {
        switch self {
        case .exited(let code): .exited(code)
        case .signalled(let number): .signalled(number)
        }
    }
}
