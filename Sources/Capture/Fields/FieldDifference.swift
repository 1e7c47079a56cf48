// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A place where two trees of fields differ.
public struct FieldDifference: Equatable, Sendable {
    /// Where: the names of fields, joined by dots, and places in lists in brackets.
    public var path: String
    /// What is there in the first tree; nil when there is nothing.
    public var first: FieldValue?
    /// What is there in the second tree; nil when there is nothing.
    public var second: FieldValue?

    /// Notes a difference.
    public init(path: String, first: FieldValue?, second: FieldValue?) {
        self.path = path
        self.first = first
        self.second = second
    }
}

extension FieldValue {
    /// Where this tree and another differ; lists are compared place by place.
    ///
    /// - Parameters:
    ///   - other: the second tree.
    ///   - path: where both are.
    /// - Returns: the differences in order; as deep as names and places agree.
    public func differences(to other: FieldValue, at path: String = "") -> [FieldDifference] {
        guard self != other else { return [] }
        switch (self, other) {
        case (.fields(let first), .fields(let second)):
            return Self.differences(first, second, path)
        case (.list(let first), .list(let second)):
            return (0..<max(first.count, second.count)).flatMap { index in
                Self.differences(
                    index < first.count ? first[index] : nil,
                    index < second.count ? second[index] : nil, "\(path)[\(index)]")
            }
        default: return [FieldDifference(path: path, first: self, second: other)]
        }
    }

    private static func differences(
        _ first: FieldValue?, _ second: FieldValue?, _ path: String
    ) -> [FieldDifference] {
        if let first, let second { return first.differences(to: second, at: path) }
        return [FieldDifference(path: path, first: first, second: second)]
    }

    private static func differences(
        _ first: [Field], _ second: [Field], _ path: String
    ) -> [FieldDifference] {
        let front = path.isEmpty ? "" : path + "."
        var result: [FieldDifference] = []
        var rest = second
        for field in first {
            let place = rest.firstIndex { $0.name == field.name }
            let partner = place.map { rest.remove(at: $0).value }
            result += differences(field.value, partner, front + field.name)
        }
        for field in rest { result += differences(nil, field.value, front + field.name) }
        return result
    }
}
