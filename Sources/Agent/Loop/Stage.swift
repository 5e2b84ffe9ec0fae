import Domain

/// One way of working with the model: its instructions, its tools, and how it may end.
struct Stage: Sendable {
    /// The first part of step names.
    let name: String
    let prompt: String
    let tools: [any Tool]
    let treeIsWritable: Bool
    /// The tool that ends it, named when the model forgets it.
    let endingTools: String
    /// What a turn without a tool call counts as; nil leads to a nudge.
    let ending: @Sendable (String) -> StageEnding?
    /// What such a turn counts as when nudging did not help.
    let lastResort: @Sendable (String) -> StageEnding

    private static let looking: [any Tool] = [ReadFile(), ListFiles(), Search(), RepositoryMap()]

    static let analyze = Stage(
        name: "analyze", prompt: Prompts.analyze, tools: looking + [SubmitPlan(), AskUser()], treeIsWritable: false,
        endingTools: "`submit_plan` or `ask_user`", ending: { _ in nil },
        // A model that writes its plan as text has still planned.
        lastResort: { .plan(.init(summary: $0, changes: [$0])) })

    static let code = Stage(
        name: "code", prompt: Prompts.code,
        tools: looking + [EditFile(), WriteFile(), DeleteFile(), MoveFile(), RunCommand(), Finish()], treeIsWritable: true,
        endingTools: "`finish`", ending: { .finished(summary: $0) }, lastResort: { .finished(summary: $0) })

    static let answer = Stage(
        name: "answer", prompt: Prompts.answer, tools: looking + [RunCommand(), Answer()], treeIsWritable: false,
        endingTools: "`answer`", ending: { .answer($0) }, lastResort: { .answer($0) })

    static let reply = Stage(
        name: "reply", prompt: Prompts.reply, tools: looking + [RunCommand(), Answer(), SubmitPlan()], treeIsWritable: false,
        endingTools: "`answer` or `submit_plan`", ending: { .answer($0) }, lastResort: { .answer($0) })

    static let review = Stage(
        name: "review", prompt: Prompts.review, tools: looking + [RunCommand(), SubmitReview()], treeIsWritable: false,
        endingTools: "`submit_review`", ending: { _ in nil },
        lastResort: { .review(ReviewOutcome(summary: $0, findings: [])) })

    static let all = [analyze, code, answer, reply, review]
}
