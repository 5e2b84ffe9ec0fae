import Domain
import Foundation

extension TaskRun {
    /// Submits another task, made from this one. Repeated after a crash, it submits the same task, which makes no second one.
    ///
    /// - Parameter name: tells the tasks that this one submits apart.
    @discardableResult
    func submit(_ name: String, from origin: GitLabOrigin, _ detail: (inout CodingTask, inout GitLabOrigin) -> Void) async throws -> TaskID {
        // The id first: a second run after a kill submits the same task.
        let id = try await steps.step("\(name).id") {
            var generator = SystemRandomNumberGenerator()
            return TaskID.random(now: Int64(parts.now().timeIntervalSince1970 * 1000), using: &generator)
        }
        var (made, owned) = (task, origin)
        made.id = id
        made.createdAt = parts.now()
        detail(&made, &owned)
        made.origin = .gitLab(owned)
        let another = made
        try await steps.step(name) {
            _ = try await parts.store.submit(another)
            return true
        }
        return id
    }
}
