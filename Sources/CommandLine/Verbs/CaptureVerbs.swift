// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// `ctdb capture`: what goes over the wire, recorded, looked at and played again.
enum CaptureVerbs {
    static let noun = Noun(
        "capture", "What is said between nodes, clients and daemons.",
        [
            RecordingVerbs.start, RecordingVerbs.stop, RecordingVerbs.status, DecodeVerb.verb,
            CaptureStatsVerb.verb, CaptureFileVerbs.diff, CaptureFileVerbs.extract,
            CaptureFileVerbs.redact, ReplayVerb.verb,
        ])
}
