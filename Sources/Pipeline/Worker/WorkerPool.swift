package import Domain
import Foundation
package import Logging

/// Takes tasks off the queue as long as the service runs: some workers for work, and a lane of its own for what is answered
/// at once (`stop`, `status`, ...), so that a busy bot still listens.
package struct WorkerPool: Sendable {
    private let parts: PipelineParts
    private let owner: LeaseOwner
    private let width: Int
    private let logger: Logger

    package init(parts: PipelineParts, owner: LeaseOwner, width: Int, logger: Logger) {
        self.parts = parts
        self.owner = owner
        self.width = width
        self.logger = logger
    }

    /// Until it is cancelled. Tasks in hand then go back to the queue, to be gone on with at the next start.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<width {
                group.addTask { try await serve(.work, as: "work-\(place)") }
            }
            for place in 0..<2 {
                group.addTask { try await serve(.control, as: "control-\(place)") }
            }
            try await group.waitForAll()
        }
    }

    private func serve(_ lane: TaskLane, as name: String) async throws {
        var owner = owner
        owner.name += ".\(name)"
        let worker = TaskWorker(parts: parts, owner: owner, onCancel: .giveBack)
        let (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let calls = parts.store.wakeUps()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in calls { ring.yield() } }
            group.addTask {
                // Others write to the same database, and postponed tasks come due: look again now and then.
                while true {
                    try await Task.sleep(for: .seconds(2))
                    ring.yield()
                }
            }
            defer { group.cancelAll() }
            ring.yield()
            for await _ in bell {
                await drain(lane, with: worker, as: owner)
                try Task.checkCancellation()
            }
        }
    }

    private func drain(_ lane: TaskLane, with worker: TaskWorker, as owner: LeaseOwner) async {
        do {
            while let record = try await parts.store.claim(lane, owner: owner, for: parts.settings.lease) {
                try await worker.run(record)
                try Task.checkCancellation()
            }
        } catch is CancellationError {
            return
        } catch {
            // The database may be away for a while (a full disk, for instance); the queue is still there afterwards.
            logger.error("A worker could not go on", metadata: ["error": "\(error)", "worker": "\(owner.name)"])
        }
    }
}
