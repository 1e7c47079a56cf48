// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire

/// A field in which two answers to the same question differ.
public struct ReplayDifference: Equatable, Sendable {
    /// The place of the question in the script.
    public var question: Int
    /// The field.
    public var path: String
    /// What the first answer has there.
    public var first: FieldValue?
    /// What the second answer has there.
    public var second: FieldValue?
    /// Why they may differ; nil when they may not.
    public var tolerance: String?

    /// Notes a difference.
    package init(
        question: Int, path: String, first: FieldValue?, second: FieldValue?,
        tolerance: String? = nil
    ) {
        self.question = question
        self.path = path
        self.first = first
        self.second = second
        self.tolerance = tolerance
    }

    /// Whether it may be in this answer, but not in every one.
    public var isToleratedHere: Bool {
        tolerance != nil && !ToleratedField.isEverywhere(path)
    }

    /// The field without the places in lists.
    public var pattern: String {
        var pattern = ""
        var isInside = false
        for character in path {
            if character == "]" { isInside = false }
            if !isInside { pattern.append(character) }
            if character == "[" { isInside = true }
        }
        return pattern
    }
}

/// The answers of two plays, or of a capture and a play, field by field.
public struct ReplayComparison: Equatable, Sendable {
    /// Questions that have an answer in both.
    public var comparedCount = 0
    /// Differences, in the order of the script.
    public var differences: [ReplayDifference] = []
    /// Questions that have an answer in the first only, and why there is none in the second.
    public var missing: [Int: String] = [:]

    private var skippedMessages: Set<Int> = []

    /// Those that may not be.
    public var unexpected: [ReplayDifference] { differences.filter { $0.tolerance == nil } }

    /// The questions whose answers differ in what may not.
    public var differingQuestions: Set<Int> { Set(unexpected.map(\.question)) }

    /// The questions whose answers are the same, or missing in both, in all that matters.
    public var isSame: Bool { unexpected.isEmpty && missing.isEmpty }

    /// Compares a play with the capture.
    public init(_ script: ReplayScript, _ result: ReplayResult) {
        skippedMessages = result.skipped
        for (question, step) in script.steps.enumerated() {
            guard case .send(let answer?) = step.action, !result.skipped.contains(question) else {
                continue
            }
            if let why = result.missing[question] {
                missing[question] = why
                continue
            }
            guard let played = result.answers[question] else { continue }
            compare(
                question, script.steps[answer].sighting,
                Self.sighting(played.bytes, like: script.steps[answer].sighting))
        }
        compareMessages(script) { step in
            (script.steps[step].sighting, result.messages[step], true)
        }
    }

    /// Compares two plays of the same script.
    public init(_ script: ReplayScript, _ first: ReplayResult, _ second: ReplayResult) {
        skippedMessages = first.skipped
        for (question, step) in script.steps.enumerated() {
            guard case .send(let answer?) = step.action, !first.skipped.contains(question) else {
                continue
            }
            let captured = script.steps[answer].sighting
            switch (first.answers[question], second.answers[question]) {
            case (let one?, let other?):
                compare(
                    question, Self.sighting(one.bytes, like: captured) ?? captured,
                    Self.sighting(other.bytes, like: captured))
            case (.some, nil): missing[question] = second.missing[question] ?? "no answer"
            case (nil, .some): missing[question] = first.missing[question] ?? "no answer"
            case (nil, nil): break
            }
        }
        compareMessages(script) { step in
            let captured = script.steps[step].sighting
            let one = first.messages[step].flatMap { Self.sighting($0, like: captured) }
            return (one ?? captured, second.messages[step], first.messages[step] != nil)
        }
    }

    private mutating func compare(
        _ question: Int, _ first: LegacySighting, _ second: LegacySighting?
    ) {
        comparedCount += 1
        guard let second else {
            differences.append(
                ReplayDifference(
                    question: question, path: "packet", first: first.fields,
                    second: .text("no packet of the legacy protocol")))
            return
        }
        guard first.bytes != second.bytes else { return }
        for difference in first.fields.differences(to: second.fields) {
            differences.append(
                ReplayDifference(
                    question: question, path: difference.path, first: difference.first,
                    second: difference.second,
                    tolerance: ToleratedField.reason(difference.path, of: first)))
        }
    }

