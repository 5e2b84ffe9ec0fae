import Domain
import Foundation
import Synchronization

/// A journal in memory. A copy made with `reopened()` stands for another run of the task with the same outcomes.
final class MemoryJournal: StepJournal {
    struct Contents: Sendable {
        var outcomes: [String: Data] = [:]
        var names: [String] = []
        var treeChanging: [String] = []
        var activities: [Activity] = []
        var inputs: [String: [TaskInput]] = [:]
        /// Names of steps whose work was really done.
        var worked: [String] = []
    }

    private let contents: Mutex<Contents>
    /// After so many recorded outcomes the process "dies".
    private let dyingAfter: Int?

    struct Died: Error {}

    init(_ contents: Contents = Contents(), dyingAfter: Int? = nil) {
        self.contents = Mutex(contents)
        self.dyingAfter = dyingAfter
    }

    var now: Contents { contents.withLock { $0 } }

    /// Comments that will be there when the step of this name asks.
    func put(_ comments: [String], for name: String) {
        contents.withLock { $0.inputs[name] = comments.map { TaskInput(kind: .comment, text: $0, author: "ann") } }
    }

    func reopened(dyingAfter: Int? = nil) -> MemoryJournal {
        var contents = now
        (contents.worked, contents.names, contents.activities) = ([], [], [])
        return MemoryJournal(contents, dyingAfter: dyingAfter)
    }

    func step<Outcome: Codable & Sendable>(
        _ name: String, changesTree: Bool, _ work: () async throws -> Outcome
    ) async throws -> Outcome {
        let recorded = contents.withLock { contents in
            contents.names.append(name)
            return contents.outcomes[name]
        }
        if let recorded { return try JSONDecoder().decode(Outcome.self, from: recorded) }
        if let dyingAfter, now.outcomes.count >= dyingAfter { throw Died() }
        let outcome = try await work()
        let data = try JSONEncoder().encode(outcome)
        contents.withLock { contents in
            contents.outcomes[name] = data
            contents.worked.append(name)
            if changesTree { contents.treeChanging.append(name) }
        }
        return try JSONDecoder().decode(Outcome.self, from: data)
    }

    func record(_ activity: Activity) async throws { contents.withLock { $0.activities.append(activity) } }

    func newInputs(_ name: String) async throws -> [TaskInput] {
        try await step(name, changesTree: false) { contents.withLock { $0.inputs[name] ?? [] } }
    }
}
