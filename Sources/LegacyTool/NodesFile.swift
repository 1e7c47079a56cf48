// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyWire
import Sockets
import Vocabulary

/// A nodes file: an address a line, the node's number is its place; a commented line keeps the
/// place of a node that is gone.
package enum NodesFile {
    private static let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t")]

    /// A line that is no address.
    package struct Fault: Error, Equatable {
        /// The line.
        package var line: RawText

        /// Makes a fault.
        package init(line: RawText) { self.line = line }
    }

    /// Reads the nodes of a file's bytes.
    package static func parse(_ bytes: [UInt8]) throws(Fault) -> NodeMap {
        var nodes: [NodeMap.Node] = []
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            // The legacy tool keeps lines as C strings, and ends them at a carriage return.
            var text = line.prefix { $0 != 0 && $0 != 0x0D }.drop { blanks.contains($0) }
            while text.count > 1, let last = text.last, blanks.contains(last) {
                text = text.dropLast()
            }
            guard let first = text.first else { continue }
            let isDeleted = first == UInt8(ascii: "#")
            let shown: RawText = isDeleted ? "0.0.0.0" : RawText(bytes: text)
            guard let address = AddressText.parse(shown) else { throw Fault(line: shown) }
            nodes.append(
                NodeMap.Node(
                    pnn: PNN(rawValue: UInt32(clamping: nodes.count)),
                    flags: isDeleted ? .deleted : [], address: address))
        }
        return NodeMap(nodes: nodes)
    }
}

extension ToolContext {
    /// The nodes file of this machine; nil after a complaint when it cannot be read.
    func nodesFile() -> NodeMap? {
        let path = environment.nodesPath
        do throws(SystemError) {
            let bytes = try SmallFile.read(path.string, limit: 64 << 20)
            do throws(NodesFile.Fault) {
                return try NodesFile.parse(bytes)
            } catch {
                complain("Invalid IP address \(error.line)\n")
            }
        } catch {}
        complain("Failed to read nodes file \"\(path)\"\n")
        return nil
    }

    /// Whether an address of the nodes file is one of this machine's; complains when none is.
    func isPartOfCluster() -> Bool {
        guard let map = nodesFile() else { return false }
        for node in map.nodes where !node.flags.contains(.deleted) {
            if RawSegment.bindFailure(node.address.kernelBytes(port: 0)) == nil { return true }
        }
        complain("Failed to detect PNN of the current node.\n")
        return false
    }
}
