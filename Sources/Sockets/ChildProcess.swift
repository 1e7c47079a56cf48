// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A program that runs beside this one, in a process group of its own.
///
/// Its output and errors come through one pipe. No shell has a part in it.
public final class ChildProcess {
    /// How a process ended.
    public enum Ending: Hashable, Sendable {
        /// With an exit code.
        case exited(Int32)
        /// By a signal.
        case signalled(Int32)
    }

    /// Why there is no process.
    public enum StartError: Error, Hashable, Sendable {
        /// The program is not there, or cannot be executed: an errno.
        case refused(errno: Int32)
        /// The kernel has no process or descriptor for it: an errno.
        case unstartable(errno: Int32)

        /// The error number.
        public var errno: Int32 {
            switch self {
            case .refused(let errno), .unstartable(let errno): errno
            }
        }
    }

    /// What a read of the output came to.
    public enum Output: Equatable, Sendable {
        /// At least one byte.
        case bytes(Int)
        /// Nothing waits.
        case wouldBlock
        /// Nobody can write any more, or the pipe is broken.
        case closed
    }

    /// What a program finds around it.
    public struct Surroundings: Sendable {
        /// Its environment, `NAME=value` without a NUL; nil for that of this process.
        public var environment: [[UInt8]]?
        /// The folder that it is in; nil for that of this process.
        public var directory: String?
        /// The permissions that it takes away from new files; nil for what this process takes.
        public var fileModeMask: UInt32?
        /// What it reads; nil for what this process reads.
        public var input: FileDescriptor?
        /// The process whose limits it has; nil for those of this process.
        public var limitsOf: Int32?
        /// Whether it is killed when the thread that started it ends, however that ends.
        public var endsWithParent: Bool

        /// Makes surroundings: those of this process, unless something else is given.
        public init(
            environment: [[UInt8]]? = nil, directory: String? = nil, fileModeMask: UInt32? = nil,
            input: FileDescriptor? = nil, limitsOf: Int32? = nil, endsWithParent: Bool = false
        ) {
            self.input = input
            self.environment = environment
            self.directory = directory
            self.fileModeMask = fileModeMask
            self.limitsOf = limitsOf
            self.endsWithParent = endsWithParent
        }
    }

    /// Its number; it is nobody else's until `reap` has told the ending.
    public let pid: Int32
    /// Becomes readable when it has ended.
    public let descriptor: FileDescriptor
    /// Where its output comes from.
    public let output: FileDescriptor
    private var isReaped = false

    /// Starts a program that is an executable file.
    ///
    /// - Parameters:
    ///   - path: the file, as bytes without a NUL.
    ///   - arguments: what it sees as its arguments, its own name first.
    ///   - surroundings: what it finds around it.
    /// - Throws: why there is no process.
    public init(
        starting path: [UInt8], arguments: [[UInt8]], in surroundings: Surroundings = Surroundings()
    ) throws(StartError) {
        guard !path.contains(0), arguments.allSatisfy({ !$0.contains(0) }) else {
            throw .refused(errno: EINVAL)
        }
        let mode = unsafe Self.text(path).withUnsafeBufferPointer { text in
            guard let start = text.baseAddress else { return -EINVAL }
            return unsafe clinux_mode(start)
        }
        guard mode >= 0 else { throw .refused(errno: 0 &- mode) }
        guard UInt32(mode) & S_IXUSR != 0 else { throw .refused(errno: EACCES) }
        var reading: Int32 = -1
        var isProgram: Int32 = 0
        let answer = Self.spawn(path, arguments, surroundings, &reading, &isProgram)
        guard answer > 0 else {
            let errno = 0 &- answer
            throw isProgram != 0 ? .refused(errno: errno) : .unstartable(errno: errno)
        }
        pid = answer
        output = FileDescriptor(owning: reading)
        let watched = clinux_process_descriptor(answer)
        guard watched >= 0 else {
            _ = kill(0 &- answer, SIGKILL)
            var status: Int32 = 0
            _ = unsafe waitpid(answer, &status, 0)
            throw .unstartable(errno: 0 &- watched)
        }
        descriptor = FileDescriptor(owning: watched)
    }

