/// What is left of a task when it has ended: the command line's output, the last status webhook's data, the API's answer.
package struct TaskResult: Sendable, Hashable, Codable {
    package struct MergeRequest: Sendable, Hashable, Codable {
        package var iid: Int64
        package var webURL: String
        package var isDraft: Bool
        package init(iid: Int64, webURL: String, isDraft: Bool) {
            self.iid = iid
            self.webURL = webURL
            self.isDraft = isDraft
        }
        private enum CodingKeys: String, CodingKey { case iid, webURL = "web_url", isDraft = "draft" }
    }

    package struct Push: Sendable, Hashable, Codable {
        package var remoteBranch: String
        package var commitHash: String
        /// How often the branch had moved and the work was brought up to date before it went in.
        package var integrations: Int
        package init(remoteBranch: String, commitHash: String, integrations: Int = 0) {
            self.remoteBranch = remoteBranch
            self.commitHash = commitHash
            self.integrations = integrations
        }
        private enum CodingKeys: String, CodingKey {
            case remoteBranch = "remote_branch", commitHash = "commit_hash", integrations
        }
    }

    package var taskID: TaskID
    package var status: TaskStatus
    /// Where it was cloned from, without credentials.
    package var repository: String?
    package var commitHash: String?
    package var branch: String?
    package var changes: [FileChange]
    package var plan: Plan?
    package var testResults: TestReport?
    package var pushResult: Push?
    package var mergeRequest: MergeRequest?
    package var usage: Usage
    package var durationSeconds: Double
    /// What the model said last: the finish summary, an answer, a question.
    package var summary: String?
    package var error: String?
    package var errorKind: TaskFailure.Kind?

    package init(taskID: TaskID, status: TaskStatus, usage: Usage = Usage(), durationSeconds: Double = 0) {
        self.taskID = taskID
        self.status = status
        self.changes = []
        self.usage = usage
        self.durationSeconds = durationSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case taskID = "task_id", status, repository = "repo", commitHash = "commit_hash", branch, changes, plan
        case testResults = "test_results", pushResult = "push_result", mergeRequest = "merge_request", usage
        case durationSeconds = "duration_seconds", summary, error, errorKind = "error_kind"
    }

    /// Every key of the contract is there, `null` where nothing is known; `error` and `error_kind` only on failure.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(taskID, forKey: .taskID)
        try values.encode(status, forKey: .status)
        try values.encodeIfPresent(repository, forKey: .repository)
        try values.encode(commitHash, forKey: .commitHash)
        try values.encode(branch, forKey: .branch)
        try values.encode(changes, forKey: .changes)
        try values.encode(plan, forKey: .plan)
        try values.encode(testResults, forKey: .testResults)
        try values.encode(pushResult, forKey: .pushResult)
        try values.encode(mergeRequest, forKey: .mergeRequest)
        try values.encode(usage, forKey: .usage)
        try values.encode(durationSeconds, forKey: .durationSeconds)
        try values.encodeIfPresent(summary, forKey: .summary)
        try values.encodeIfPresent(error, forKey: .error)
        try values.encodeIfPresent(errorKind, forKey: .errorKind)
    }
}
