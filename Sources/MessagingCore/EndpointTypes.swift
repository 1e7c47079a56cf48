// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Vocabulary

/// Something that a program wants sent.
public struct Outbound: Equatable, Sendable {
    /// What is sent.
    public enum Kind: Equatable, Sendable {
        /// One way; finished when the service has taken it.
        case message
        /// Finished by the reply, a refusal, or the deadline.
        case request
        /// The answer to a request.
        case reply(to: UInt64)
        /// The service's own error.
        case refusal(to: UInt64)
    }

    /// The program's name for it; comes back in `finish`.
    ///
    /// 0: nobody wants to know.
    public var token: UInt64
    /// Who is meant; `PNN.current` and this node's number mean a process of this node.
    public var destination: Address
    /// What it is.
    public var kind: Kind
    /// The lane.
    public var lane: Lane
    /// What is asked of the service.
    public var procedure: UInt32
    /// The payload; at most `PeerProtocol.messageLimit` bytes.
    public var payload: ArraySlice<UInt8>
    /// For how long it is worth anything; nil: for ever.
    ///
    /// A request without one gets a minute.
    public var timeoutMilliseconds: UInt32?

    /// Describes something to be sent.
    public init(
        token: UInt64, to destination: Address, kind: Kind, lane: Lane = .normal,
        procedure: UInt32 = 0, payload: ArraySlice<UInt8>, timeoutMilliseconds: UInt32? = nil
    ) {
        self.token = token
        self.destination = destination
        self.kind = kind
        self.lane = lane
        self.procedure = procedure
        self.payload = payload
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// What is needed to answer a request.
public struct RequestHandle: Hashable, Sendable {
    /// Who asks.
    public var requester: Address
    /// The request's id there.
    public var id: UInt64
    /// The lane, which the answer takes too.
    public var lane: Lane

    /// Names a request.
    public init(requester: Address, id: UInt64, lane: Lane) {
        self.requester = requester
        self.id = id
        self.lane = lane
    }

    func outbound(_ answer: Answer) -> Outbound {
        switch answer {
        case .reply(let payload):
            return Outbound(
                token: 0, to: requester, kind: .reply(to: id), lane: lane, payload: payload)
        case .refusal(let payload):
            return Outbound(
                token: 0, to: requester, kind: .refusal(to: id), lane: lane, payload: payload)
        }
    }
}

/// What a service answers.
public enum Answer: Equatable, Sendable {
    /// What was asked for.
    case reply(ArraySlice<UInt8>)
    /// An encoded `Refusal`.
    case refusal(ArraySlice<UInt8>)
}

/// A message or a request as the program gets it.
public struct Inbound: Equatable, Sendable {
    /// Who sent it.
    public var source: Address
    /// The id of its first packet.
    public var id: UInt64
    /// The lane.
    public var lane: Lane
    /// What is asked.
    public var procedure: UInt32
    /// The whole payload.
    public var payload: ArraySlice<UInt8>
    /// How to answer; nil for a message, which has no answer.
    public var handle: RequestHandle?
}

/// One node's answer to a broadcast request.
public struct Reply: Equatable, Sendable {
    /// Who answers.
    public var source: Address
    /// Whether the payload is an encoded `Refusal`.
    public var isRefusal: Bool
    /// The payload.
    public var payload: ArraySlice<UInt8>
}

/// What became of something that was sent.
public enum Completion: Equatable, Sendable {
    /// The service has taken it.
    case delivered
    /// The answer to a request.
    case answered(Reply)
    /// It was not delivered, or not known to be: why, and whether it may have been all the same.
    case failed(OutcomeCode, possiblyDelivered: Bool)
    /// A broadcast: the nodes whose service has taken it, and those where it failed, and why.
    case broadcast(reached: [PNN], failed: [PNN: OutcomeCode])
}
