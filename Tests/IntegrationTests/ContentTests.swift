// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// Messages of all sizes, and streams.
    @Suite @MainActor
    struct Contents {
        @Test("messages of every size arrive as they were sent")
        func sizes() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let receiver = try TestReceiver(cluster, on: 1, cluster.newService())
            try await receiver.isThere()
            let options = ["--count", "24", "--size", "0,1,65535,65536,65537,1048576"]
            for (node, lane) in [(0, []), (0, ["--urgent"]), (1, [])] {
                let flow = try Flow(cluster, from: node, to: receiver, options + lane)
                #expect(try await flow.finish().summary == ["delivered": 24])
                checkPromises(flow)
            }
            try await receiver.stop()
        }

        @Test("a message of 256 MiB arrives, and others are not kept waiting for it")
        func largest() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let receiver = try TestReceiver(cluster, on: 1, cluster.newService())
            let other = try TestReceiver(cluster, on: 1, cluster.newService())
            try await receiver.isThere()
            try await other.isThere()
            let large = try Flow(
                cluster, from: 0, to: receiver, ["--count", "1", "--size", "268435456"])
            let small = try Flow(
                cluster, from: 0, to: other, ["--rate", "50", "--outstanding", "500"])
            let log = try await large.finish(within: patience * 2)
            #expect(log.summary == ["delivered": 1])
            checkPromises(large)
            let rest = try await small.stop()
            checkPromises(small)
            #expect(rest.summary.keys.sorted() == ["delivered"])
            let slowest = rest.outcomes.keys.map { rest.milliseconds($0) }.max() ?? 0
            print("256 MiB took \(log.milliseconds(0)) ms; the slowest other message \(slowest) ms")
            // Behind the large one it would have waited for all of it.
            #expect(slowest < max(2_000, log.milliseconds(0) / 2))
            for receiver in [receiver, other] { try await receiver.stop() }
        }

        @Test("a stream is as fast as its reader, who slows nobody else", arguments: [0, 1])
        func slowReader(from node: Int) async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            // 10,000 bytes each 20 ms, at most: 2 MB take 4 s or longer.
            let byteCount = 2_000_000
            let reader = try TestReceiver(
                cluster, on: 1, cluster.newService(), ["--pace", "10000"])
            let other = try TestReceiver(cluster, on: 1, cluster.newService())
            try await reader.isThere()
            try await other.isThere()
            let stream = try Flow(
                cluster, from: node, to: reader,
                ["--kind", "stream", "--count", "\(byteCount)"])
            let messages = try Flow(cluster, from: node, to: other, ["--rate", "200"])
            try await messages.makesProgress(by: 100)
            #expect(stream.sent.written < byteCount, "the writer does not wait for the reader")
            #expect(try await stream.child.end() == 0)
            let log = stream.sent
            let received = ReceivedLog(reader.logPath, from: log.instance).streams
            let told = Array((log.stream ?? []).prefix(3))
            #expect(told == ["\(byteCount)", told.dropFirst().first ?? "", "complete"])
            #expect(received.map { Array($0.prefix(3)) } == [told])
            let rest = try await messages.stop()
            checkPromises(messages)
            let slowest = rest.outcomes.keys.map { rest.milliseconds($0) }.max() ?? 0
            #expect(slowest < 3_000, "others waited for the reader")
            for receiver in [reader, other] { try await receiver.stop() }
        }

        @Test("a stream whose reader is killed is aborted")
        func readerKilled() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let reader = try TestReceiver(cluster, on: 1, cluster.newService(), ["--pace", "1000"])
            try await reader.isThere()
            let stream = try Flow(
                cluster, from: 0, to: reader, ["--kind", "stream", "--count", "2000000"])
            // Nothing is under way then whose failure would tell of the reader's end. One packet is
            // the status's own.
            try await eventually("the writer waits for credit") {
                guard stream.sent.written > 262_144 else { return false }
                let here = try await cluster.status(0)["held_packets"]
                let there = try await cluster.status(1)["held_packets"]
                return here <= 1 && there <= 1
            }
            try await reader.child.kill()
            #expect(try await stream.child.end() == 0)
            #expect(stream.sent.stream?.dropFirst(2) == ["aborted", "serviceGone"])
        }
    }
}
