// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Reads options and words as popt does it: options may stand anywhere, until `--`.
struct OptionParser {
    /// What the arguments come to.
    enum Outcome: Equatable {
        /// Options, and the words that are none: the command and its arguments.
        case run(ToolOptions, [RawText])
        /// `--help` was met.
        case help
        /// `--usage` was met.
        case usage
        /// An argument that cannot be used, and what popt says about it.
        case invalid(RawText, String)
    }

    /// An option, without what it carries.
    private enum Option {
        case help, usage, debug, timeLimit, node, machineReadable, separator, machineParsable
        case verbose, maximumRunTime

        /// The option of a name behind `--`.
        init?(long name: ArraySlice<UInt8>) {
            switch String(decoding: name, as: UTF8.self) {
            case "help": self = .help
            case "usage": self = .usage
            case "debug": self = .debug
            case "timelimit": self = .timeLimit
            case "node": self = .node
            case "separator": self = .separator
            case "verbose": self = .verbose
            case "maxruntime": self = .maximumRunTime
            default: return nil
            }
        }

        /// The option of a letter.
        init?(short letter: UInt8) {
            switch letter {
            case UInt8(ascii: "?"): self = .help
            case UInt8(ascii: "d"): self = .debug
            case UInt8(ascii: "t"): self = .timeLimit
            case UInt8(ascii: "n"): self = .node
            case UInt8(ascii: "Y"): self = .machineReadable
            case UInt8(ascii: "x"): self = .separator
            case UInt8(ascii: "X"): self = .machineParsable
            case UInt8(ascii: "v"): self = .verbose
            case UInt8(ascii: "T"): self = .maximumRunTime
            default: return nil
            }
        }

        var takesValue: Bool {
            switch self {
            case .debug, .timeLimit, .node, .separator, .maximumRunTime: true
            default: false
            }
        }
    }

    /// A reason to stop.
    private struct Stop: Error { var outcome: Outcome }

    private static let dash = UInt8(ascii: "-")
    private static let equals = UInt8(ascii: "=")

    private let arguments: [RawText]
    private var next = 0
    private var consumed: Set<Int> = []
    private var options = ToolOptions()
    private var words: [RawText] = []

    /// Reads arguments.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - allAreWords: whether options end at the first word, as POSIX has it, which for popt
    ///     is the name of the program.
    /// - Returns: what they come to.
    static func parse(_ arguments: [RawText], allAreWords: Bool = false) -> Outcome {
        var parser = OptionParser(arguments: arguments)
        do throws(Stop) {

            try parser.run(onlyWords: allAreWords)
        } catch {
            return error.outcome
        }
        return .run(parser.options, parser.words)
    }

    private init(arguments: [RawText]) { self.arguments = arguments }

    private mutating func run(onlyWords: Bool) throws(Stop) {
        var onlyWords = onlyWords
        while next < arguments.count {
            guard !consumed.contains(next) else {
                next += 1
                continue
            }
            let bytes = arguments[next].bytes
            next += 1
            if onlyWords || bytes.first != Self.dash || bytes.count == 1 {
                words.append(RawText(bytes: bytes))
            } else if bytes == [Self.dash, Self.dash] {
                onlyWords = true
            } else if bytes[1] == Self.dash {
                try long(bytes[2...])
            } else {
                try short(bytes[1...])
            }
        }
    }

    private mutating func long(_ text: ArraySlice<UInt8>) throws(Stop) {
        let sign = text.firstIndex(of: Self.equals)
        guard let option = Option(long: text[..<(sign ?? text.endIndex)]) else {
            throw bad("unknown option")
        }
        let value = sign.map { text[($0 + 1)...] }
        if option.takesValue {
            try set(option, try self.value(value))
        } else if value != nil {
            throw bad("option does not take an argument")
        } else {
            try turnOn(option)
        }
    }

    private mutating func short(_ letters: ArraySlice<UInt8>) throws(Stop) {
        var rest = letters
        while let letter = rest.popFirst() {
            guard let option = Option(short: letter) else { throw bad("unknown option") }
            if option.takesValue {
                var value = rest.isEmpty ? nil : rest
                if value?.first == Self.equals { value = value?.dropFirst() }
                try set(option, try self.value(value))
                return
            }
            if rest.first == Self.equals { throw bad("option does not take an argument") }
            try turnOn(option)
        }
    }

    /// The value that came with an option, or the next argument.
    private mutating func value(_ given: ArraySlice<UInt8>?) throws(Stop) -> RawText {
        if let given { return expanded(Array(given)) }
        guard next < arguments.count else { throw bad("missing argument") }
        next += 1
        return expanded(arguments[next - 1].bytes)
    }

    /// popt puts the next word in the place of `!#:+`.
    private mutating func expanded(_ text: [UInt8]) -> RawText {
        let mark = Array("!#:+".utf8)
        var result: [UInt8] = []
        var word: [UInt8]?
        var rest = text[...]
        while !rest.isEmpty {
            if rest.starts(with: mark) {
                if word == nil { word = takeNextWord() }
                if let word {
                    result += word
                    rest = rest.dropFirst(mark.count)
                    continue
                }
            }
            if let byte = rest.popFirst() { result.append(byte) }
        }
        return RawText(bytes: result)
    }

    private mutating func takeNextWord() -> [UInt8]? {
        let index = (next..<max(next, arguments.count)).first {
            !consumed.contains($0) && arguments[$0].bytes.first != Self.dash
        }
        guard let index else { return nil }
        consumed.insert(index)
        return arguments[index].bytes
    }

    private mutating func set(_ option: Option, _ value: RawText) throws(Stop) {
        switch option {
        case .debug: options.debugLevel = value
        case .separator: options.separator = value
        case .timeLimit: options.timeLimit = try number(value)
        case .node: options.node = try number(value)
        case .maximumRunTime: options.maximumRunTime = try number(value)
        case .help, .usage, .machineReadable, .machineParsable, .verbose: break
        }
    }

    private mutating func turnOn(_ option: Option) throws(Stop) {
        switch option {
        case .help: throw Stop(outcome: .help)
        case .usage: throw Stop(outcome: .usage)
        case .machineReadable, .machineParsable: options.isMachineReadable = true
        case .verbose: options.isVerbose = true
        case .debug, .timeLimit, .node, .separator, .maximumRunTime: break
        }
    }

    private func number(_ text: RawText) throws(Stop) -> Int32 {
        let number = CNumber(text.bytes, base: 0)
        guard number.end == text.bytes.count else { throw bad("invalid numeric value") }
        guard let value = Int32(exactly: number.signed) else {
            throw bad("number too large or too small")
        }
        return value
    }

    /// popt names the last argument that it took.
    private func bad(_ reason: String) -> Stop {
        Stop(outcome: .invalid(arguments[next - 1], reason))
    }
}
