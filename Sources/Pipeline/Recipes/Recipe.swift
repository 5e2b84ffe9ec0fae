import Domain
import Logging

/// Which stages a kind of task goes through.
enum Recipe {
    static func of(_ task: CodingTask, parts: PipelineParts, journal: TaskJournal, logger: Logger) async throws {
        let run = TaskRun(task: task, parts: parts, journal: journal, logger: logger)
        switch task.kind {
        case .change: try await ChangeRecipe(run: run).perform()
        case .answer: try await AnswerRecipe(run: run).perform()
        case .plan: try await PlanRecipe(run: run).perform()
        case .fix: try await FixRecipe(run: run).perform()
        case .review: try await ReviewRecipe(run: run).perform()
        case .stop, .status, .retry, .help, .approve, .join, .withdraw: try await ControlRecipe(run: run).perform()
        }
    }
}
