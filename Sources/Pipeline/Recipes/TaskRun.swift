import Domain
import Logging

/// What the stages of one run of a task share.
struct TaskRun: Sendable {
    let task: CodingTask
    let parts: PipelineParts
    let journal: TaskJournal
    let logger: Logger

    var steps: DurableSteps { journal.steps }

    func note(_ kind: Activity.Kind, _ title: String, detail: String? = nil) async throws {
        try await steps.record(Activity(kind, title: title, detail: detail))
    }
}
