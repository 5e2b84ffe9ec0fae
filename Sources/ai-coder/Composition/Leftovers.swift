import Domain
import Foundation
import Logging
import SystemPackage
import Workspaces

/// What processes that were killed have left on this machine: their own children, leases and task directories.
struct Leftovers {
    let bench: Workbench

    /// Looks again from time to time, until it is cancelled: other processes share the machine and may die at any moment.
    func run() async throws {
        while true {
            try await Task.sleep(for: .seconds(300))
            await sweep()
        }
    }

    func sweep() async {
        // Before the directories, in which they may still write.
        let ended = await OrphanedProcesses.end()
        if ended > 0 { bench.logger.notice("Processes of a killed service ended", metadata: ["processes": "\(ended)"]) }
        do {
            let freed = try await bench.store.releaseLeases(where: ThisProcess.isDead)
            for id in freed { bench.logger.notice("Lease of a killed process released", metadata: ["task.id": "\(id)"]) }
            let removed = await TaskDirectory.sweep(bench.settings.running.workspace)
            for name in removed { bench.logger.notice("Left-over task directory removed", metadata: ["directory": "\(name)"]) }
        } catch {
            bench.logger.warning("Left-overs could not be removed", metadata: ["error": "\(error)"])
        }
    }
}
