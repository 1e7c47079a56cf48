// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Recording
import Testing

@Suite struct RelayFlowTests {
    /// What the next write would be given, put together.
    private func waiting(_ flow: RelayFlow) -> [UInt8] {
        Array(flow.waiting.joined().dropFirst(flow.offset))
    }

    @Test func whatWasWrittenIsNotWrittenAgain() {
        var flow = RelayFlow()
        flow.append([1, 2, 3])
        flow.append([4, 5])
        flow.append([6])
        #expect(waiting(flow) == [1, 2, 3, 4, 5, 6])
        flow.wrote(2)
        #expect(waiting(flow) == [3, 4, 5, 6])
        flow.wrote(2)
        #expect(waiting(flow) == [5, 6])
        flow.append([7])
        flow.wrote(3)
        #expect(waiting(flow) == [])
        #expect(!flow.wantsWrite)
        #expect(flow.byteCount == 0)
    }

    @Test func nothingIsReadWhileMuchWaits() {
        var flow = RelayFlow()
        flow.append([UInt8](repeating: 0, count: RelayFlow.limit - 1))
        #expect(flow.wantsRead)
        flow.append([1, 2])
        #expect(!flow.wantsRead)
        flow.wrote(2)
        #expect(flow.wantsRead)
    }

    @Test func theEndComesBehindWhatWaits() {
        var flow = RelayFlow()
        flow.append([1])
        flow.end()
        flow.append([2])
        #expect(!flow.wantsRead)
        #expect(!flow.isDone)
        #expect(waiting(flow) == [1])
        flow.wrote(1)
        #expect(flow.isDone)
    }

    @Test func aBrokenOneIsReadToItsEndForNothing() {
        var flow = RelayFlow()
        flow.append([1, 2])
        flow.wrote(1)
        flow.breakOff()
        #expect(flow.wantsRead)
        #expect(!flow.wantsWrite)
        flow.append([3])
        #expect(flow.byteCount == 0)
        flow.end()
        #expect(flow.isDone)
    }
}
