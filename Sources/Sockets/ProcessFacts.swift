// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// What the kernel tells of a process, in `/proc`.
///
/// Everything is read anew at each question. What cannot be read is nil or empty, for the process
/// may end at any time.
public struct ProcessFacts: Equatable, Sendable {
    /// The process.
    public let pid: Int32

    private static let limit = 4 << 20
    private static let traceCapability: UInt64 = 19

    /// Names a process.
    public init(pid: Int32) { self.pid = pid }

    /// Its program, links followed.
    public var program: String? { link("exe") }

    /// Whether it runs the same program as another one; one that was replaced meanwhile counts.
    public func isSameProgram(as other: ProcessFacts) -> Bool {
        func plain(_ path: String) -> String {
            let mark = " (deleted)"
            return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
        }
        guard let program, let another = other.program else { return false }
        return plain(program) == plain(another)
    }

    /// The folder that it is in.
    public var directory: String? { link("cwd") }

    /// The environment that it was started with: `NAME=value`, each without its NUL.
    public var environment: [[UInt8]]? {
        bytes("environ").map { all in all.split(separator: 0).map(Array.init) }
    }

    /// Whether it is there, and not stopped, frozen or over.
    public var isRunning: Bool { field(1).map { !"tTZX".contains($0) } ?? false }

    /// Its parent.
    public var parent: Int32? { field(2).flatMap(Int32.init) }

    /// Faults of the children that it has taken leave of; a child that ends always adds some.
    public var faultsOfChildren: UInt64? { field(9).flatMap(UInt64.init) }

    /// When it was started, in ticks since the machine was; tells apart two of one number.
    public var startTicks: UInt64? { field(20).flatMap(UInt64.init) }

    /// Who traces it; nil for nobody.
    public var tracer: Int32? {
        status("TracerPid").flatMap(Int32.init).flatMap { $0 == 0 ? nil : $0 }
    }

    /// The permissions that it takes away from new files.
    public var fileModeMask: UInt32? { status("Umask").flatMap { UInt32($0, radix: 8) } }

    /// Whether it may trace processes that are not its own.
    public var hasTraceCapability: Bool {
        let bits = status("CapEff").flatMap { UInt64($0, radix: 16) } ?? 0
        return bits & 1 << Self.traceCapability != 0
    }

    /// Whether a filter decides which system calls it may do.
    public var isFiltered: Bool { status("Seccomp").map { $0 != "0" } ?? false }

    /// The processes that it has started and not taken leave of.
    ///
    /// - Throws: what the kernel answered; `ENOENT` also when it does not list children.
    public func children() throws(SystemError) -> [Int32] {
        var all: [Int32] = []
        for thread in try Folder.names(in: "/proc/\(pid)/task") {
            let path = "/proc/\(pid)/task/\(thread)/children"
            let text = String(
                decoding: try SmallFile.read(path, limit: Self.limit), as: UTF8.self)
            all += text.split(separator: " ").compactMap { Int32($0) }
        }
        return all
    }

    /// The numbers of its descriptors that are sockets.
    public func sockets() throws(SystemError) -> [Int32] {
        try Folder.names(in: "/proc/\(pid)/fd").compactMap { name in
            link("fd/\(name)")?.hasPrefix("socket:") == true ? Int32(name) : nil
        }
    }

    /// The processes that have a Unix socket which is bound to a path, in this network namespace.
    ///
    /// It looks at all processes of the machine: for rare use.
    public static func owners(ofSocketAt path: String) -> [Int32] {
        let table = (try? SmallFile.read("/proc/net/unix", limit: 64 << 20)) ?? []
        let targets = table.split(separator: 10).compactMap { line -> String? in
            let words = String(decoding: line, as: UTF8.self)
                .split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
            guard words.count == 8, words[7] == path else { return nil }
            return "socket:[\(words[6])]"
        }
        guard !targets.isEmpty else { return [] }
        return ((try? Folder.names(in: "/proc")) ?? []).compactMap { name -> Int32? in
            guard let pid = Int32(name) else { return nil }
            let facts = ProcessFacts(pid: pid)
            let descriptors = (try? Folder.names(in: "/proc/\(pid)/fd")) ?? []
            let isOwner = descriptors.contains { descriptor in
                facts.link("fd/\(descriptor)").map(targets.contains) ?? false
            }
            return isOwner ? pid : nil
        }
    }

    /// Whether one of its epoll descriptors waits for room to write somewhere.
    public func waitsToWrite() throws(SystemError) -> Bool {
        for name in try Folder.names(in: "/proc/\(pid)/fdinfo") {
            let path = "/proc/\(pid)/fdinfo/\(name)"
            let text = String(
                decoding: try SmallFile.read(path, limit: Self.limit), as: UTF8.self)
            for line in text.split(separator: "\n") where line.hasPrefix("tfd:") {
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "events:"), at + 1 < words.count,
                    let events = UInt32(words[at + 1], radix: 16)
                else { continue }
                if events & Interest.write.events != 0 { return true }
            }
        }
        return false
    }

    // MARK: Files

    private func bytes(_ name: String) -> [UInt8]? {
        try? SmallFile.read("/proc/\(pid)/\(name)", limit: Self.limit)
    }

    /// A field of `stat` behind the name, which may have anything in it; the state is field 1.
    private func field(_ number: Int) -> String? {
        guard let all = bytes("stat"), let end = all.lastIndex(of: UInt8(ascii: ")")) else {
            return nil
        }
        let words = String(decoding: all[(end + 1)...], as: UTF8.self).split(separator: " ")
        return number <= words.count ? String(words[number - 1]) : nil
    }

    /// A line of `status`.
    private func status(_ name: String) -> String? {
        guard let all = bytes("status") else { return nil }
        let start = "\(name):"
        let lines = String(decoding: all, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(start) }) else { return nil }
        let value = line.dropFirst(start.count).drop { $0 == " " || $0 == "\t" }
        return String(value)
    }

    func link(_ name: String) -> String? {
        var room = [CChar](repeating: 0, count: 4097)
        let path = "/proc/\(pid)/\(name)"
        let count = unsafe room.withUnsafeMutableBufferPointer { part in
            guard let start = part.baseAddress else { return -1 }
            return unsafe readlink(path, start, part.count - 1)
        }
        guard count > 0 else { return nil }
        return String(decoding: room.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
