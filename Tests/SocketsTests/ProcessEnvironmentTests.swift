// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct ProcessEnvironmentTests {
    @Test func trimmingTakesCodeOutAndLeavesTheProcessRunning() throws {
        func mappedKilobytes() throws -> Int {
            let text = String(
                decoding: try SmallFile.read("/proc/self/status", limit: 65_536), as: UTF8.self)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
            return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
        }
        let before = try mappedKilobytes()
        ProcessEnvironment.trimMemory()
        #expect(try mappedKilobytes() < before)
        #expect((1...10).reduce(0, +) == 55)
    }

    @Test func aVariableIsReadOrAbsent() {
        #expect(ProcessEnvironment.variable("PATH")?.isEmpty == false)
        #expect(ProcessEnvironment.variable("TABLECLOTH_NO_SUCH_VARIABLE") == nil)
    }

    @Test func othersMayBeLetGoFirst() throws {
        let before = ProcessEnvironment.niceness
        guard before < 19 else { return }
        try ProcessEnvironment.request(niceness: before + 1)
        #expect(ProcessEnvironment.niceness == before + 1)
        // Back again only with the right to it.
        try? ProcessEnvironment.request(niceness: before)
    }

    @Test func seedsDiffer() throws {
        let seeds = try (0..<8).map { _ in try ProcessEnvironment.randomSeed() }
        #expect(Set(seeds).count == 8)
    }
}
