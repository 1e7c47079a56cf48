// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct SocketStandInTests {
    private let scratch: ScratchDirectory
    private let path: String
    private var beside: String { path + SocketStandIn.besideSuffix }

    init() throws {
        scratch = try ScratchDirectory()
        path = scratch.file("s")
    }

    /// Who takes a connection to a path: 0 for the first of these, 1 for the second.
    private func whoTakes(_ path: String, _ original: StreamListener, _ standIn: SocketStandIn?)
        throws -> Int?
    {
        let client = try StreamSocket(connectedTo: path)
        defer { withExtendedLifetime(client) {} }
        if case .connection = original.accept() { return 0 }
        if let standIn, case .connection = standIn.accept() { return 1 }
        return nil
    }

    @Test func itStandsThereAndGoesAway() throws {
        let original = try StreamListener(boundTo: path)
        var standIn: SocketStandIn? = try SocketStandIn(at: path)
        #expect(standIn?.originalPID == Credentials.own.pid)
        // One connection was made to see whether somebody listens.
        while case .connection = original.accept() {}
        #expect(try whoTakes(path, original, standIn) == 1)
        #expect(try whoTakes(beside, original, standIn) == 0)
        #expect(scratch.permissions(of: "s") == 0o600)
        standIn = nil
        #expect(try whoTakes(path, original, nil) == 0)
        #expect(!SocketStandIn.isExpected(at: path))
    }

    @Test func aSecondOneIsRefused() throws {
        let original = try StreamListener(boundTo: path)
        let standIn = try SocketStandIn(at: path)
        let error = #expect(throws: SystemError.self) { try SocketStandIn(at: path) }
        #expect(error?.isLocked == true)
        #expect(throws: SystemError.self) { try SocketStandIn.mend(path) }
        while case .connection = original.accept() {}
        #expect(try whoTakes(path, original, standIn) == 1)
    }

    @Test func whatAKilledOneLeftIsMended() throws {
        // The original is beside, and nobody listens at the path.
        let original = try StreamListener(boundTo: beside)
        try leaveStaleStream("s")
        #expect(try SocketStandIn.mend(path) == .restored)
        #expect(try whoTakes(path, original, nil) != nil)
        #expect(!SocketStandIn.isExpected(at: path))
        #expect(try SocketStandIn.mend(path) == .nothing)
    }

    @Test func oneThatWasKilledBeforeTheExchangeIsMended() throws {
        let original = try StreamListener(boundTo: path)
        try leaveStaleStream("s" + SocketStandIn.besideSuffix)
        #expect(try SocketStandIn.mend(path) == .cleared)
        #expect(try whoTakes(path, original, nil) != nil)
        #expect(!SocketStandIn.isExpected(at: path))
    }

    @Test func whatIsLeftOfBothIsRemoved() throws {
        try leaveStaleStream("s")
        try leaveStaleStream("s" + SocketStandIn.besideSuffix)
        #expect(try SocketStandIn.mend(path) == .abandoned)
        #expect(!SocketStandIn.isExpected(at: path))
    }

    @Test func theNextOneMendsFirst() throws {
        let original = try StreamListener(boundTo: beside)
        try leaveStaleStream("s")
        let standIn = try SocketStandIn(at: path)
        while case .connection = original.accept() {}
        #expect(try whoTakes(path, original, standIn) == 1)
        #expect(try whoTakes(beside, original, standIn) == 0)
    }

    @Test func whoTookThePathInTheMeantimeKeepsIt() throws {
        var original: StreamListener? = try StreamListener(boundTo: path)
        var standIn: SocketStandIn? = try SocketStandIn(at: path)
        // As a daemon does that starts again: it removes what is there.
        #expect(original != nil)
        original = nil
        #expect(scratch.remove("s"))
        let next = try StreamListener(boundTo: path)
        #expect(standIn != nil)
        standIn = nil
        #expect(try whoTakes(path, next, nil) == 0)
        #expect(!SocketStandIn.isExpected(at: path))
    }

    @Test func twoThatListenAreLeftAlone() throws {
        let first = try StreamListener(boundTo: path)
        let second = try StreamListener(boundTo: beside)
        let error = #expect(throws: SystemError.self) { try SocketStandIn.mend(path) }
        #expect(error?.errno == EEXIST)
        withExtendedLifetime((first, second)) {}
    }

    @Test func somethingElseBesideIsNotTouched() throws {
        try scratch.write([1], to: "s" + SocketStandIn.besideSuffix)
        let error = #expect(throws: SystemError.self) { try SocketStandIn.mend(path) }
        #expect(error?.errno == ENOTSOCK)
        #expect(SocketStandIn.isExpected(at: path))
    }

    /// A stream socket whose process is gone.
    private func leaveStaleStream(_ name: String) throws {
        try scratch.leaveStaleSocket(name, isStream: true)
    }
}
