// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Configuration {
    /// The text of a setting, or nil when it is not there.
    public func string(_ key: String, in section: String) -> String? {
        entry(key, in: section)?.value
    }

    /// The text of a setting that must be there.
    public func requiredString(
        _ key: String, in section: String
    ) throws(ConfigurationError) -> String {
        guard let value = string(key, in: section), !value.isEmpty else {
            throw error(.missing(key, section: section), entry(key, in: section))
        }
        return value
    }

    /// A setting that is true or false, or nil when it is not there.
    public func bool(_ key: String, in section: String) throws(ConfigurationError) -> Bool? {
        try value(key, in: section, expected: "true, false, yes, no, 1 or 0") { text in
            switch text.lowercased() {
            case "true", "yes", "1": true
            case "false", "no", "0": false
            default: nil
            }
        }
    }

    /// A setting that is an integer, or nil when it is not there.
    ///
    /// - Parameters:
    ///   - key: the setting.
    ///   - section: its section.
    ///   - range: what it may be.
    /// - Returns: a number in the range.
    /// - Throws: when it is no number, or outside.
    public func integer(
        _ key: String, in section: String, range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        return try value(key, in: section, expected: expected) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A setting that is a number of bytes, or nil when it is not there.
    ///
    /// - Parameters:
    ///   - key: the setting.
    ///   - section: its section.
    ///   - range: what it may be, in bytes.
    /// - Returns: a number in the range; `4K` is 4096.
    /// - Throws: when it is no number with K, M, G or nothing behind it, or outside.
    public func byteCount(
        _ key: String, in section: String, range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        let expected =
            "a size from \(range.lowerBound) to \(range.upperBound) bytes, such as 64K, 1M or 2G"
        return try value(key, in: section, expected: expected) { text in
            let units = [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("", 1)]
            return Self.scaled(text.uppercased(), units).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A setting that is a length of time, or nil when it is not there.
    ///
    /// - Parameters:
    ///   - key: the setting.
    ///   - section: its section.
    ///   - range: what it may be, in milliseconds.
    /// - Returns: a length in the range; `250` and `250ms` are the same, `30s` is 30,000 ms.
    /// - Throws: when it is no number with ms, s, min or nothing behind it, or outside.
    public func milliseconds(
        _ key: String, in section: String, range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Duration? {
        let expected =
            "a time from \(range.lowerBound) to \(range.upperBound) ms, such as 250ms, 30s or 5min"
        return try value(key, in: section, expected: expected) { text in
            let units = [("ms", 1), ("min", 60_000), ("s", 1000), ("", 1)]
            return Self.scaled(text, units)
                .flatMap { range.contains($0) ? .milliseconds($0) : nil }
        }
    }

    /// A setting of any other kind, or nil when it is not there.
    ///
    /// - Parameters:
    ///   - key: the setting.
    ///   - section: its section.
    ///   - expected: what it may be, for people.
    ///   - read: gives the value, or nil when the text is not one.
    /// - Returns: the value, or nil when the setting is not there.
    /// - Throws: when `read` gives nil.
    public func value<Value>(
        _ key: String, in section: String, expected: String, _ read: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let found = entry(key, in: section) else { return nil }
        guard let value = read(found.value) else {
            throw error(
                .badValue(found.value, setting: key, expected: expected), found)
        }
        return value
    }

    /// A number that is not negative, times the first unit whose name is behind it.
    private static func scaled(_ text: String, _ units: [(name: String, factor: Int)]) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let digits = text.dropLast(unit.name.count)
        guard let last = digits.last, last.isNumber, let number = Int(digits), number >= 0 else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
        return overflow ? nil : product
    }
}
