import Domain
import Synchronization

/// One at a time for each task, so that its messages stay in order whoever sends them.
final class TaskLanes: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var taken: Set<TaskID> = []
        var waiters: [TaskID: [Waiter]] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// Runs `body` when nobody else is at work for the task. Nil when the wait was cancelled.
    func inLane<Value>(of id: TaskID, _ body: () async throws -> Value) async rethrows -> Value? {
        guard await enter(id) else { return nil }
        defer { leave(id) }
        return try await body()
    }

    private func enter(_ id: TaskID) async -> Bool {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entered = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    if state.taken.insert(id).inserted { return true }
                    state.waiters[id, default: []].append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let entered { continuation.resume(returning: entered) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let place = state.waiters[id]?.firstIndex(where: { $0.number == number }) else { return nil }
                return state.waiters[id]?.remove(at: place)
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    private func leave(_ id: TaskID) {
        let next = state.withLock { state -> Waiter? in
            guard var waiters = state.waiters[id], !waiters.isEmpty else {
                state.waiters[id] = nil
                state.taken.remove(id)
                return nil
            }
            let next = waiters.removeFirst()
            state.waiters[id] = waiters
            return next
        }
        next?.continuation.resume(returning: true)
    }
}
