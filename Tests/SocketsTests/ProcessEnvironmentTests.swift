// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct ProcessEnvironmentTests {
    @Test func aVariableIsReadOrAbsent() {
        #expect(ProcessEnvironment.variable("PATH")?.isEmpty == false)
        #expect(ProcessEnvironment.variable("TABLECLOTH_NO_SUCH_VARIABLE") == nil)
    }

    @Test func seedsDiffer() throws {
        let seeds = try (0..<8).map { _ in try ProcessEnvironment.randomSeed() }
        #expect(Set(seeds).count == 8)
    }
}
