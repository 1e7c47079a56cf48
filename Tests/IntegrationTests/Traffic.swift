// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

/// A daemon that logs what it receives; its log outlives it.
@MainActor
final class TestReceiver {
    let service: String
    let node: Int
    let logPath: String
    private let cluster: Cluster
    private let options: [String]
    private(set) var child: Child

    init(_ cluster: Cluster, on node: Int, _ service: String, _ options: [String] = []) throws {
        self.cluster = cluster
        self.node = node
        self.service = service
        self.options = options
        logPath = cluster.scratch.file("\(service).\(node).received")
        child = try Self.start(cluster, node, service, logPath, options)
    }

    private static func start(
        _ cluster: Cluster, _ node: Int, _ service: String, _ log: String, _ options: [String]
    ) throws -> Child {
        try Child(
            Places.traffic,
            [
                "receive", "--run-directory", cluster.runDirectory(node), "--service", service,
                "--log", log,
            ] + options, directory: cluster.scratch.path)
    }

    /// Waits until others can send to it.
    func isThere() async throws {
        let socket = "\(cluster.runDirectory(node))/\(service).sock"
        try await eventually("\(service) is there") {
            FileManager.default.fileExists(atPath: socket)
        }
    }

    func restart() throws {
        child = try Self.start(cluster, node, service, logPath, options)
    }

    func stop() async throws {
        child.signal(SIGTERM)
        _ = try await child.end()
    }
}

/// One client's messages to one service, and what both ends wrote of them.
@MainActor
final class Flow {
    let child: Child
    let senderLog: String
    let receiver: TestReceiver
    private static var count = 0

    init(
        _ cluster: Cluster, from node: Int, to receiver: TestReceiver, _ options: [String],
        destination: String? = nil
    ) throws {
        Self.count += 1
        self.receiver = receiver
        senderLog = cluster.scratch.file("\(receiver.service).\(Self.count).sent")
        child = try Child(
            Places.traffic,
            [
                "send", "--run-directory", cluster.runDirectory(node), "--service",
                receiver.service, "--node", destination ?? "\(receiver.node)", "--log", senderLog,
            ] + options, directory: cluster.scratch.path)
    }

    var sent: SentLog { SentLog(senderLog) }
    var deliveredCount: Int { sent.outcomes.values.count { $0.first == "delivered" } }

    /// Waits for so many more deliveries, all of them sent from now on.
    func makesProgress(by count: Int = 100, within limit: Duration = patience) async throws {
        let start = deliveredCount
        var last: [String] = []
        do {
            try await eventually("progress", within: limit) {
                let log = sent
                last = log.outcomes.max { $0.key < $1.key }?.value ?? []
                return log.outcomes.values.count { $0.first == "delivered" } >= start + count
            }
        } catch {
            throw Trouble(
                "\(receiver.service): no \(count) deliveries in \(limit); last \(last), "
                    + "sender: \(child.errors)")
        }
    }

    /// Waits for the end of a bounded flow.
    func finish(within limit: Duration = patience) async throws -> SentLog {
        #expect(try await child.end(within: limit) == 0)
        return sent
    }

    /// Ends the sending and waits for every outcome.
    func stop(within limit: Duration = patience) async throws -> SentLog {
        child.signal(SIGTERM)
        return try await finish(within: limit)
    }
}

/// What a sender wrote.
struct SentLog {
    var instance = ""
    var sent: [Int: [String]] = [:]
    var outcomes: [Int: [String]] = [:]
    var extraOutcomes = 0
    var replies: [[String]] = []
    var stream: [String]?
    var written = 0

    init(_ path: String) {
        for words in wholeLines(path) {
            switch words[0] {
            case "instance": instance = words[1]
            case "sent": sent[Int(words[1]) ?? -1] = Array(words[2...])
            case "done":
                let sequence = Int(words[1]) ?? -1
                if outcomes[sequence] != nil { extraOutcomes += 1 }
                outcomes[sequence] = Array(words[2...])
            case "reply": replies.append(Array(words[1...]))
            case "stream": stream = Array(words[1...])
            case "written": written = Int(words[1]) ?? 0
            default: break
            }
        }
    }

