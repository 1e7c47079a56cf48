// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Testing
import Vocabulary

@Suite struct HostCoreTests {
    private static let first = IPAddress.ipv4(0x0A01_0001)
    private static let second = IPAddress.ipv4(0x0A01_0002)
    private static let own = PNN(rawValue: 1)

    private static func place(_ address: IPAddress) -> HostCore.Place {
        HostCore.Place(address, prefixLength: 24, on: "eth1")
    }

    private static func publicIP(_ address: IPAddress, _ node: UInt32) -> PublicIP {
        PublicIP(pnn: PNN(rawValue: node), address: SocketAddress(address))
    }

    /// A host, its kernel, and its ctdbd, which answers well unless a test does it.
    private struct Bench {
        var host = HostCore()
        var now = Instant(nanoseconds: 100_000_000_000)
        var effects: [HostCore.Effect] = []
        var questions: [(token: HostCore.Token, request: ControlRequest)] = []
        var placing: [(token: HostCore.Token, isAdding: Bool, places: [HostCore.Place])] = []
        var lastAsker: UInt64 = 0

        mutating func give(_ event: HostCore.Event) {
            for effect in host.handle(event, at: now) {
                switch effect {
                case .ask(let token, let request): questions.append((token, request))
                case .add(let token, let places): placing.append((token, true, places))
                case .remove(let token, let places): placing.append((token, false, places))
                case .run(let token, _, _):
                    effects.append(effect)
                    give(.ran(token, status: 0))
                default: effects.append(effect)
                }
            }
        }

        /// The kernel does everything that it was told.
        mutating func place() {
            while !placing.isEmpty {
                let one = placing.removeFirst()
                for place in one.places { give(one.isAdding ? .present(place) : .gone(place)) }
                give(.placed(one.token, one.places.map { _ in .done }))
            }
        }

        mutating func order(_ request: ControlRequest, term: UInt64 = 0) {
            lastAsker += 1
            give(
                .control(
                    asker: lastAsker, request, CoordinatorCore.Order(term: term)))
        }

        mutating func answerQuestions() {
            while !questions.isEmpty {
                let one = questions.removeFirst()
                give(.answered(one.token, .done(status: 0), problem: ""))
            }
        }

        var hosts: [Bool] {
            effects.compactMap { if case .hosts(let isOwn) = $0 { isOwn } else { nil } }
        }

        /// Who was answered, and with what status.
        var answers: [UInt64: Int32] {
            Dictionary(
                effects.compactMap { effect in
                    if case .answer(let asker, let status, _, _) = effect {
                        (asker, status)
                    } else {
                        nil
                    }
                }
            ) { $1 }
        }

        /// Who was refused, and whether it is between the two.
        var refusals: [UInt64: Bool] {
            Dictionary(
                effects.compactMap { effect in
                    if case .refuse(let asker, let isChanging) = effect {
                        (asker, isChanging)
                    } else {
                        nil
                    }
                }
            ) { $1 }
        }

        var tickled: [HostCore.Connection] {
            effects.flatMap { effect -> [HostCore.Connection] in
                if case .tickle(let some) = effect { some } else { [] }
            }
        }

        var opcodes: [ControlOpcode] { questions.map(\.request.opcode) }
    }

    private func started() -> Bench {
        var bench = Bench()
        bench.give(
            .configured(
                [Self.first, Self.second].map {
                    HostCore.Configured($0, prefixLength: 24, on: ["eth1"])
                }, isPartiallyOnline: false))
        bench.give(.interface("eth1", hasLink: true))
        bench.give(.connected(Self.own))
        bench.give(.flags([]))
        return bench
    }

    /// It hosts by itself; ctdbd knew nothing, or had the first address.
    private func finalised(with hosted: [IPAddress] = []) -> Bench {
        var bench = started()
        for address in hosted { bench.give(.present(Self.place(address))) }
        bench.give(.host(true))
        let known = bench.questions.removeFirst()
        bench.give(
            .answered(
                known.token,
                .publicIPs(PublicIPList(addresses: hosted.map { Self.publicIP($0, 1) })),
                problem: ""))
        for address in hosted { bench.give(.gone(Self.place(address))) }
        bench.answerQuestions()
        bench.place()
        return bench
    }

    @Test func addressesComeFromCtdbdOneByOne() {
        var bench = started()
        bench.give(.present(Self.place(Self.first)))
        bench.give(.host(true))
        #expect(bench.opcodes == [.getPublicIPs])
        let known = bench.questions.removeFirst()
        let list = PublicIPList(addresses: [
            Self.publicIP(Self.first, 1), Self.publicIP(Self.second, 0),
        ])
        bench.give(.answered(known.token, .publicIPs(list), problem: ""))
        #expect(bench.opcodes == [.deletePublicIP, .releaseIP, .deletePublicIP])
        bench.order(.getPublicIPs(onlyAvailable: false))
        #expect(bench.refusals == [1: true])
        bench.give(.gone(Self.place(Self.first)))
        bench.answerQuestions()
        #expect(bench.hosts == [true])
        #expect(bench.placing.map(\.places) == [[Self.place(Self.first)]])
        bench.place()
        #expect(bench.host.counts.hosted == 1)
    }

