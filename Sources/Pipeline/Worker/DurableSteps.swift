package import Domain
package import Foundation
package import Secrets
import Synchronization

/// The task's journal as the straight code of a recipe sees it: a step that has an outcome is not done again.
///
/// Lines of the transcript wait until the step around them is recorded, and go with it in one transaction: a step that is
/// done again after a crash leaves no second copy of them.
package struct DurableSteps: StepJournal {
    private let journal: any Journal
    private let taskID: TaskID
    private let owner: LeaseOwner
    private let redactor: Redactor
    private let shared = Shared()

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    private struct State {
        /// Outcomes of an earlier run that this one has not come to so far.
        var ahead: [String: StepOutcome] = [:]
        var pending: [NewEntry] = []
        var captureTree: (@Sendable () async throws -> Data)?
        var lastTree: Data?
        var inputsSeen: Int64 = 0
        /// Up to where was looked for words that the task waits for, whether any were of use or not.
        var inputsLookedAt: Int64 = 0
    }

    package init(journal: any Journal, taskID: TaskID, owner: LeaseOwner, redactor: Redactor) {
        self.journal = journal
        self.taskID = taskID
        self.owner = owner
        self.redactor = redactor
    }

    /// Reads what an earlier run of the task has done. Called once, before the first step.
    package func load() async throws {
        let decoder = JSONDecoder()
        var after: Int64 = 0
        while true {
            let page = try await journal.entries(of: taskID, after: after, kinds: [.step], limit: 200)
            guard let last = page.last else { return }
            for entry in page {
                let outcome = try decoder.decode(StepOutcome.self, from: entry.payload)
                shared.state.withLock { $0.ahead[entry.name] = outcome }
            }
            after = last.sequence
        }
    }

    /// An earlier run came further than this one has so far.
    package var isReplaying: Bool { shared.state.withLock { !$0.ahead.isEmpty } }

    package func isDone(_ name: String) -> Bool { shared.state.withLock { $0.ahead[name] != nil } }

    /// The outcome of a step in an earlier run, without doing the step.
    package func recall<Outcome: Decodable>(_ name: String, as type: Outcome.Type) async throws -> Outcome? {
        guard let done = shared.state.withLock({ $0.ahead[name] }) else { return nil }
        return try JSONDecoder().decode(Outcome.self, from: done.value)
    }

    /// From now on steps that change the tree record it through `capture`; `current` is the tree as it stands.
    package func trackTree(current: Data?, capture: @escaping @Sendable () async throws -> Data) {
        shared.state.withLock {
            $0.captureTree = capture
            $0.lastTree = current
        }
    }

    @discardableResult
    package func step<Outcome: Codable & Sendable>(
        _ name: String, changesTree: Bool, _ work: () async throws -> Outcome
    ) async throws -> Outcome {
        if let done = shared.state.withLock({ $0.ahead.removeValue(forKey: name) }) {
            return try JSONDecoder().decode(Outcome.self, from: done.value)
        }
        try Task.checkCancellation()
        let outcome = try await work()
        var tree: Data?
        if changesTree, let capture = shared.state.withLock({ $0.captureTree }) {
            let now = try await capture()
            if now != shared.state.withLock({ $0.lastTree }) { tree = now }
        }
        let recorded = try StepOutcome(value: JSONEncoder().encode(outcome), tree: tree)
        let entry = try NewEntry(kind: .step, name: name, payload: JSONEncoder().encode(recorded))
        try await journal.append(takePending() + [entry], to: taskID, owner: owner)
        if let tree { shared.state.withLock { $0.lastTree = tree } }
        return outcome
    }

    package func record(_ activity: Activity) async throws {
        var clean = activity
        clean.title = redactor.redact(activity.title)
        clean.detail = activity.detail.map(redactor.redact)
        let entry = try NewEntry(kind: .activity, name: clean.title, payload: JSONEncoder().encode(clean))
        shared.state.withLock { $0.pending.append(entry) }
    }

    /// Writes down a decision at once; each time that it is made, since each is made anew.
    package func audit(_ record: AuditRecord) async throws {
        let entry = try NewEntry(kind: .audit, name: record.action, payload: JSONEncoder().encode(record))
        try await journal.append([entry], to: taskID, owner: owner)
    }

    package func newInputs(_ name: String) async throws -> [TaskInput] {
        // While an earlier run is followed, only what that run took in here is taken in here.
        if isReplaying, !isDone(name) { return [] }
        return try await inputs(name, of: [.comment])
    }

    /// What was said since the last call, where the task can't go on without a word: nothing that an earlier run did lies behind
    /// this place unless it heard something here.
    package func awaitedInputs(_ name: String, of kinds: Set<TaskInput.Kind>) async throws -> [TaskInput] {
        try await inputs(name, of: kinds)
    }

    /// Something was said since the task last listened, perhaps while it was about to go to sleep.
    package func hasUnheardInputs() async throws -> Bool {
        let after = shared.state.withLock { max($0.inputsSeen, $0.inputsLookedAt) }
        return try await !journal.entries(of: taskID, after: after, kinds: [.input], limit: 1).isEmpty
    }

    private func inputs(_ name: String, of kinds: Set<TaskInput.Kind>) async throws -> [TaskInput] {
        let after = shared.state.withLock { $0.inputsSeen }
        struct Seen: Codable { var upTo: Int64, inputs: [TaskInput] }
        let decoder = JSONDecoder()
        let fresh = isDone(name) ? [] : try await journal.entries(of: taskID, after: after, kinds: [.input], limit: 100)
        let wanted = try fresh.map { try decoder.decode(TaskInput.self, from: $0.payload) }.filter { kinds.contains($0.kind) }
        if let last = fresh.last { shared.state.withLock { $0.inputsLookedAt = max($0.inputsLookedAt, last.sequence) } }
        if wanted.isEmpty, !isDone(name) { return [] }
        let seen = try await step(name, changesTree: false) { Seen(upTo: fresh.last?.sequence ?? after, inputs: wanted) }
        shared.state.withLock { $0.inputsSeen = max($0.inputsSeen, seen.upTo) }
        return seen.inputs
    }

    /// Appends `entry` together with the mark that it was, once in the task's life.
    package func once(_ name: String, with entry: NewEntry) async throws {
        if shared.state.withLock({ $0.ahead.removeValue(forKey: name) }) != nil { return }
        let mark = try NewEntry(
            kind: .step, name: name, payload: JSONEncoder().encode(StepOutcome(value: Data("true".utf8))))
        try await journal.append(takePending() + [entry, mark], to: taskID, owner: owner)
    }

    /// The lines that wait for the next step; they are the caller's to write now.
    package func takePending() -> [NewEntry] {
        shared.state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
    }
}
