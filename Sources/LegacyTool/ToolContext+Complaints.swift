// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Vocabulary

extension ToolContext {
    /// Says what an administrator's work failed at, and gives the number that it has for the
    /// legacy tool.
    func complaint(about failure: AdministrationFailure) -> ToolExit {
        switch failure {
        case .control(let step, let legacy): return complaint(about: legacy, at: step)
        case .allNodesBanned: complain("Warning: All nodes are banned.\n")
        case .noSuchNode(let node): complain("Node \(node.rawValue) does not exist\n")
        case .cannotHost(let address, let node):
            let text = AddressText.print(address)
            complain("Node \(node.rawValue) CANNOT host IP address \(text)\n")
        case .noNodes: complain("Memory allocation error\n")
        case .takeoverRun(let status): return ToolExit(status)
        case .holdOff(.takeoverRuns, _): complain("Failed to disable takeover runs\n")
        case .holdOff(.recoveries, _): complain("Failed to disable recoveries\n")
        case .endOfHoldOff(.takeoverRuns, _): complain("Failed to enable takeover runs\n")
        case .endOfHoldOff(.recoveries, _): complain("Failed to enable recoveries\n")
        case .nodesFileDiffers(let node):
            complain(
                """
                ERROR: Nodes file on node \(node.rawValue) differs from current node \
                (\(localNode.rawValue))\n
                """)
        }
        return ToolExit(1)
    }

    private func complaint(
        about failure: LegacyFailure, at step: AdministrationStep
    ) -> ToolExit {
        // What was asked of several nodes at once is not logged one by one.
        let exit = step == .release ? failure.code : logged(failure)
        guard !exit.isFinal, let text = text(of: step, node: failure.node ?? node) else {
            return exit
        }
        complain(text)
        return step == .nodeMap ? ToolExit(1) : exit
    }

    private func text(of step: AdministrationStep, node: PNN) -> RawText? {
        let node = node.rawValue
        return switch step {
        case .nodeMap: "Failed to get nodemap from node \(node)\n"
        case .change(.disable): "Failed to disable node \(node)\n"
        case .change(.enable): "Failed to enable node \(node)\n"
        case .change(.stop): "Failed to stop node \(node)\n"
        case .change(.resume): "Failed to continue stopped node \(node)\n"
        case .change(.ban): "Failed to ban node \(node)\n"
        case .change(.unban): "Failed to unban node \(node)\n"
        case .recoveryMode: "Failed to get recovery mode from node \(node)\n"
        case .generation: "Failed to get generation from node \(node)\n"
        case .recover: "Failed to set recovery mode active\n"
        case .publicAddresses: "Failed to get Public IPs from node \(node)\n"
        case .release: "Failed to release IP on nodes\n"
        case .takeOver: "Failed to takeover IP on node \(node)\n"
        case .addAddress: "Failed to add public IP to node \(node). Giving up\n"
        case .deleteAddress: "Failed to delete public IP from node \(node)\n"
        case .nodesFile: "ERROR: Failed to get nodes file from node \(node)\n"
        case .shutdown: "Unable to shutdown node \(node)\n"
        case .message, .reloadAddresses, .reloadNodes, .interfaces: nil
        }
    }

    /// Says what went wrong on the way of an administrator's work.
    func complain(of note: AdministrationNote) {
        switch note {
        case .willRetry(.control(.addAddress, let failure)): _ = logged(failure)
        case .willRetry(let failure):
            _ = complaint(about: failure)
            // While the command waits for a node's state it says so.
            switch failure {
            case .control(.nodeMap, _), .allNodesBanned:
                if isWaitingForState { complain("Failed to get nodemap, trying again\n") }
            default: break
            }
        case .holdOffTimedOut: break
        case .failed(.reloadNodes, let nodes):
            for node in nodes { complain("Node \(node.rawValue) failed to reload nodes\n") }
            complain("You MUST fix failed nodes manually!\n")
        case .failed: complain("Failed to reload IPs on some nodes.\n")
        }
    }
}
