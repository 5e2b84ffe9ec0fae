extension RouteTable {
    /// Sends one delivery at once; nil when its hook is gone.
    typealias HookAttempt = @Sendable (OutgoingDelivery) async -> GitLabWorld.Delivery?

    /// The table with nothing behind hooks, to look at.
    static var allGitLab: RouteTable { gitLab { _ in nil } }

    /// Every API path that the stand-in serves, by subject.
    static func gitLab(_ attempt: @escaping HookAttempt) -> RouteTable {
        var table = RouteTable()
        table.addServerRoutes()
        table.addUserRoutes()
        table.addProjectRoutes()
        table.addMemberRoutes()
        table.addLabelRoutes()
        table.addIssueRoutes()
        table.addNoteRoutes()
        table.addDiscussionRoutes()
        table.addDraftNoteRoutes()
        table.addAwardRoutes()
        table.addMergeRequestRoutes()
        table.addDiffRoutes()
        table.addBranchRoutes()
        table.addFileRoutes()
        table.addCommitRoutes()
        table.addPipelineRoutes()
        table.addHookRoutes(attempt)
        table.addTodoRoutes()
        return table
    }
}
