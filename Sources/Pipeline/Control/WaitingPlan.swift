import Domain
import Foundation

/// A plan that was shown and waits for a person's word.
struct WaitingPlan: Sendable {
    let task: TaskID
    /// The comment that shows it.
    let noteID: Int64

    /// How often one task shows a plan or asks a question, at most.
    static let mostRounds = 12

    /// The name of the comment, in its marker and its step.
    static func note(_ round: Int) -> String { "plan-\(round)" }
    /// The step that takes in what was said about it.
    static func word(_ round: Int) -> String { "approval.\(round)" }

    /// The newest that waits in a thread. Where a task is just about to show one, it is waited for a moment.
    static func find(inThread thread: String, besides: TaskID, store: any Store) async throws -> WaitingPlan? {
        for attempt in 1...4 {
            let open = try await store.openTasks(thread: thread).filter { $0.task.id != besides }
            for record in open.reversed() {
                if let found = try await of(record.task.id, store: store) { return found }
            }
            guard attempt < 4, open.contains(where: { $0.task.kind == .plan && $0.state == .leased }) else { return nil }
            try await Task.sleep(for: .seconds(1))
        }
        return nil
    }

    static func of(_ id: TaskID, store: any Store) async throws -> WaitingPlan? {
        for round in (1...mostRounds).reversed() {
            guard let shown = try await store.outcome(ofStep: "note.\(note(round))", task: id) else { continue }
            guard try await store.outcome(ofStep: word(round), task: id) == nil else { return nil }
            return WaitingPlan(task: id, noteID: try JSONDecoder().decode(Int64.self, from: shown.value))
        }
        return nil
    }

    /// Hands a person's words to the task, which then goes on.
    func hear(_ input: TaskInput, store: any Store) async throws {
        let entry = try NewEntry(kind: .input, name: input.kind.rawValue, payload: JSONEncoder().encode(input))
        try await store.append([entry], to: task, owner: nil)
        try await store.hasten(task)
    }
}
