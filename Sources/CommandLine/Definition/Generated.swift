// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// Files that are made of the structure.
public enum Generated {
    /// The files that there are.
    public static let names: [String] = []

    /// A file's text.
    public static func text(_ name: String, _ structure: Structure) -> String { "" }
}
