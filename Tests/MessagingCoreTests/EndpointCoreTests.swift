// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Testing
import Vocabulary

/// Events in, whole effect lists out.
@Suite struct EndpointCoreTests {
    private func outbound(
        _ token: UInt64, _ kind: Outbound.Kind = .message, to destination: Address = Desk.echo,
        lane: Lane = .normal, text: String = "hello", timeout: UInt32? = nil
    ) -> EndpointCore.Event {
        .send(
            Outbound(
                token: token, to: destination, kind: kind, lane: lane,
                payload: Array(text.utf8)[...], timeoutMilliseconds: timeout))
    }

    private let everybody = Address(
        node: .broadcastAll, service: .echo, instance: Instance(rawValue: 0))

    // MARK: Start and end

    @Test func aStartGreetsTheProxyAndAsksToBeWoken() {
        var desk = Desk()
        #expect(desk.handle(.started) == ["proxy hello", "wake 100"])
    }

    @Test func whatGoesToAnotherNodeWaitsForTheProxyAndThenFails() {
        var desk = Desk()
        _ = desk.handle(.started)
        #expect(desk.handle(outbound(1)) == [])
        desk.pass(milliseconds: 5_000)
        #expect(
            desk.handle(.wake).filter { $0.hasPrefix("finish") } == ["finish 1: noProxy"])
    }

    @Test func theProxysHelloTellsTheNodeAndSendsWhatWaited() {
        var desk = Desk()
        _ = desk.handle(.started, outbound(1))
        desk.partner.resume(at: desk.now)
        let lines = desk.exchange()
        #expect(lines.filter { !$0.hasPrefix("wake") } == ["proxy hello", "proxy message 1"])
        #expect(desk.core.own.node == PNN(rawValue: 0))
    }

    @Test func whoGoesSaysSoAndTellsFirstWhatItTook() {
        var desk = Desk.opened()
        _ = desk.send(Desk.packet(.message, 1))
        #expect(desk.handle(.closing) == ["proxy consumed 1", "proxy bye"])
    }

    @Test func whatIsSentAfterTheEndFails() {
        var desk = Desk.opened()
        _ = desk.handle(.closing)
        #expect(desk.handle(outbound(1)) == ["finish 1: shuttingDown"])
        #expect(desk.handle(outbound(0)) == [])
    }

    // MARK: Sending

    @Test func aMessageIsFinishedByItsOutcome() throws {
        var desk = Desk.opened()
        #expect(desk.handle(outbound(1)) == ["proxy message 1"])
        let packet = try #require(desk.packets.first)
        #expect(packet.header.flags == PeerProtocol.packetPrompt)
        #expect(!desk.core.isIdle)
        #expect(
            desk.tell(.consumed, of: packet, by: Desk.echo.node).contains("finish 1: delivered"))
        #expect(desk.core.isIdle)
    }

    @Test func aLongMessageIsCutAndFailsAsAWhole() throws {
        var desk = Desk.opened()
        let text = String(repeating: "x", count: 140_000)
        _ = desk.handle(outbound(1, text: text))
        try #require(desk.packets.map(\.header.fragmentOffset) == [0, 65_536, 131_072])
        #expect(desk.packets.allSatisfy { $0.header.messageLength == 140_000 })
        let second = desk.packets[1]
        #expect(
            desk.tell(.queueFull, of: second, by: PNN(rawValue: 1)).filter {
                $0.hasPrefix("finish")
            }
                == ["finish 1: queueFull"])
        #expect(
            desk.tell(.consumed, of: desk.packets[2], by: PNN(rawValue: 1))
                .filter { $0.hasPrefix("finish") } == [])
        #expect(desk.core.isIdle)
    }

    @Test func aMessageAboveTheLimitIsNotSent() {
        var desk = Desk.opened()
        let bytes = [UInt8](repeating: 0, count: Int(PeerProtocol.messageLimit) + 1)
        let lines = desk.handle(
            .send(Outbound(token: 1, to: Desk.echo, kind: .message, payload: bytes[...])))
        #expect(lines == ["finish 1: tooLarge"])
    }

    @Test func aRequestIsFinishedByItsReplyOnce() throws {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, .request))
        let id = try #require(desk.packets.first).header.packetID
        let reply = Desk.packet(.reply, 1, Array("yes".utf8), replyTo: id)
        #expect(desk.send(reply).contains("finish 1: answered yes"))
        let again = desk.send(Desk.packet(.reply, 2, replyTo: id))
        #expect(again.contains("note unexpected \(id)"))
        #expect(!again.contains { $0.hasPrefix("finish") })
    }

    @Test func anotherServiceCannotAnswer() throws {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, .request))
        let id = try #require(desk.packets.first).header.packetID
        let stranger = Address(
            node: PNN(rawValue: 2), service: .echo, instance: Instance(rawValue: 77))
        #expect(
            desk.send(Desk.packet(.reply, 1, from: stranger, replyTo: id))
                .contains("note unexpected \(id)"))
    }

    @Test func aRequestEndsAtItsDeadline() {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, .request, timeout: 300))
        desk.pass(milliseconds: 299)
        #expect(!desk.handle(.wake).contains { $0.hasPrefix("finish") })
        desk.pass(milliseconds: 1)
        #expect(desk.handle(.wake).first == "finish 1: deadlinePassed, possibly delivered")
    }

    @Test func theWindowHoldsBackAndTheUrgentLaneIsFree() throws {
        var settings = EndpointSettings()
        settings.normalWindow = 1_000
        var desk = Desk.opened(settings: settings)
        let text = String(repeating: "x", count: 900)
        _ = desk.handle(outbound(1, text: text), outbound(2, text: text))
        #expect(desk.packets.map(\.header.packetID) == [1])
        _ = desk.handle(outbound(3, lane: .urgent))
        try #require(desk.packets.map(\.isUrgent) == [false, true])
        _ = desk.tell(.consumed, of: desk.packets[0], by: Desk.echo.node)
        #expect(desk.packets.count == 3)
    }

    @Test func aProcessThatIsNotThereFailsAtOnce() {
        var desk = Desk.opened()
        #expect(
            desk.handle(outbound(1, to: Desk.neighbour)).first == "local 8 hello")
        #expect(
            desk.handle(.refused(.local(.echo, Instance(rawValue: 0)))).first
                == "finish 1: noSuchService")
    }

    // MARK: Broadcasts

    @Test func aBroadcastIsFinishedWhenAllNodesHaveTheirs() throws {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, to: everybody))
        let packet = try #require(desk.packets.first)
        #expect(
            !desk.tell(.reached, of: packet, by: PNN(rawValue: 1)).contains {
                $0.hasPrefix("finish")
            })
        _ = desk.tell(.noSuchService, of: packet, by: PNN(rawValue: 2))
        #expect(
            desk.tell(.consumed, of: packet, by: PNN(rawValue: 0))
                .contains("finish 1: reached [1], failed 2 noSuchService"))
    }

    @Test func whenTheGroupReportsTheWholeBroadcastHasFailed() throws {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, to: everybody))
        let packet = try #require(desk.packets.first)
        #expect(
            desk.tell(.shuttingDown, of: packet, by: .broadcastAll)
                .contains("finish 1: shuttingDown"))
        #expect(desk.core.isIdle)
    }

    @Test func aNodeThatAnswersIsReachedWhateverWasTold() throws {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, .request, to: everybody, timeout: 1_000))
        let packet = try #require(desk.packets.first)
        let id = packet.header.packetID
        _ = desk.tell(.serviceGone, of: packet, by: PNN(rawValue: 1))
        #expect(desk.send(Desk.packet(.reply, 1, replyTo: id)).contains("reply 1 of 1: hello"))
        _ = desk.tell(.noSuchService, of: packet, by: PNN(rawValue: 2))
        #expect(
            desk.tell(.consumed, of: packet, by: PNN(rawValue: 0))
                .contains("finish 1: reached [1], failed 2 noSuchService"))
    }

    @Test func aNodeAnswersABroadcastOnce() throws {
        var desk = Desk.opened()
        _ = desk.handle(outbound(1, .request, to: everybody))
        let id = try #require(desk.packets.first).header.packetID
        _ = desk.send(Desk.packet(.reply, 1, replyTo: id))
        let again = desk.send(Desk.packet(.reply, 2, replyTo: id))
        #expect(again.contains("note unexpected \(id)"))
        #expect(!again.contains { $0.hasPrefix("reply") })
    }

    // MARK: Receiving

    @Test func aMessageIsReceivedOnceAndToldOf() {
        var desk = Desk.opened()
        #expect(
            desk.send(Desk.packet(.message, 3)).filter { !$0.hasPrefix("wake") }
                == ["receive message 3: hello"])
        desk.pass(milliseconds: 10)
        #expect(desk.handle(.wake).first == "proxy consumed 3")
        #expect(desk.outcomes.map(\.code) == [.consumed])
    }

    @Test func fragmentsAreReceivedAsOne() {
        var desk = Desk.opened()
        #expect(
            !desk.send(Desk.packet(.request, 3, Array("hel".utf8), length: 5))
                .contains { $0.hasPrefix("receive") })
        #expect(
            desk.send(Desk.packet(.request, 4, Array("lo".utf8), offset: 3, length: 5))
                .contains("receive request 3: hello"))
        #expect(desk.core.heldByteCount == 0)
    }

    @Test func aFragmentWithoutTheOneInFrontIsRefused() {
        var desk = Desk.opened()
        _ = desk.send(Desk.packet(.message, 3, Array("lo".utf8), offset: 3, length: 5))
        #expect(desk.outcomes.map(\.code) == [.queueFull])
    }

    @Test func aMessageBeyondTheBudgetIsRefused() {
        var settings = EndpointSettings()
        settings.assemblyBudget = 100
        settings.messageLimit = 200
        var desk = Desk.opened(settings: settings)
        _ = desk.send(Desk.packet(.message, 3, length: 150))
        _ = desk.send(Desk.packet(.message, 4, length: 201))
        #expect(desk.outcomes.map(\.code) == [.noMemory, .tooLarge])
    }

    @Test func aWrongChecksumIsTold() {
        var desk = Desk.opened()
        var bytes = Desk.packet(.message, 3)
        bytes[88] ^= 1
        #expect(desk.send(bytes).contains("note malformed checksum"))
        #expect(desk.outcomes.map(\.code) == [.corrupt])
    }

    @Test func bytesThatAreNoFrameAreNoted() {
        var desk = Desk.opened()
        #expect(desk.handle(.frame([1, 2, 3])) == ["note malformed magic"])
    }
}
