import Domain
import GRDB
import Synchronization

/// Writes down many deliveries with one sync to disk: whatever arrives while a commit is under way goes into the next one.
final class GroupCommit: Sendable {
    typealias Waiter = CheckedContinuation<IntakeOutcome, any Error>

    private struct Pending: Sendable {
        var delivery: DeliveryInsertion
        var waiter: Waiter
    }

    private struct State {
        var pending: [Pending] = []
        var isWriting = false
    }

    /// What waits in memory at most; more is refused, for the sender to come again.
    private static let capacity = 20_000
    /// A transaction's most: long enough to share the sync, short enough for others to get at the writer.
    private static let batchSize = 1_000

    private let state = Mutex(State())
    private let database: StoreDatabase

    init(database: StoreDatabase) { self.database = database }

    func accept(_ delivery: DeliveryInsertion) async throws -> IntakeOutcome {
        try await withCheckedThrowingContinuation { waiter in
            let begins = state.withLock { state -> Bool? in
                guard state.pending.count < Self.capacity else { return nil }
                state.pending.append(Pending(delivery: delivery, waiter: waiter))
                defer { state.isWriting = true }
                return !state.isWriting
            }
            switch begins {
            case nil:
                waiter.resume(
                    throwing: StoreFailure(
                        .overloaded, "More deliveries arrive than can be written down; they are to be sent again."))
            case true?: writeNext()
            case false?: break
            }
        }
    }

    private func writeNext() {
        let batch = state.withLock { state -> [Pending] in
            let batch = Array(state.pending.prefix(Self.batchSize))
            state.pending.removeFirst(batch.count)
            state.isWriting = !batch.isEmpty
            return batch
        }
        guard !batch.isEmpty else { return }
        // Losing the line about an ignored delivery in a power cut loses nothing.
        let isLazy = batch.allSatisfy { $0.delivery.leadsToNothing }
        database.write(isLazy ? .lazy : .synced) { db in
            try batch.map { try $0.delivery.insert(into: db) }
        } completion: { [self] result in
            // The next batch takes its place in the writer's queue before these callers go on.
            writeNext()
            switch result {
            case .success(let outcomes):
                for (pending, outcome) in zip(batch, outcomes) { pending.waiter.resume(returning: outcome) }
            case .failure(let error):
                // One delivery that can't be written must not take the others with it. Where the store itself fails, all fail.
                if batch.count > 1, (error as? StoreFailure)?.code == .unexpected { return writeAlone(batch) }
                for pending in batch { pending.waiter.resume(throwing: error) }
            }
        }
    }

    private func writeAlone(_ batch: [Pending]) {
        for pending in batch {
            database.write(.synced) { db in
                try pending.delivery.insert(into: db)
            } completion: {
                pending.waiter.resume(with: $0)
            }
        }
    }
}
