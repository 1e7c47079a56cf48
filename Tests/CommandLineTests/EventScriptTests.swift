// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Sockets
import Testing

/// Scripts that ctdb brings along run by a link, as packages and the old tool make it.
@Suite struct EventScriptTests {
    private let scratch: ScratchDirectory
    private let variables: [String: String]

    init() throws {
        scratch = try ScratchDirectory()
        for folder in ["share/events/legacy", "events/legacy"] {
            try FileManager.default.createDirectory(
                atPath: scratch.file(folder), withIntermediateDirectories: true)
        }
        for name in ["10.interface", "50.samba"] {
            let path = "share/events/legacy/\(name).script"
            try scratch.write(Array("#!/bin/sh\n".utf8), to: path)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: scratch.file(path))
        }
        variables = ["CTDB_TEST_MODE": "1", "CTDB_BASE": scratch.path]
    }

    private func script(_ words: String) -> Outcome {
        typed("event script \(words)", variables: variables)
    }

    private func target(_ name: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(
            atPath: scratch.file("events/legacy/\(name).script"))
    }

    private var enabled: String {
        script("list --porcelain").output.split(separator: "\n").filter { $0.hasSuffix("1\t0") }
            .joined(separator: " ")
    }

    @Test func aLinkIsMadeAndTakenAway() throws {
        #expect(script("enable 50.samba --dry-run").code == 0)
        #expect(target("50.samba") == nil)
        for _ in 0..<2 { #expect(script("enable 50.samba") == Outcome(output: "")) }
        let origin = try #require(target("50.samba"))
        #expect(origin.hasPrefix("/") && origin.hasSuffix("share/events/legacy/50.samba.script"))
        #expect(enabled == "50.samba\t1\t0")
        for _ in 0..<2 { #expect(script("disable 50.samba") == Outcome(output: "")) }
        #expect(target("50.samba") == nil)
        #expect(enabled == "")
        #expect(FileManager.default.fileExists(atPath: origin))
    }

    @Test func whatThereIsNotIsSaid() throws {
        let unknown = script("enable 50.smaba")
        #expect(unknown.code == 1)
        #expect(
            unknown.errors.contains("there is nothing of that name in legacy (did you mean"),
            "\(unknown)")
        #expect(unknown.errors.contains("50.samba"))
        #expect(script("disable 50.smaba").code == 1)
        #expect(script("enable ../50.samba").code == 2)
    }

    @Test func aScriptOfOnesOwnIsTheDaemonsToChange() throws {
        try scratch.write(Array("#!/bin/sh\n".utf8), to: "events/legacy/90.own.script")
        let outcome = script("enable 90.own")
        #expect(outcome.code == 4)
        #expect(outcome.errors.contains("event daemon"), "\(outcome)")
    }
}
