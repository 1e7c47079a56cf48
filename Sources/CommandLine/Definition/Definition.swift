// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// An argument that a verb takes, by its place.
public struct Parameter: Equatable, Sendable {
    /// In lower case; people see it in upper case.
    public var name: String
    /// What it is.
    public var kind: ArgumentKind
    /// What it means.
    public var summary: String
    /// Whether it may be left away.
    public var isOptional: Bool
    /// Whether it takes all that follow.
    public var isRepeated: Bool

    /// Makes a parameter.
    public init(
        _ name: String, _ kind: ArgumentKind, _ summary: String, isOptional: Bool = false,
        isRepeated: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.isOptional = isOptional
        self.isRepeated = isRepeated
    }

    /// How a synopsis shows it.
    var placeholder: String {
        let name = self.name.uppercased() + (isRepeated ? "..." : "")
        return isOptional ? "[\(name)]" : name
    }
}

/// An option: `--name`, or `--name VALUE`.
public struct Option: Equatable, Sendable {
    /// Without the two dashes.
    public var name: String
    /// One character, where there is a short form.
    public var short: Character?
    /// What follows it; nil for a flag.
    public var value: Parameter?
    /// What it means.
    public var summary: String

    /// Makes an option.
    public init(
        _ name: String, short: Character? = nil, value: Parameter? = nil, _ summary: String
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.summary = summary
    }
}

/// Something that can be done with a noun.
public struct Verb: Sendable {
    /// Whether it changes anything.
    public enum Effect: Sendable {
        /// It only looks.
        case reads
        /// It changes something.
        case changes
    }

    /// Whom it asks when nobody says `--node`.
    public enum Scope: Sendable {
        /// The local node.
        case local
        /// Every node that can be reached.
        case everyNode
        /// Nobody in particular: `--node` has no meaning.
        case none
    }

    /// How it is done.
    public enum Action: Sendable {
        /// By a function that gives a report.
        case report(@Sendable (Context, Invocation) throws(Problem) -> Report)
        /// By one control; many of them go out together when there is a list.
        case control(@Sendable (Context, Invocation) throws(Problem) -> PlannedControl)
        /// By a function that gives reports until nobody reads them any more.
        case reports(
            @Sendable (Context, Invocation, (Report) -> Bool) throws(Problem) -> Void)
        /// By a function that writes lines of its own, in the format that is wanted.
        case lines(
            @Sendable (Context, Invocation, (String) -> Bool) throws(Problem) -> [Problem])
    }

    /// Its name.
    public var name: String
    /// What it does, in a sentence.
    public var summary: String
    /// What there is to know besides.
    public var details: String
    /// What it takes.
    public var parameters: [Parameter]
    /// Its own options.
    public var options: [Option]
    /// Whether it changes anything.
    public var effect: Effect
    /// Whom it asks.
    public var scope: Scope
    /// What is in its report.
    public var schema: Schema
    /// How it is done.
    public var action: Action
    /// Whether its function knows what a dry run is, and tells more of it than what is usual.
    var tellsItsSteps = false
    /// Looks whether it can be done; a dry run does this much, too.
    var check: (@Sendable (Context, Invocation) throws(Problem) -> Void)?

    /// This verb, whose function is called for a dry run too.
    func tellingItsSteps() -> Verb {
        var verb = self
        verb.tellsItsSteps = true
        return verb
    }

    /// A verb that goes on looking.
    public static func follow(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        options: [Option] = [], scope: Scope = .local, schema: Schema, details: String = "",
        _ function:
            @escaping @Sendable (Context, Invocation, (Report) -> Bool) throws(Problem) -> Void
    ) -> Verb {
        Verb(
            name: name, summary: summary, details: details, parameters: parameters,
            options: options, effect: .reads, scope: scope, schema: schema,
            action: .reports(function))
    }

    /// A verb that only looks, and writes what it sees as it goes: there may be millions of lines.
    ///
    /// Its schema is that of a line. The function is given what writes; that answers whether
    /// anybody reads on.
    public static func lines(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        options: [Option] = [], schema: Schema, details: String = "",
        _ function:
            @escaping @Sendable (Context, Invocation, (String) -> Bool) throws(Problem) -> [Problem]
    ) -> Verb {
        Verb(
            name: name, summary: summary, details: details, parameters: parameters,
            options: options, effect: .reads, scope: .none, schema: schema,
            action: .lines(function))
    }

    /// What a dry run reports; nil is what would be done, and where.
    var rehearsal: (@Sendable (Context, Invocation) throws(Problem) -> Report)?

    /// This verb, whose dry run finds out more than whether it can be done.
    func rehearsed(
        _ rehearsal: @escaping @Sendable (Context, Invocation) throws(Problem) -> Report
    ) -> Verb {
        var verb = self
        verb.rehearsal = rehearsal
        return verb
    }

    /// This verb, which looks first whether it can be done.
    func checked(
        _ check: @escaping @Sendable (Context, Invocation) throws(Problem) -> Void
    ) -> Verb {
        var verb = self
        verb.check = check
        return verb
    }

    /// A verb that only looks.
    public static func read(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        options: [Option] = [], scope: Scope = .local, schema: Schema, details: String = "",
        _ function: @escaping @Sendable (Context, Invocation) throws(Problem) -> Report
    ) -> Verb {
        Verb(
            name: name, summary: summary, details: details, parameters: parameters,
            options: options, effect: .reads, scope: scope, schema: schema,
            action: .report(function))
    }

    /// A verb that changes something.
    public static func change(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        options: [Option] = [], scope: Scope = .local, schema: Schema = .done,
        details: String = "",
        _ function: @escaping @Sendable (Context, Invocation) throws(Problem) -> Report
    ) -> Verb {
        Verb(
            name: name, summary: summary, details: details, parameters: parameters,
            options: options, effect: .changes, scope: scope, schema: schema,
            action: .report(function))
    }

    /// A verb that is one control.
    public static func control(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        scope: Scope = .local, details: String = "",
        _ plan: @escaping @Sendable (Context, Invocation) throws(Problem) -> PlannedControl
    ) -> Verb {
        Verb(
            name: name, summary: summary, details: details, parameters: parameters,
            options: [], effect: .changes, scope: scope, schema: .done, action: .control(plan))
    }

    /// Whether a list of arguments may come from standard input.
    var takesList: Bool { parameters.contains { !$0.isOptional } }
}

/// A thing that commands are about.
public struct Noun: Sendable {
    /// Its name.
    public var name: String
    /// What it is.
    public var summary: String
    /// What can be done with it.
    public var verbs: [Verb]
    /// Nouns inside of it.
    public var nouns: [Noun]

    /// Makes a noun.
    public init(_ name: String, _ summary: String, _ verbs: [Verb], nouns: [Noun] = []) {
        self.name = name
        self.summary = summary
        self.verbs = verbs
        self.nouns = nouns
    }

    /// The words that may follow it.
    var words: [String] { nouns.map(\.name) + verbs.map(\.name) }
}

extension Schema {
    /// What a verb reports that changes something: what it did, and where.
    public static let done = Schema(
        "done",
        facts: [
            Column("action", .text, "the command"),
            Column("done", .flag, "whether it is done; false with `--dry-run`"),
            Column("nodes", .numbers, "the nodes that it was done on"),
        ])
}
