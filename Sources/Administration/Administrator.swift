// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// What an administrator does to a cluster through the local ctdbd.
public final class Administrator {
    /// The conversation with the local ctdbd.
    public let session: LegacySession
    /// The node that is meant.
    public var node: PNN
    /// How long each answer may take.
    public var limit: Duration

    /// Makes an administrator of a conversation.
    public init(session: LegacySession, node: PNN? = nil, limit: Duration) {
        self.session = session
        self.node = node ?? session.pnn
        self.limit = limit
    }
}