    private static func spawn(
        _ path: [UInt8], _ arguments: [[UInt8]], _ surroundings: Surroundings,
        _ reading: inout Int32, _ isProgram: inout Int32
    ) -> Int32 {
        let list = text(Array(arguments.joined(separator: [0])))
        let environment = surroundings.environment.map { text(Array($0.joined(separator: [0]))) }
        let directory = surroundings.directory.map { text(Array($0.utf8)) }
        var around = unsafe clinux_surroundings()
        unsafe around.environment_count = surroundings.environment?.count ?? 0
        unsafe around.file_mode_mask = surroundings.fileModeMask.map { Int32($0 & 0o777) } ?? -1
        unsafe around.input = surroundings.input?.number ?? -1
        unsafe around.limits_of = surroundings.limitsOf ?? 0
        unsafe around.death_signal = surroundings.endsWithParent ? SIGKILL : 0
        // What is empty lends no address, which stands for this process's own.
        return unsafe text(path).withUnsafeBufferPointer { text in
            unsafe list.withUnsafeBufferPointer { words in
                unsafe (environment ?? []).withUnsafeBufferPointer { variables in
                    unsafe (directory ?? []).withUnsafeBufferPointer { folder in
                        guard let start = text.baseAddress, let first = words.baseAddress else {
                            return -EINVAL
                        }
                        unsafe around.environment = environment == nil ? nil : variables.baseAddress
                        unsafe around.directory = directory == nil ? nil : folder.baseAddress
                        return unsafe clinux_spawn(
                            start, first, arguments.count, &around, &reading, &isProgram)
                    }
                }
            }
        }
    }

    private static func text(_ bytes: [UInt8]) -> [CChar] {
        bytes.map { CChar(bitPattern: $0) } + [0]
    }

    /// Takes what waits in the pipe, at most as much as there is room.
    public func read(into room: inout [UInt8]) -> Output {
        let number = output.number
        let count = unsafe room.withUnsafeMutableBytes { part in
            unsafe clinux_read(number, part.baseAddress, part.count)
        }
        if count > 0 { return .bytes(min(count, room.count)) }
        return count == -Int(EAGAIN) ? .wouldBlock : .closed
    }

    /// The bytes that wait in the pipe.
    public var waitingByteCount: Int { max(0, Int(clinux_waiting(output.number))) }

    /// How it ended, once it has; its number may be another process's from then on.
    public func reap() -> Ending? {
        guard !isReaped else { return nil }
        var code: Int32 = 0
        let answer = unsafe clinux_reap(pid, &code)
        guard answer != 0 else { return nil }
        isReaped = true
        switch answer {
        case 1: return .exited(code)
        case 2: return .signalled(code)
        // Somebody else in this process has taken it, so that nobody knows.
        default: return .signalled(SIGKILL)
        }
    }

    /// Takes leave of a process when it ends, for who is not interested in how.
    public static func reapLater(_ process: ChildProcess, on loop: EventLoop) {
        guard process.reap() == nil else { return }
        let own = TokenBox()
        own.token = try? loop.register(process.descriptor, for: .read) { [unowned loop] _ in
            _ = process.reap()
            if let token = own.token { loop.remove(token) }
        }
    }

    /// Sends SIGTERM to it and its children that have stayed in its process group.
    public func terminateGroup() { signal(SIGTERM) }

    /// Sends SIGKILL to it and its children that have stayed in its process group.
    public func killGroup() { signal(SIGKILL) }

    private func signal(_ number: Int32) {
        guard !isReaped else { return }
        _ = kill(0 &- pid, number)
    }
}

/// A registration that its own handler removes.
private final class TokenBox {
    var token: EventLoop.Token?
}

/// Watches a process that is not a child.
public final class ProcessWatch {
    /// The process.
    public let pid: Int32
    /// Becomes readable when it has ended.
    public let descriptor: FileDescriptor

    /// Begins to watch.
    ///
    /// - Throws: `ESRCH` when there is no such process.
    public init(pid: Int32) throws(SystemError) {
        self.pid = pid
        descriptor = try FileDescriptor(
            clinux_process_descriptor(pid), "pidfd_open", "process \(pid)")
    }
}
