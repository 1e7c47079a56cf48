// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import Testing

@Suite struct NearestNamesTests {
    @Test(arguments: [
        ("recovry lock", "recovery lock"), ("clusterlock", "cluster lock"),
        ("lcoation", "location"), ("LOCATION", "location"), ("log", "log level"),
    ])
    func whatWasMeantIsFirst(word: String, meant: String) {
        let names = ["location", "log level", "cluster lock", "recovery lock", "transport"]
        #expect(NearestNames.of(word, among: names).first == meant)
    }

    @Test func nothingIsNearToNonsense() {
        #expect(NearestNames.of("qqqqqqqq", among: ["location", "log level"]) == [])
        #expect(NearestNames.of("", among: ["location"]) == [])
        #expect(NearestNames.of("x", among: ["y"]) == [])
        let long = String(repeating: "x", count: 10 << 20)
        #expect(NearestNames.of(long, among: ["location"]) == [])
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "abd", 1),
    ])
    func distances(left: String, right: String, expected: Int) {
        #expect(NearestNames.distance(Array(left.utf8), Array(right.utf8)) == expected)
        #expect(NearestNames.distance(Array(right.utf8), Array(left.utf8)) == expected)
    }
}
