// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyClient
import LegacyWire
import Vocabulary

/// What a control was needed for.
public enum AdministrationStep: Hashable, Sendable {
    /// To know the nodes and their states.
    case nodeMap
    /// To make or end a state of a node.
    case change(NodeChange)
    /// To send or hear messages.
    case message
    /// To know whether a recovery is under way.
    case recoveryMode
    /// To know the generation of the databases.
    case generation
    /// To begin a recovery.
    case recover
    /// To know a node's public addresses.
    case publicAddresses
    /// To take a public address from the nodes that do not host it from now on.
    case release
    /// To give a public address to a node.
    case takeOver
    /// To make a public address known.
    case addAddress
    /// To make a public address unknown.
    case deleteAddress
    /// To have the public addresses file read again.
    case reloadAddresses
    /// To read another node's nodes file.
    case nodesFile
    /// To have the nodes file read again.
    case reloadNodes
    /// To end a ctdbd.
    case shutdown
    /// To learn what interfaces a node has.
    case interfaces
}

/// Why something that an administrator wanted was not done.
public enum AdministrationFailure: Error, Equatable, Sendable {
    /// A control failed.
    case control(AdministrationStep, LegacyFailure)
    /// No node that is not banned can be asked for the nodes' states.
    case allNodesBanned
    /// The node is not in the map of nodes.
    case noSuchNode(PNN)
    /// The node does not know the public address.
    case cannotHost(SocketAddress, PNN)
    /// There is no node that could be told.
    case noNodes
    /// The recovery daemons answered with a failure.
    case takeoverRun(status: Int32)
    /// A recovery daemon refused to hold off.
    case holdOff(HoldOff, status: Int32)
    /// The same when holding off was to end.
    case endOfHoldOff(HoldOff, status: Int32)
    /// The nodes file of a node is not the local one.
    case nodesFileDiffers(PNN)

    /// The control's failure, when it was one.
    public var legacy: LegacyFailure? {
        if case .control(_, let failure) = self { failure } else { nil }
    }

    /// What the control was for, when it was one.
    public var step: AdministrationStep? {
        if case .control(let step, _) = self { step } else { nil }
    }
}

/// What goes wrong on the way without ending the whole.
public enum AdministrationNote: Equatable, Sendable {
    /// Something failed, and is tried again.
    case willRetry(AdministrationFailure)
    /// A recovery daemon did not say in time that it holds off; the work goes on.
    case holdOffTimedOut(HoldOff)
    /// Some nodes failed to do something; the work goes on.
    case failed(AdministrationStep, on: [PNN])
}
