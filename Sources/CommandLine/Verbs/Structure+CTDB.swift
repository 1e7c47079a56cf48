// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Structure {
    /// The structure of the program `ctdb`.
    public static let ctdb = Structure(
        nouns: [
            NodeVerbs.noun, ClusterVerbs.noun, AddressVerbs.noun, DatabaseVerbs.noun,
            EventVerbs.noun, ServiceVerbs.noun, StageVerbs.noun,
            TunableVerbs.noun, LogVerbs.noun, StatisticsVerbs.noun, ProxyVerbs.noun,
            ConfigVerbs.noun, CaptureVerbs.noun,
            VersionVerbs.noun,
        ],
        alone: [DiagnoseVerb.verb, Explanation.verb],
        hidden: [GenerateVerb.generate, GenerateVerb.complete, RecordingVerbs.background])
}
