// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import Testing
import Vocabulary

@Suite struct NodeChangeTests {
    @Test func everyChangeKnowsItsFlag() {
        let all: [(NodeChange, NodeFlags, Bool)] = [
            (.disable, .permanentlyDisabled, true), (.enable, .permanentlyDisabled, false),
            (.stop, .stopped, true), (.resume, .stopped, false),
            (.ban(seconds: 5), .banned, true), (.unban, .banned, false),
        ]
        for (change, flag, isSet) in all {
            #expect(change.flag.flag == flag)
            #expect(change.flag.isSet == isSet)
        }
    }
}
