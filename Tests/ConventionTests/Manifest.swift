// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The targets that Package.swift lists.
struct Manifest {
    struct Target {
        var name: String
        /// The targets that its entry names, itself left out.
        var dependencies: [String]
    }

    var targets: [Target] = []
    var names: [String] { targets.map(\.name) }

    init() {
        let text = Tree.file("Package.swift")?.text ?? ""
        let list = text.components(separatedBy: "\n    targets: [").dropFirst().first ?? ""
        // An entry begins in the eighth column; what is deeper belongs to it.
        var entries: [[String]] = []
        for line in list.components(separatedBy: "\n") {
            if line.fits("^ {8}[.a-zA-Z]+\\(") {
                entries.append([line])
            } else if !entries.isEmpty, !line.fits("^ {8}//") {
                entries[entries.count - 1].append(line)
            }
        }
        let words = entries.map { $0.joined(separator: "\n").groups("\"([^\"]+)\"") }
        let names = words.compactMap(\.first)
        targets = words.compactMap { words in
            words.first.map { name in
                Target(name: name, dependencies: words.dropFirst().filter(names.contains))
            }
        }
    }
}
