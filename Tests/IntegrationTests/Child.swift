// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets

/// What the tests could not do.
struct Trouble: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// How long anything may take on a machine that is busy with something else.
///
/// A test that fails is late; one that passes never waits for so long.
let patience = Duration.seconds(60)

/// Waits for a condition, and says what it waited for when that does not come.
@MainActor
func eventually(
    _ what: String, within limit: Duration = patience,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else {
            throw Trouble("not within \(limit): \(what)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// A process that a test has started, and what it wrote.
@MainActor
final class Child {
    private let files = FileManager.default
    private let process: ChildProcess
    let name: String
    /// The exit code; 128 and the signal when one ended it; nil while it runs.
    private var ending: Int32?
    private let directory: String
    private(set) var outputPath: String
    private(set) var errorPath: String
    private static var count = 0
    private static var all: [Child] = []

    /// Ends what a test that failed has left running.
    static func killAll(named name: String) async {
        for child in all where child.name == name { try? await child.kill() }
        all.removeAll { !$0.isRunning }
    }

    /// Starts a program; what it writes is kept in a directory.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        directory: String, input: Pipe? = nil
    ) throws {
        Self.count += 1
        name = program.split(separator: "/").last.map(String.init) ?? program
        self.directory = directory
        outputPath = "\(directory)/\(Self.count).\(name).out"
        errorPath = "\(directory)/\(Self.count).\(name).err"
        // It opens the pipe by name, and must not have the writing end: it would see no end.
        let source = input.map { pipe in
            _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
            return "/proc/\(getpid())/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        }
        let words = ["/bin/sh", "-c", Self.start, source ?? "/dev/null", outputPath, errorPath]
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process = try ChildProcess(
            starting: Array("/bin/sh".utf8),
            arguments: (words + [program] + arguments).map { Array($0.utf8) },
            in: .init(environment: variables.map { Array("\($0)=\($1)".utf8) }))
        Self.all.append(self)
        note()
    }

    /// Opens the three streams, and becomes the program.
    private static let start =
        "exec <\"$0\" >\"$1\" 2>\"$2\"; shift 2; exec \"$@\""

    /// Whoever takes the laboratory down ends what still runs, should this process not get to it.
    private func note() {
        let line = Data("\(pid) \(name)\n".utf8)
        let path = "\(directory)/pids"
        if let handle = FileHandle(forWritingAtPath: path) {
            _ = try? handle.seekToEnd()
            try? handle.write(contentsOf: line)
        } else {
            _ = files.createFile(atPath: path, contents: line)
        }
    }

    var pid: Int32 { process.pid }
    var isRunning: Bool {
        reap()
        return ending == nil
    }
    var output: String { text(outputPath) }
    var errors: String { text(errorPath) }

    private func reap() {
        switch process.reap() {
        case .exited(let code): ending = code
        case .signalled(let signal): ending = 128 + signal
        case nil: break
        }
    }

    func signal(_ number: Int32) {
        if isRunning { _ = Glibc.kill(pid, number) }
    }

    /// Waits for the end.
    ///
    /// - Returns: the exit code; 128 and the signal when one ended it.
    func end(within limit: Duration = patience) async throws -> Int32 {
        do {
            try await eventually("\(name) ends", within: limit) { !isRunning }
        } catch {
            signal(SIGKILL)
            throw Trouble("\(error); it said: \(errors.suffix(600))")
        }
        return ending ?? -1
    }

    func kill() async throws {
        signal(SIGKILL)
        _ = try await end()
    }

    /// Milliseconds of CPU time so far.
    var cpuMilliseconds: Int {
        let fields = text("/proc/\(pid)/schedstat").split(separator: " ")
        return (fields.first.flatMap { Int($0) } ?? 0) / 1_000_000
    }

    private func text(_ path: String) -> String {
        String(decoding: files.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// Removes a scratch directory with the directories in it.
final class DeepScratch {
    let directory: ScratchDirectory

    init() throws { directory = try ScratchDirectory() }

    deinit { try? FileManager.default.removeItem(atPath: directory.path) }
}

/// Where things are.
enum Places {
    /// The directory of the products, which the tests are one of.
    static let products: String = {
        let own = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let path = own ?? Bundle.main.bundlePath
        let url = URL(fileURLWithPath: path)
        return own == nil ? url.path : url.deletingLastPathComponent().path
    }()

    static var command: String { products + "/ctdb" }
    static var proxy: String { products + "/ctdb-proxyd" }
    static var eventDaemon: String { products + "/ctdb-eventd" }
    static var traffic: String { products + "/ctdb-traffic" }
    static var records: String { products + "/ctdb-records" }

    /// The folder of the laboratory's scripts.
    static let legacy =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/legacy"

    static func isProgram(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }
}

extension ScratchDirectory {
    /// Writes a program that others may run at once.
    ///
    /// A shell writes it: what this process has open for writing, a child that another test starts
    /// has open too, for a moment, and whoever runs the program then hears that it is busy.
    @MainActor
    func writeProgram(_ text: String, to path: String) async throws {
        let command = "printf %s \"$1\" >\"$2\" && chmod 755 \"$2\""
        let (status, _, errors) = try await run("/bin/sh", ["-c", command, "sh", text, path])
        guard status == 0 else { throw Trouble("\(path) cannot be written: \(errors)") }
    }

    /// Runs a program to its end.
    @MainActor
    func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        within limit: Duration = patience
    ) async throws -> (status: Int32, output: String, errors: String) {
        let child = try Child(
            program, arguments, environment: environment, directory: path)
        let status = try await child.end(within: limit)
        return (status, child.output, child.errors)
    }
}
