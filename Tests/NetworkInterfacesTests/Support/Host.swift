// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Foundation
import Glibc
import Sockets
import Testing
import Vocabulary

/// What a test could not do.
struct Trouble: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// A machine made up of a network namespace, and a thread that lives in it.
///
/// The namespace goes away with the thread and the sockets that were opened there, whatever ends
/// the tests.
final class Host: @unchecked Sendable {
    private let condition = NSCondition()
    private var work: [() -> Void] = []
    private var isEnding = false
    private(set) var threadID: Int32 = 0
    private var problem: Int32 = 0

    /// Why there are no namespaces here; nil when there are.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "this is not root" }
        for program in ["/usr/sbin/ip", "/usr/bin/ss"]
        where !FileManager.default.isExecutableFile(atPath: program) {
            return "\(program) is missing; legacy/install-packages installs it"
        }
        do {
            _ = try Host()
            return nil
        } catch { return "\(error)" }
    }()
    static var isPossible: Bool { obstacle == nil }
    static var reason: Comment {
        Comment(rawValue: "needs network namespaces: \(obstacle ?? "there are some")")
    }

    /// Makes a machine without any link but its loopback.
    init() throws {
        let started = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            problem = clinux_unshare_network()
            threadID = clinux_thread_id()
            started.signal()
            guard problem == 0 else { return }
            serve()
        }
        thread.start()
        started.wait()
        guard problem == 0 else {
            throw Trouble("no network namespace here, errno \(-problem)")
        }
        try ip("link set lo up")
    }

    /// Ends the thread; the namespace goes when its sockets do.
    func end() {
        condition.lock()
        isEnding = true
        condition.signal()
        condition.unlock()
    }

    private func serve() {
        while true {
            condition.lock()
            while work.isEmpty && !isEnding { condition.wait() }
            guard !work.isEmpty else { return condition.unlock() }
            let next = work.removeFirst()
            condition.unlock()
            next()
        }
    }

    /// Where its namespace can be entered.
    var path: String { "/proc/\(getpid())/task/\(threadID)/ns/net" }

    /// Runs something there, and waits for its end.
    func run<Value>(_ body: @escaping () throws -> Value) throws -> Value {
        if clinux_thread_id() == threadID { return try body() }
        var result: Result<Value, any Error>?
        let done = DispatchSemaphore(value: 0)
        condition.lock()
        work.append {
            result = Result { try body() }
            done.signal()
        }
        condition.signal()
        condition.unlock()
        done.wait()
        guard let result else { throw Trouble("the host has ended") }
        return try result.get()
    }

    /// Runs a program there to its end.
    ///
    /// - Returns: its output.
    @discardableResult
    func command(_ program: String, _ arguments: [String]) throws -> String {
        try run {
            let child = try ChildProcess(
                starting: Array(program.utf8),
                arguments: ([program] + arguments).map { Array($0.utf8) })
            var said: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 65_536)
            let loop = try EventLoop()
            var isOpen = true
            let token = try loop.register(child.output, for: .read) { _ in
                switch child.read(into: &room) {
                case .bytes(let count): said += room[..<count]
                case .wouldBlock: break
                case .closed:
                    isOpen = false
                    loop.stop()
                }
            }
            try loop.run()
            loop.remove(token)
            var ending = child.reap()
            while ending == nil {
                try loop.iterate(until: EventLoop.clock().advanced(by: .milliseconds(1)))
                ending = child.reap()
            }
            let text = String(decoding: said, as: UTF8.self)
            guard !isOpen, ending == .exited(0) else {
                throw Trouble("\(program) \(arguments): \(text)")
            }
            return text
        }
    }

    /// Runs `ip`.
    @discardableResult
    func ip(_ words: String) throws -> String {
        try command("/usr/sbin/ip", words.split(separator: " ").map(String.init))
    }

    /// Runs `ss`.
    func ss(_ words: String) throws -> String {
        try command("/usr/bin/ss", words.split(separator: " ").map(String.init))
    }

    /// Connects two machines by a cable; both ends are up.
    static func connect(_ a: Host, _ first: String, _ b: Host, _ second: String) throws {
        try a.ip("link add \(first) type veth peer name \(second) netns \(b.path)")
        try a.ip("link set \(first) up")
        try b.ip("link set \(second) up")
    }
}

/// A switch with machines on it, each at its `eth0`.
final class Segment {
    let switching: Host
    private var count = 0

    init() throws {
        switching = try Host()
        try switching.ip("link add bridge type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        try switching.ip("link set bridge up")
    }

    /// Makes a machine with addresses.
    func host(_ addresses: String...) throws -> Host {
        count += 1
        let host = try Host()
        try Host.connect(switching, "port\(count)", host, "eth0")
        try switching.ip("link set port\(count) master bridge")
        for address in addresses {
            let more = address.contains(":") ? " nodad" : ""
            try host.ip("address add \(address) dev eth0\(more)")
        }
        return host
    }
}
