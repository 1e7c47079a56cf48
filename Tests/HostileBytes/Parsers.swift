// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Parser {
    /// All that read bytes from outside.
    public static let all = legacy + peer + captures + texts + network

    /// What libFuzzer makes up inputs for.
    public static let targets: [Parser] = [
        Parser("legacy", among: legacy), Parser("peer", among: peer), captureFiles, segments,
        Parser("texts", among: texts), Parser("network", among: network),
    ]
}