    /// How often each outcome happened.
    var summary: [String: Int] {
        var summary: [String: Int] = [:]
        for outcome in outcomes.values {
            let isFailed = outcome.first == "failed"
            summary[isFailed ? outcome[1...2].joined(separator: " ") : outcome[0], default: 0] += 1
        }
        return summary
    }

    /// Milliseconds until the outcome of a message.
    func milliseconds(_ sequence: Int) -> Int {
        outcomes[sequence]?.last.flatMap { Int($0) } ?? Int.max
    }
}

/// What a receiver wrote of one sender: sequence numbers with sizes and checksums, in order.
struct ReceivedLog {
    var messages: [(sequence: Int, content: [String])] = []
    var streams: [[String]] = []

    init(_ path: String, from instance: String) {
        for words in wholeLines(path) {
            if words[0] == "stream" {
                if words[1] == instance { streams.append(Array(words[2...])) }
            } else if words.count == 6, words[0] == instance {
                messages.append((Int(words[2]) ?? -1, Array(words[3...4])))
            }
        }
    }
}

private func wholeLines(_ path: String) -> [[String]] {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let end = data.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return String(decoding: data[..<end], as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: " ").map(String.init) }.filter { $0.count > 1 }
}

/// Checks the promises of the proxies against what both ends wrote.
@MainActor
func checkPromises(
    _ flow: Flow, at receiver: TestReceiver? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let sent = flow.sent
    let received = ReceivedLog((receiver ?? flow.receiver).logPath, from: sent.instance)
    var wrong: [String] = []
    if sent.extraOutcomes > 0 { wrong.append("\(sent.extraOutcomes) outcomes too many") }
    let lacking = sent.sent.keys.filter { sent.outcomes[$0] == nil }
    if !lacking.isEmpty { wrong.append("no outcome: \(lacking.sorted().prefix(9))") }
    var seen: Set<Int> = []
    var last = -1
    for message in received.messages {
        let sequence = message.sequence
        if !seen.insert(sequence).inserted { wrong.append("\(sequence) came twice") }
        if sequence < last { wrong.append("\(sequence) came after \(last)") }
        last = max(last, sequence)
        if sent.sent[sequence] != message.content {
            wrong.append(
                "\(sequence) was sent as \(sent.sent[sequence] ?? []), "
                    + "came as \(message.content)")
        }
        if let outcome = sent.outcomes[sequence], outcome[0] == "failed", outcome[2] == "never" {
            wrong.append("\(sequence) came, though it failed for certain: \(outcome)")
        }
    }
    for (sequence, outcome) in sent.outcomes where outcome[0] == "delivered" {
        if !seen.contains(sequence) { wrong.append("\(sequence) was delivered, but never came") }
    }
    let text = wrong.prefix(12).joined(separator: "\n")
    if !wrong.isEmpty {
        Issue.record(
            "\(flow.receiver.service): \(wrong.count) promises broken\n\(text)",
            sourceLocation: sourceLocation)
    }
}

/// Traffic between two nodes, both ways, while something happens.
@MainActor
struct BothWays {
    let flows: [Flow]
    let receivers: [TestReceiver]

    init(
        _ cluster: Cluster, _ one: Int, _ other: Int,
        options: [String] = ["--rate", "400", "--size", "64,1000,20000"]
    ) async throws {
        let service = cluster.newService()
        receivers = try [one, other].map { try TestReceiver(cluster, on: $0, service) }
        for receiver in receivers { try await receiver.isThere() }
        flows = try [
            Flow(cluster, from: one, to: receivers[1], options),
            Flow(cluster, from: other, to: receivers[0], options),
        ]
        try await makesProgress(by: 40)
    }

    func makesProgress(by count: Int = 100, within limit: Duration = patience) async throws {
        for flow in flows { try await flow.makesProgress(by: count, within: limit) }
    }

    /// Ends the traffic and checks it.
    ///
    /// - Returns: how often each outcome happened, for each direction.
    @discardableResult
    func finish(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [[String: Int]] {
        for flow in flows { _ = try await flow.stop() }
        for receiver in receivers { try await receiver.stop() }
        for flow in flows { checkPromises(flow, sourceLocation: sourceLocation) }
        let summaries = flows.map { $0.sent.summary }
        print(
            "outcomes:",
            summaries.map { "\($0.sorted { $0.key < $1.key })" }.joined(separator: " | "))
        return summaries
    }
}
