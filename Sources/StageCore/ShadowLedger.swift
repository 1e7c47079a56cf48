// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

/// What a daemon has found in shadow: decisions that it compared with ctdbd's, and the differences
/// by field, with examples that can be replayed.
///
/// Of each field it keeps the first examples and the latest ones. Everything is bounded.
public struct ShadowLedger: Equatable, Sendable {
    /// A field in which two decisions differ.
    public struct Difference: Hashable, Sendable {
        /// Which field of the decision.
        public var field: String
        /// What ctdbd decided.
        public var legacy: String
        /// What the daemon decided.
        public var own: String

        /// Describes a difference.
        public init(field: String, legacy: String, own: String) {
            self.field = field
            self.legacy = legacy
            self.own = own
        }
    }

    /// The first examples of a field that are kept; as many of the latest are kept too.
    public static let halfOfExamples = 4
    /// The most bytes of inputs that are kept altogether.
    public static let inputBudget = 1 << 20

    /// When the comparison began, in milliseconds since 1970; 0 when it has not.
    public private(set) var since: UInt64 = 0
    /// Decisions that were compared.
    public private(set) var compared: UInt64 = 0
    /// Those that differed.
    public private(set) var different: UInt64 = 0
    private var fields: [StageField] = []
    private var unlisted: UInt64 = 0
    private var inputBytes = 0
    private var exampleCount: UInt64 = 0

    /// Makes an empty ledger.
    public init() {}

    /// Begins anew.
    public mutating func begin(at time: UInt64) {
        let number = exampleCount
        self = Self()
        exampleCount = number
        since = time
    }

    /// Takes the comparison of one decision.
    ///
    /// - Parameters:
    ///   - differences: the fields that differ; none when the two agree.
    ///   - subject: what was decided about.
    ///   - replay: the command that decides again, from the input on its standard input.
    ///   - time: when, in milliseconds since 1970.
    ///   - input: what was decided from; asked for only when an example of it is kept.
    public mutating func compare(
        _ differences: [Difference], subject: String, replay: String, time: UInt64,
        input: () -> [UInt8]
    ) {
        compared += 1
        guard !differences.isEmpty else { return }
        different += 1
        var bytes: [UInt8]?
        for difference in differences {
            guard let place = place(of: difference.field) else {
                unlisted += 1
                continue
            }
            fields[place].count += 1
            let kept = bytes ?? input()
            bytes = kept
            exampleCount += 1
            add(
                StageExample(
                    number: exampleCount, time: time,
                    subject: StageText.clipped(subject, to: Int(PeerProtocol.stageNameLimit)),
                    legacy: StageText.clipped(
                        difference.legacy, to: Int(PeerProtocol.stageValueLimit)),
                    own: StageText.clipped(difference.own, to: Int(PeerProtocol.stageValueLimit)),
                    replay: StageText.clipped(replay, to: Int(PeerProtocol.stageTextLimit)),
                    input: []), kept, to: place)
        }
    }

    /// Reports what was found.
    public func report(_ request: ReportRequest) -> StageReport {
        let count = Int(min(request.examples, PeerProtocol.stageExamplesLimit))
        let listed = fields.filter { request.field.isEmpty || $0.name == request.field }
            .map { field in
                var field = field
                field.examples = Array(field.examples.prefix(count))
                if !request.inputs {
                    for place in field.examples.indices { field.examples[place].input = [] }
                }
                return field
            }
        return StageReport(
            since: since, compared: compared, different: different, fields: listed,
            unlisted: unlisted, later: [])
    }

    private mutating func place(of field: String) -> Int? {
        let name = StageText.clipped(field, to: Int(PeerProtocol.stageNameLimit))
        if let place = fields.firstIndex(where: { $0.name == name }) { return place }
        guard fields.count < Int(PeerProtocol.stageFieldsLimit) else { return nil }
        fields.append(StageField(name: name, count: 0, examples: []))
        return fields.count - 1
    }

    private mutating func add(_ example: StageExample, _ input: [UInt8], to place: Int) {
        if fields[place].examples.count >= 2 * Self.halfOfExamples {
            let old = fields[place].examples.remove(at: Self.halfOfExamples)
            inputBytes -= old.input.count
        }
        var example = example
        // An input that was cut off could not be replayed: whole or not at all.
        if input.count <= Int(PeerProtocol.stageInputLimit),
            inputBytes + input.count <= Self.inputBudget
        {
            example.input = input
            inputBytes += input.count
        }
        fields[place].examples.append(example)
    }
}
