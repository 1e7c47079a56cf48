// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import LegacyWire
import Testing
import Vocabulary

/// Lists that the tool reads.
@Suite struct FilesTests {
    @Test func aNodesFileKeepsThePlacesOfCommentedNodes() throws {
        let text = "  10.0.0.1 \t\r\n\n# 10.0.0.2\n\t10.0.0.3  \n   \nfe80::1\n#"
        let map = try NodesFile.parse(Array(text.utf8))
        #expect(map.nodes.map(\.pnn.rawValue) == [0, 1, 2, 3, 4])
        #expect(map.nodes.map(\.flags) == [[], .deleted, [], [], .deleted])
        #expect(
            map.nodes.map { AddressText.print($0.address) }
                == ["10.0.0.1", "0.0.0.0", "10.0.0.3", "fe80::1", "0.0.0.0"])
        #expect(try NodesFile.parse([]).nodes == [])
    }

    @Test func aLineThatIsNoAddressIsAFault() {
        #expect(throws: NodesFile.Fault(line: "10.0.0.2 x")) {
            try NodesFile.parse(Array("10.0.0.1\n 10.0.0.2 x \n".utf8))
        }
        let line = RawText(bytes: [0xFF, 0x31])
        #expect(throws: NodesFile.Fault(line: line)) { try NodesFile.parse(line.bytes) }
    }

    @Test func connectionsAreTwoAddressesALine() throws {
        let text = "# comment\n\n1.2.3.4:5 \t 5.6.7.8:9 more\n[::1]:1 ::2:3\0"
        let list = try ConnectionList.parse(Array(text.utf8))
        #expect(
            list.map { AddressText.printWithPort($0.source) } == ["1.2.3.4:5", "[::1]:1"])
        #expect(
            list.map { AddressText.printWithPort($0.destination) } == ["5.6.7.8:9", "[::2]:3"])
    }

    @Test func aLineWithoutItsEndIsPassedOver() throws {
        #expect(try ConnectionList.parse(Array("1.2.3.4:5 1.2.3.4:6".utf8)) == [])
        #expect(try ConnectionList.parse([]) == [])
        #expect(try ConnectionList.parse(Array("\n\nnonsense".utf8)) == [])
    }

    @Test(arguments: [
        "1.2.3.4:5\n", "1.2.3.4:5 x\n", "1.2.3.4:5 [::1]:6\n", " # 1.2.3.4:5 \n", " \n",
        "1.2.3.4:5,1.2.3.4:6\n",
    ])
    func aBadLineEndsTheList(text: String) {
        #expect(throws: ToolExit(22)) { try ConnectionList.parse(Array(text.utf8)) }
    }

    @Test func aLongLineEndsTheList() throws {
        let pair = "1.2.3.4:5 1.2.3.4:6"
        let fits = pair + String(repeating: " ", count: 127 - pair.utf8.count) + "\n"
        #expect(try ConnectionList.parse(Array(fits.utf8)).count == 1)
        #expect(throws: ToolExit(22)) { try ConnectionList.parse(Array((" " + fits).utf8)) }
    }
}
