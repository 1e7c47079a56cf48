// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Recording
import Sockets
import Testing

@Suite struct RecordingStateTests {
    private var state: RecordingState {
        var state = RecordingState(name: "night", pid: 42, began: 1_700_000_000_123)
        state.files = ["/a \"b\".pcapng", "/c"]
        state.packets = .max
        state.byteCount = 7
        state.relayedClients = 3
        var source = RecordingState.Source("relay")
        source.packets = 5
        source.lost = 2
        source.note = "in front of ctdbd, process 1"
        state.sources = [RecordingState.Source("wire"), source]
        return state
    }

    @Test func whatIsWrittenDownIsRead() {
        #expect(RecordingState(json: Array(state.json.utf8)) == state)
        var ended = state
        ended.end = "it was stopped"
        #expect(RecordingState(json: Array(ended.json.utf8)) == ended)
        #expect(ended.lost == 2)
    }

    @Test func somethingElseIsNoState() {
        for text in ["", "{}", "[]", "{\"name\":1}", "{\"name\":\"a\",\"pid\":-1,\"began\":0}"] {
            #expect(RecordingState(json: Array(text.utf8)) == nil)
        }
        let bytes = Array(state.json.utf8)
        for count in bytes.indices.dropLast() {
            #expect(RecordingState(json: Array(bytes.prefix(count))) == nil)
        }
    }

    @Test func aRecordingWhoseLockIsFreeIsOver() throws {
        let scratch = try ScratchDirectory()
        #expect(RecordingView.read("night", in: scratch.path) == nil)
        try scratch.write(Array(state.json.utf8), to: "capture-night.json")
        #expect(RecordingView.read("night", in: scratch.path)?.word == "killed")
        var ended = state
        ended.end = "it was stopped"
        ended.relayedClients = 0
        try scratch.write(Array(ended.json.utf8), to: "capture-night.json")
        #expect(RecordingView.all(in: scratch.path).map(\.word) == ["ended"])
        let lock = try InstanceLock(path: Recorder.lockPath("night", in: scratch.path))
        #expect(RecordingView.all(in: scratch.path).map(\.word) == ["recording"])
        withExtendedLifetime(lock) {}
    }
}
