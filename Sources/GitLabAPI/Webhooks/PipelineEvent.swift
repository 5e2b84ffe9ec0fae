/// A pipeline changed its status. Several such events come per pipeline.
package struct PipelineEvent: Sendable, Hashable {
    /// The merge request that the pipeline belongs to.
    package struct MergeRequest: Sendable, Hashable {
        package var iid: Int64
        package var sourceBranch: String?
        package var targetBranch: String?
        package var sourceProjectID: Int64?
        package var targetProjectID: Int64?
        package var state: String?
    }

    package struct Job: Sendable, Hashable {
        package var id: Int64
        package var name: String
        package var stage: String?
        package var status: String?
        package var failureReason: String?
        package var mayFail: Bool
    }

    package var id: Int64
    package var ref: String?
    package var isTag: Bool
    package var sha: String?
    /// What started it: `push`, `merge_request_event`, `parent_pipeline`, ...
    package var source: String?
    package var status: String
    package var mergeRequest: MergeRequest?
    package var jobs: [Job]
    /// The pipeline that triggered this one, for child pipelines.
    package var parentPipelineID: Int64?
    package var createdAt: GitLabTime?
    package var finishedAt: GitLabTime?

    package var hasFailed: Bool { status == "failed" }
    /// The jobs that made it fail.
    package var failedJobs: [Job] { jobs.filter { $0.status == "failed" && !$0.mayFail } }
}

/// A job changed its status (`object_kind` is `build`).
package struct JobEvent: Sendable, Hashable {
    package var id: Int64
    package var name: String?
    package var stage: String?
    package var status: String?
    package var failureReason: String?
    package var pipelineID: Int64?
    /// Of the pipeline as it was when the payload was made.
    package var pipelineStatus: String?
    package var sha: String?
    package var ref: String?
    package var mayFail: Bool
    package var retries: Int64?

    package var hasFailed: Bool { status == "failed" && !mayFail }
}