    @Test func addressesGoBackToCtdbd() {
        var bench = finalised(with: [Self.first])
        bench.give(.host(false))
        #expect(bench.placing.map(\.isAdding) == [false])
        // ctdbd gets it when it is gone here.
        #expect(bench.opcodes.isEmpty)
        bench.place()
        #expect(bench.opcodes == [.addPublicIP, .addPublicIP, .takeoverIP])
        bench.answerQuestions()
        #expect(bench.hosts == [true, false])
        bench.order(.getPublicIPs(onlyAvailable: false))
        #expect(bench.refusals == [1: false])
    }

    /// Who wants to know what is available asks for the node's flags on the way.
    @Test func aQuestionForFlagsKeepsNoStepFromGoingOn() {
        var bench = finalised(with: [Self.first])
        bench.order(.getPublicIPs(onlyAvailable: true))
        #expect(bench.opcodes == [.getNodeMap])
        let flags = bench.questions.removeFirst()
        bench.give(.host(false))
        bench.place()
        bench.answerQuestions()
        #expect(bench.hosts == [true, false])
        bench.give(.answered(flags.token, nil, problem: "no answer in time"))
        #expect(bench.answers == [1: 0])
    }

    @Test func whatWasRemovedByHandIsPutBack() {
        var bench = finalised(with: [Self.first])
        bench.give(.gone(Self.place(Self.first)))
        #expect(bench.placing.map(\.isAdding) == [true])
        #expect(bench.placing.map(\.places) == [[Self.place(Self.first)]])
    }

    @Test func whatWasPutHereByHandIsRemoved() {
        var bench = finalised(with: [Self.first])
        bench.give(.present(Self.place(Self.second)))
        #expect(bench.placing.map(\.isAdding) == [false])
        #expect(bench.placing.map(\.places) == [[Self.place(Self.second)]])
        bench.place()
        #expect(bench.host.counts.hosted == 1)
    }

    @Test func nothingStaysOnABannedNode() {
        var bench = finalised(with: [Self.first])
        bench.give(.flags(.banned))
        #expect(bench.placing.map(\.isAdding) == [false])
        bench.place()
        bench.order(.takeoverIP(Self.publicIP(Self.first, 1)))
        #expect(bench.answers == [1: -1])
        #expect(bench.placing.isEmpty)
    }

    @Test func nothingStaysWithoutCtdbd() {
        var bench = finalised(with: [Self.first])
        bench.give(.disconnected)
        #expect(bench.placing.map(\.isAdding) == [false])
        #expect(bench.placing.map(\.places) == [[Self.place(Self.first)]])
    }

    @Test func ordersOfATermThatIsOverAreRefused() {
        var bench = finalised()
        bench.order(.takeoverIP(Self.publicIP(Self.first, 1)), term: 3)
        bench.place()
        #expect(bench.answers == [1: 0])
        bench.order(.releaseIP(Self.publicIP(Self.first, 0)), term: 2)
        #expect(bench.refusals == [2: true])
        #expect(bench.placing.isEmpty)
        bench.order(.releaseIP(Self.publicIP(Self.first, 0)), term: 3)
        #expect(bench.placing.map(\.isAdding) == [false])
    }

    @Test func anOrderIsAnsweredWhenTheKernelHasDoneIt() {
        var bench = finalised()
        bench.order(.takeoverIP(Self.publicIP(Self.first, 1)), term: 1)
        bench.order(.ipReallocated, term: 1)
        #expect(bench.answers.isEmpty)
        bench.place()
        #expect(bench.answers == [1: 0, 2: 0])
    }

    @Test func clientsOfAnAddressAreTickledWhereItComesTo() {
        let connection = HostCore.Connection(
            server: Self.first, serverPort: 445, client: .ipv4(0x0A02_0001), clientPort: 40000)
        var bench = finalised()
        bench.give(
            .heard(PNN(rawValue: 0), isComplete: true, added: [connection], removed: []))
        bench.order(.takeoverIP(Self.publicIP(Self.first, 1)), term: 1)
        #expect(bench.tickled.isEmpty)
        bench.place()
        #expect(bench.tickled == [connection])
    }

    /// Its node loses the address, and with it the connections; the next one needs to know them.
    @Test func connectionsAreKeptThroughAMove() {
        let connection = HostCore.Connection(
            server: Self.first, serverPort: 445, client: .ipv4(0x0A02_0001), clientPort: 40000)
        var bench = finalised(with: [Self.first])
        bench.give(.connections(added: [connection], removed: []))
        bench.order(.releaseIP(Self.publicIP(Self.first, 0)), term: 1)
        bench.place()
        bench.effects = []
        bench.give(.connections(added: [], removed: [connection]))
        let removed = bench.effects.contains {
            if case .share(_, _, let removed) = $0 { !removed.isEmpty } else { false }
        }
        #expect(!removed)
    }
}
