extension RouteTable {
    /// Every API path that the stand-in serves, by subject.
    static func gitLab(_ deliverer: Deliverer) -> RouteTable {
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
        table.addHookRoutes(deliverer)
        table.addTodoRoutes()
        return table
    }
}
