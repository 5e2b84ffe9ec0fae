import Domain
import Logging

/// Which stages a kind of task goes through.
enum Recipe {
    static func of(_ task: CodingTask, parts: PipelineParts, journal: TaskJournal, logger: Logger) async throws {
        let run = TaskRun(task: task, parts: parts, journal: journal, logger: logger)
        switch task.kind {
        case .change: try await change(run)
        case .answer where task.gitLab?.trigger == .reply: try await ReplyRecipe(run: run).perform()
        case .answer: try await AnswerRecipe(run: run).perform()
        case .plan: try await PlanRecipe(run: run).perform()
        case .fix: try await FixRecipe(run: run).perform()
        case .review: try await ReviewRecipe(run: run).perform()
        case .stop, .status, .retry, .help, .approve, .join, .withdraw: try await ControlRecipe(run: run).perform()
        }
    }

    /// What "do" means on a merge request depends on what is asked for.
    private static func change(_ run: TaskRun) async throws {
        guard let origin = run.task.gitLab, case .mergeRequest = origin.subject else { return try await ChangeRecipe(run: run).perform() }
        if origin.trigger == .thread {
            try await ThreadRecipe(run: run).perform()
        } else if origin.position == nil, ThreadsRecipe.isMeant(run.task.intent) {
            try await ThreadsRecipe(run: run).perform()
        } else if origin.position == nil, ConflictRecipe.isMeant(run.task.intent) {
            try await ConflictRecipe(run: run).perform()
        } else {
            try await ChangeRecipe(run: run).perform()
        }
    }
}
