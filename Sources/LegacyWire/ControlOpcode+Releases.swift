// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension ControlOpcode {
    /// The releases of Samba 4 whose ctdbd does what a control asks.
    public struct Releases: Hashable, Sendable, CustomStringConvertible {
        /// The first minor release; nil for a control as old as Samba 4.
        public var first: Int?
        /// The first minor release without it; nil for one that has not been given up.
        public var end: Int?

        /// Which ctdbd does not have it, for people: "before 4.20", "4.16 and later".
        public var description: String {
            switch (first, end) {
            case (nil, nil): "none"
            case (let first?, nil): "before 4.\(first)"
            case (nil, let end?): "4.\(end) and later"
            case (let first?, let end?): "before 4.\(first), and 4.\(end) and later"
            }
        }
    }

    /// The releases that have this control; nil for one that all of them have, or that none has.
    ///
    /// ctdbd answers a control that it does not have with status -1, and no reason.
    ///
    /// - Source: `enum ctdb_controls`, ctdb/protocol/protocol.h, and `control_not_implemented`,
    ///   ctdb/server/ctdb_control.c, of each release from 4.4 on.
    public var releases: Releases? {
        switch rawValue {
        case 146...148: Releases(first: 5)
        case 149, 150: Releases(first: 7)
        case 151...153: Releases(first: 8)
        case 154, 155: Releases(first: 12)
        case 156: Releases(first: 13)
        case 157, 158: Releases(first: 15)
        case 159, 160: Releases(first: 20)
        case 161: Releases(first: 21)
        case 162: Releases(first: 25)
        case 34, 54, 57...60, 65, 66, 100, 103, 111...113: Releases(end: 5)
        case 79, 96, 107, 108: Releases(end: 6)
        case 37, 75, 76, 130: Releases(end: 8)
        case 136: Releases(end: 10)
        case 13, 14: Releases(end: 14)
        case 31, 32: Releases(end: 16)
        default: nil
        }
    }

    /// Whether ctdbd of a minor release of Samba 4 has this control.
    public func isKnown(in release: Int) -> Bool {
        guard let releases else { return name != nil }
        return release >= (releases.first ?? 0) && release < (releases.end ?? .max)
    }
}
