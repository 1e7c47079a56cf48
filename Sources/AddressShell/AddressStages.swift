// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import DatabaseClient
import PeerWire
import StageCore
import Stages
import TrivialDatabase
import Vocabulary

/// On which nodes public addresses have moved to the address daemon, as this node knows it.
///
/// It is read from the node's own file of the stages, which few clusters have.
public struct AddressStages: Equatable, Sendable {
    /// Where the configuration of ctdb is when nobody says anything.
    public static let usualBase = "/etc/ctdb"

    /// The nodes whose daemon decides, native or finalised, in their order.
    public var takenOver: [PNN]
    /// The nodes whose daemon has the addresses, and ctdbd none.
    public var finalised: Set<PNN>

    /// Makes stages.
    public init(takenOver: [PNN] = [], finalised: Set<PNN> = []) {
        self.takenOver = takenOver
        self.finalised = finalised
    }

    /// Reads them.
    ///
    /// - Parameter base: the folder of the configuration, which may say where databases are.
    /// - Returns: none when there is no file, or it may not be read: its owner is root, and nobody
    ///   else can ask ctdbd either.
    /// - Throws: why there are stages that cannot be used.
    public static func read(base: String) throws(StageError) -> AddressStages {
        // What is wrong with a configuration is said by those who are configured by it.
        let settings = try? StageSettings(readingFrom: base)
        let file = StageFile(folder: settings?.databaseFolder ?? StageFile.defaultFolder)
        do throws(StageError) {
            return AddressStages(of: try file.read().table)
        } catch {
            if isForbidden(error) { return AddressStages() }
            throw error
        }
    }

    /// Picks them out of a table.
    init(of table: StageTable) {
        let entries = table.entries.filter { $0.function == .ip && $0.stage.isTakenOver }
        takenOver = entries.map(\.node).sorted()
        finalised = Set(entries.filter { $0.stage == .finalised }.map(\.node))
    }

    private static func isForbidden(_ error: StageError) -> Bool {
        switch error {
        case .folder(let error): return error.isForbidden
        case .database(let failure):
            // EPERM, EACCES.
            if case .file(let problem) = failure.cause,
                case .notOpened(let errno) = problem.code
            {
                return errno == 1 || errno == 13
            }
            return false
        default: return false
        }
    }
}