    /// Messages that clients of the script caused: those that did not come, and those that say
    /// something else.
    private mutating func compareMessages(
        _ script: ReplayScript,
        _ find: (Int) -> (first: LegacySighting, second: [UInt8]?, isExpected: Bool)
    ) {
        for (index, step) in script.steps.enumerated() {
            guard case .message(let cause?) = step.action else { continue }
            let found = find(index)
            guard found.isExpected, !skippedMessages.contains(index) else { continue }
            // What a client sent arrives as it is; what a traversal finds is another matter.
            let isCopy = script.isCopy(step.sighting, of: cause)
            let tolerance = isCopy ? nil : "a traversal finds what there is, in any order"
            guard let second = found.second, let other = Self.sighting(second, like: found.first)
            else {
                differences.append(
                    ReplayDifference(
                        question: cause, path: "message", first: found.first.fields,
                        second: nil, tolerance: tolerance))
                continue
            }
            for difference in found.first.fields.differences(to: other.fields) {
                differences.append(
                    ReplayDifference(
                        question: cause, path: "message." + difference.path,
                        first: difference.first, second: difference.second,
                        tolerance: ToleratedField.reason(difference.path, of: found.first)
                            ?? tolerance))
            }
        }
    }

    /// A packet, as if it had been seen in the place of another.
    private static func sighting(
        _ bytes: [UInt8], like captured: LegacySighting
    ) -> LegacySighting? {
        guard let packet = try? LegacyPacket.decode(bytes[...], layout: .native) else {
            return nil
        }
        return LegacySighting(
            bytes: bytes[...], layout: .native, packet: packet, request: captured.request,
            question: captured.question)
    }
}

extension ReplayScript {
    /// Whether a message says what a client sent.
    fileprivate func isCopy(_ message: LegacySighting, of cause: Int) -> Bool {
        guard case .requestMessage(let one) = message.packet.body,
            case .requestMessage(let other) = steps[cause].sighting.packet.body
        else { return false }
        return one.srvid == other.srvid && one.data == other.data
    }
}

/// Two plays against the same daemon, and what that says about differences to the capture.
///
/// What differs between the plays is noise: nothing can be concluded from it.
public struct NoiseFloor: Equatable, Sendable {
    /// The first play against the capture.
    public var first: ReplayComparison
    /// The second play against the capture.
    public var second: ReplayComparison
    /// The plays against each other.
    public var between: ReplayComparison

    /// Compares.
    public init(_ script: ReplayScript, _ first: ReplayResult, _ second: ReplayResult) {
        self.first = ReplayComparison(script, first)
        self.second = ReplayComparison(script, second)
        between = ReplayComparison(script, first, second)
    }

    private struct Spot: Hashable {
        var question: Int
        var path: String
    }

    /// The questions whose answers differ between the plays in what may not.
    public var noisyQuestions: Set<Int> {
        between.differingQuestions.union(between.missing.keys)
    }

    /// The differences to the capture that both plays have, and that are not noise.
    public var beyond: [ReplayDifference] {
        let noise = Set(between.unexpected.map { Spot(question: $0.question, path: $0.path) })
        let again = Set(second.unexpected.map { Spot(question: $0.question, path: $0.path) })
        return first.unexpected.filter { difference in
            let spot = Spot(question: difference.question, path: difference.path)
            return !noise.contains(spot) && again.contains(spot)
                && between.missing[difference.question] == nil
        }
    }

    /// The questions that have no answer in either play.
    public var missing: [Int: String] { first.missing.filter { second.missing[$0.key] != nil } }

    /// Whether the answers are those of the capture but for noise.
    public var isWithin: Bool { beyond.isEmpty && missing.isEmpty }
}
