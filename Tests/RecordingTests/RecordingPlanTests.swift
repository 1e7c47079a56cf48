// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Recording
import Testing

@Suite struct RecordingPlanTests {
    private func step(
        _ limits: RecordingLimits, elapsed: UInt64 = 0, file: UInt64 = 0, packets: UInt64 = 0,
        bytes: UInt64 = 0, fileBytes: UInt64 = 0
    ) -> RecordingLimits.Step {
        limits.step(
            elapsedSeconds: elapsed, fileElapsedSeconds: file, packets: packets,
            byteCount: bytes, fileByteCount: fileBytes)
    }

    @Test func withoutLimitsItGoesOn() {
        #expect(
            step(
                RecordingLimits(), elapsed: .max, file: .max, packets: .max, bytes: .max,
                fileBytes: .max) == .goOn)
    }

    @Test func eachLimitEndsIt() {
        var limits = RecordingLimits()
        limits.seconds = 5
        #expect(step(limits, elapsed: 4) == .goOn)
        #expect(step(limits, elapsed: 5) == .end(reason: "5 seconds have passed"))
        limits = RecordingLimits()
        limits.packets = 3
        #expect(step(limits, packets: 2) == .goOn)
        #expect(step(limits, packets: 4) == .end(reason: "3 packets were recorded"))
        limits = RecordingLimits()
        limits.byteCount = 100
        #expect(step(limits, bytes: 99) == .goOn)
        #expect(step(limits, bytes: 100) == .end(reason: "100 bytes were written"))
    }

    @Test func aFileEndsBeforeTheRecordingDoes() {
        var limits = RecordingLimits()
        limits.fileByteCount = 10
        limits.fileSeconds = 60
        #expect(step(limits, file: 59, fileBytes: 9) == .goOn)
        #expect(step(limits, fileBytes: 10) == .nextFile)
        #expect(step(limits, file: 60) == .nextFile)
        limits.seconds = 60
        #expect(step(limits, elapsed: 60, file: 60) == .end(reason: "60 seconds have passed"))
    }

    @Test(arguments: [
        ("/a/b.pcapng", "/a/b-00001.pcapng"), ("b", "b-00001"), ("/a.d/b", "/a.d/b-00001"),
        (".hidden", ".hidden-00001"), ("a.b.c", "a.b-00001.c"),
    ])
    func severalFilesHaveNumbers(path: String, first: String) {
        var limits = RecordingLimits()
        #expect(limits.filePath(path, number: 1) == path)
        limits.fileByteCount = 1
        #expect(limits.filePath(path, number: 1) == first)
    }

    @Test func aNameFitsIntoTheNameOfAFile() {
        #expect(RecordingPlan.isName("night-1"))
        for name in ["", "a/b", "..", "A", "a b", String(repeating: "a", count: 33)] {
            #expect(!RecordingPlan.isName(name))
        }
    }
}
