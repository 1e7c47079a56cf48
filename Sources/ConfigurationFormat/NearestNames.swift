// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The names that somebody may have meant.
public enum NearestNames {
    /// The known names that are nearest to a word, best first; none when nothing is near.
    public static func of(
        _ word: String, among names: [String], limit: Int = 3
    ) -> [String] {
        let typed = Array(word.prefix(64).lowercased().utf8)
        let near = Set(names).compactMap { name -> (name: String, rank: Int, distance: Int)? in
            let known = Array(name.lowercased().utf8)
            let distance = distance(typed, known)
            if typed.count > 1, known.starts(with: typed) {
                return (name, min(distance, 1), distance)
            }
            guard distance <= max(1, min(typed.count, known.count) / 2),
                distance < max(typed.count, known.count)
            else { return nil }
            return (name, distance, distance)
        }
        let sorted = near.sorted {
            ($0.rank, $0.distance, $0.name) < ($1.rank, $1.distance, $1.name)
        }
        return sorted.prefix(limit).map(\.name)
    }

    /// Letters that were left out, added, changed, or swapped with the next one.
    public static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var older: [Int] = []
        var old = Array(0...right.count)
        for row in 0..<left.count {
            var new = [row + 1]
            for column in 0..<right.count {
                var least = min(
                    old[column] + (left[row] == right[column] ? 0 : 1), old[column + 1] + 1,
                    new[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    least = min(least, older[column - 1] + 1)
                }
                new.append(least)
            }
            older = old
            old = new
        }
        return old[right.count]
    }
}
