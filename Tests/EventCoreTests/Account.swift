// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Vocabulary

/// Numbers from a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Plays the world around a core, and keeps account of what the core does to it.
struct Account {
    private(set) var asked = 0
    private(set) var answered = 0
    private(set) var violations: [String] = []
    private var running: [ScriptID] = []
    private var lists: [RunID] = []
    private var givenUp: [ScriptID] = []
    private var leftOver: [ScriptID] = []
    private var debugged: [ScriptID] = []
    private var replies: Set<EventCore.Asker> = []

    mutating func ask() { asked += 1 }

    mutating func take(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .list(let run, _): lists.append(run)
            case .start(let script, _):
                if !running.isEmpty { violations.append("\(script) beside \(running)") }
                running.append(script)
            case .giveUp(let script):
                if !running.contains(script) { violations.append("gave up \(script)") }
                running.removeAll { $0 == script }
                givenUp.append(script)
            case .kill(let script):
                running.removeAll { $0 == script }
                givenUp.removeAll { $0 == script }
                leftOver.removeAll { $0 == script }
            case .debug(_, let script, _):
                if !debugged.isEmpty { violations.append("debugs two") }
                debugged.append(script)
            case .reply(let asker, _):
                answered += 1
                if !replies.insert(asker).inserted { violations.append("twice \(asker)") }
            case .open, .terminate, .setEnabled, .wake, .note: break
            }
        }
    }

    /// Something that may happen now.
    mutating func next(_ random: inout SplitMix) -> EventCore.Event {
        let names = ["monitor", "takeip", "startup"]
        switch random.next() % 8 {
        case 0, 1:
            let name = names[Int(random.next() % 3)]
            return .requested(
                Desk.asker(UInt32(asked)),
                .run(
                    EventRunRequest(
                        component: "legacy", event: name, arguments: nil,
                        timeoutSeconds: UInt32(random.next() % 10),
                        flags: UInt32(random.next() % 2))))
        case 2: return .wake
        case 3 where !debugged.isEmpty: return debugEnd()
        case 4 where !leftOver.isEmpty: return .leftOverEnded(leftOver.removeFirst())
        default: return answerToFirst(Int32(random.next() % 90)) ?? .wake
        }
    }

    /// The answer to what the core has waited for longest.
    mutating func answerToFirst(_ code: Int32 = 0) -> EventCore.Event? {
        if !givenUp.isEmpty {
            let script = givenUp.removeFirst()
            leftOver.append(script)
            return .gaveUp(script, output: nil)
        }
        if !lists.isEmpty {
            return .listed(lists.removeFirst(), .scripts(code < 80 ? ["00.a", "10.b"] : []))
        }
        if !running.isEmpty {
            return .ended(running.removeFirst(), .exited(code), output: nil)
        }
        return debugged.isEmpty ? nil : debugEnd()
    }

    private mutating func debugEnd() -> EventCore.Event {
        .debugged(component: "legacy", debugged.removeFirst(), output: nil)
    }
}
