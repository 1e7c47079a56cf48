// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Presentation

/// Records as JSON, in which an example of a difference is kept and decided about again.
///
/// ```
/// {"schema": "ctdb.event.record/1", "component": "legacy", "event": "monitor",
///  "timeout_microseconds": 30000000, "output_limit": 262144,
///  "scripts": [{"name": "00.ctdb", "enabled": true}],
///  "summary": 0,
///  "results": [{"name": "00.ctdb", "begin": 1700000000000000, "end": 1700000000012000,
///               "result": 0, "output_bytes": null}]}
/// ```
///
/// A name that is not UTF-8 is an object, `{"hex": "e974"}`. Of an output only its size is kept.
extension EventRecord {
    /// What is wrong with a record that was read.
    public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        /// What is wrong, and where.
        public var description: String
    }

    private static let schema = "ctdb.event.record/1"
    private static let scriptLimit = 4096
    private static let outputLimit: Int64 = 16 << 20

    /// The record as JSON, in one line.
    public var json: String {
        JSONText.text(
            .object([
                Field("schema", .text(Self.schema)),
                Field("component", Self.value(component.bytes)),
                Field("event", Self.value(event.bytes)),
                Field(
                    "timeout_microseconds", timeout.map { .number($0.wholeMicroseconds) } ?? .none),
                Field("output_limit", .number(Int64(outputLimit))),
                Field(
                    "scripts",
                    .list(
                        scripts.map {
                            .object([
                                Field("name", Self.value($0.name.bytes)),
                                Field("enabled", .flag($0.isEnabled)),
                            ])
                        })),
                Field("summary", .number(Int64(status.summary))),
                Field("results", .list(status.scripts.map(Self.value))),
            ]))
    }

    private static func value(_ script: EventScriptResult) -> Value {
        .object([
            Field("name", value(script.nameBytes ?? [])),
            Field("begin", .number(script.begin.inMicroseconds)),
            Field("end", .number(script.end.inMicroseconds)),
            Field("result", .number(Int64(script.result))),
            Field("output_bytes", script.outputBytes.map { .number(Int64($0.count)) } ?? .none),
        ])
    }

    private static func value(_ bytes: [UInt8]) -> Value {
        if let text = String(validating: bytes, as: UTF8.self) { return .text(text) }
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return .object([Field("hex", .text(digits.joined()))])
    }

    // MARK: Reading

    /// Reads a record.
    ///
    /// - Parameter json: the text, in UTF-8.
    /// - Throws: what is wrong with it.
    public init(json: [UInt8]) throws(Malformed) {
        let value: Value
        do throws(JSONReader.Malformed) {
            value = try JSONReader.read(json)
        } catch {
            throw Malformed(description: "\(error)")
        }
        let fields = RecordFields(value)
        guard try fields.text("schema") == Self.schema else {
            throw Malformed(description: "schema: not \(Self.schema)")
        }
        let scripts = try fields.list("scripts").map { one throws(Malformed) in
            Script(name: try one.name("name"), isEnabled: try one.flag("enabled"))
        }
        let results = try fields.list("results").map { one throws(Malformed) in
            try Self.result(one)
        }
        guard scripts.count <= Self.scriptLimit, results.count <= Self.scriptLimit else {
            throw Malformed(description: "scripts: more than \(Self.scriptLimit)")
        }
        let timeout = try fields.number(ifGiven: "timeout_microseconds")
        self.init(
            component: try fields.name("component"), event: try fields.name("event"),
            timeout: timeout.map { .microseconds(max(0, $0)) }, scripts: scripts,
            status: EventStatus(
                summary: Int32(clamping: try fields.number("summary")), scripts: results),
            outputLimit: Int(clamping: max(0, try fields.number("output_limit"))))
    }

    private static func result(_ fields: RecordFields) throws(Malformed) -> EventScriptResult {
        let count = try fields.number(ifGiven: "output_bytes")
        guard (count ?? 0) >= 0, (count ?? 0) <= outputLimit else {
            throw Malformed(description: "output_bytes: not from 0 to \(outputLimit)")
        }
        return EventScriptResult(
            nameBytes: try fields.name("name").bytes,
            begin: Timeval(inMicroseconds: try fields.number("begin")),
            end: Timeval(inMicroseconds: try fields.number("end")),
            result: Int32(clamping: try fields.number("result")),
            outputBytes: count.map { [UInt8](repeating: 0x2E, count: Int($0)) })
    }
}

/// The fields of an object that was read.
private struct RecordFields {
    typealias Malformed = EventRecord.Malformed

    private let fields: [String: Value]

    init(_ value: Value) {
        guard case .object(let all) = value else {
            fields = [:]
            return
        }
        fields = Dictionary(all.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func wrong(_ name: String, _ what: String) -> Malformed {
        Malformed(description: "\(name): \(fields[name] == nil ? "missing" : "not \(what)")")
    }

    func text(_ name: String) throws(Malformed) -> String {
        guard case .text(let text)? = fields[name] else { throw wrong(name, "a text") }
        return text
    }

    func flag(_ name: String) throws(Malformed) -> Bool {
        guard case .flag(let flag)? = fields[name] else { throw wrong(name, "true or false") }
        return flag
    }

    func number(_ name: String) throws(Malformed) -> Int64 {
        guard let number = try number(ifGiven: name) else { throw wrong(name, "a whole number") }
        return number
    }

    func number(ifGiven name: String) throws(Malformed) -> Int64? {
        switch fields[name] {
        case .number(let number): return number
        case .unsigned(let number): return Int64(clamping: number)
        case nil, Value.none?: return nil
        default: throw wrong(name, "a whole number")
        }
    }

    func name(_ name: String) throws(Malformed) -> EventText {
        switch fields[name] {
        case .text(let text)? where !text.utf8.contains(0): return EventText(Array(text.utf8))
        case .object(let inner)?:
            guard inner.count == 1, inner[0].name == "hex", case .text(let digits) = inner[0].value,
                let bytes = Self.bytes(digits)
            else { throw wrong(name, "a name") }
            return EventText(bytes)
        default: throw wrong(name, "a name")
        }
    }

    func list(_ name: String) throws(Malformed) -> [RecordFields] {
        guard case .list(let list)? = fields[name] else { throw wrong(name, "a list") }
        return list.map(RecordFields.init)
    }

    private static func bytes(_ digits: String) -> [UInt8]? {
        let all = Array(digits.utf8)
        guard all.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: all.count, by: 2) {
            let pair = String(decoding: all[at..<(at + 2)], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16), byte != 0, !pair.hasPrefix("+") else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}

extension Duration {
    /// The duration in whole microseconds.
    fileprivate var wholeMicroseconds: Int64 {
        let (product, isTooMuch) = components.seconds.multipliedReportingOverflow(by: 1_000_000)
        let rest = components.attoseconds / 1_000_000_000_000
        return isTooMuch ? .max : product.addingReportingOverflow(rest).partialValue
    }
}
