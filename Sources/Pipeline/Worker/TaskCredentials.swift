package import Domain
package import Secrets
import Synchronization

/// Secrets that came with single tasks. They live in memory only: the database holds none.
package final class TaskCredentials: Sendable {
    package struct Given: Sendable {
        package var gitLabToken: Secret?
        package var webhookSecret: Secret?
        package init(gitLabToken: Secret?, webhookSecret: Secret?) {
            self.gitLabToken = gitLabToken
            self.webhookSecret = webhookSecret
        }
    }

    private let given = Mutex<[TaskID: Given]>([:])

    package init() {}

    package func keep(_ secrets: Given, for id: TaskID) { given.withLock { $0[id] = secrets } }
    package func secrets(of id: TaskID) -> Given? { given.withLock { $0[id] } }
    package func forget(_ id: TaskID) { given.withLock { $0[id] = nil } }
}
