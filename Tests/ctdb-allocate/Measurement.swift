// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressStates
import Vocabulary

/// How long large clusters take.
enum Measurement {
    static func run() throws {
        let stories: [(String, AddressState)] = [
            ("start: nobody has any", cluster(1_000, 10_000) { _ in nil }),
            (
                "a node of 1,000 fails",
                cluster(1_000, 10_000, down: [7]) { $0 % 1_000 }
            ),
            (
                "a node of 1,000 comes back",
                cluster(1_000, 10_000) { $0 % 1_000 == 7 ? 8 : $0 % 1_000 }
            ),
            (
                "half of the nodes come back",
                cluster(1_000, 10_000) { $0 % 500 }
            ),
            (
                "100 kinds of nodes, a tenth fails",
                cluster(1_000, 10_000, down: Array(0..<100), kinds: 100) { $0 % 1_000 }
            ),
            ("16 nodes, 1,000 addresses, one has all", cluster(16, 1_000) { _ in 0 }),
        ]
        for (name, state) in stories {
            for algorithm in Algorithm.allCases {
                let clock = ContinuousClock()
                var moved = 0
                let time = try clock.measure {
                    moved = try state.allocation(by: algorithm).moves.count
                }
                let milliseconds = Int(time / .milliseconds(1))
                print("\(name): \(algorithm.rawValue): \(milliseconds) ms, \(moved) moves")
            }
        }
    }

    private static func cluster(
        _ nodes: Int, _ addresses: Int, down: [Int] = [], kinds: Int = 1,
        _ host: (Int) -> Int?
    ) -> AddressState {
        let all = (0..<addresses).map { place in
            let offset = place / 250 * 256 + place % 250 + 1
            return PublicAddress.ipv4(0x0A00_0000 + UInt32(offset))
        }
        let lists = (0..<kinds).map { kind in
            all.indices.filter { place in
                let distance = (place % kinds + kinds - kind) % kinds
                return kinds == 1 || distance < kinds / 2
            }
        }
        return AddressState(
            nodes: (0..<nodes).map { node in
                let list = lists[node % kinds]
                let isDown = down.contains(node)
                return AddressState.Node(
                    flags: isDown ? [.unhealthy] : [],
                    known: list.map { place in
                        let holder = host(place).map { PNN(rawValue: UInt32($0)) }
                        return .init(all[place], host: holder ?? .unknown)
                    },
                    available: isDown ? [] : list.map { all[$0] })
            })
    }
}
