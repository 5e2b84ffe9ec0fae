package import Foundation

extension GitLabWorld {
    package struct Issue: Sendable {
        package let id: Int
        package let iid: Int
        package let projectID: Int
        package var title: String
        package var description: String
        package let authorID: Int
        package var assigneeIDs: [Int] = []
        package var labels: [String] = []
        package var isConfidential = false
        package var isLocked = false
        package var isClosed = false
        package var closedAt: Date?
        package var closedByID: Int?
        package let createdAt: Date
        package var updatedAt: Date
        package var updatedByID: Int?
    }

    package struct MergeRequest: Sendable {
        package enum State: String, Sendable { case opened, closed, merged, locked }

        package let id: Int
        package let iid: Int
        /// The project it is merged into; the source may be a fork.
        package let projectID: Int
        package let sourceProjectID: Int
        package let sourceBranch: String
        package var targetBranch: String
        package var title: String
        package var description: String
        package let authorID: Int
        package var assigneeIDs: [Int] = []
        package var reviewers: [Reviewer] = []
        package var labels: [String] = []
        package var state = State.opened
        package var removesSourceBranch = false
        package var squashes = false
        package var allowsCollaboration = false
        package var approvedByIDs: [Int] = []
        package let createdAt: Date
        package var updatedAt: Date
        package var updatedByID: Int?
        package var closedAt: Date?
        package var mergedAt: Date?
        package var mergeUserID: Int?
        package var mergeCommit: String?
        /// Newest last; every push that changes the head adds one.
        package var versions: [Version] = []
        /// How often it was read before it counts as prepared.
        package var readsUntilPrepared = 0
        package var preparedAt: Date?

        package var isDraft: Bool {
            ["draft:", "[draft]", "(draft)"].contains { title.lowercased().hasPrefix($0) }
        }
    }

    package struct Reviewer: Sendable {
        package let userID: Int
        package var state = "unreviewed"
        package var isReRequested = false
    }

    package struct Version: Sendable, Equatable {
        package let id: Int
        package let base: String
        package let start: String
        package let head: String
        package let createdAt: Date
    }

    /// What a note, an emoji or a to-do hangs on.
    package struct Noteable: Sendable, Hashable {
        package enum Kind: String, Sendable { case issue = "Issue", mergeRequest = "MergeRequest" }
        package let kind: Kind
        package let id: Int
        package static func issue(_ id: Int) -> Self { Noteable(kind: .issue, id: id) }
        package static func mergeRequest(_ id: Int) -> Self { Noteable(kind: .mergeRequest, id: id) }
    }

    package struct Note: Sendable {
        package let id: Int
        package let noteable: Noteable
        package let projectID: Int
        package let discussionID: String
        package var kind: String?  // nil, DiscussionNote, DiffNote
        package let authorID: Int
        package var body: String
        package var isInternal = false
        package var isSystem = false
        package var position: DiffPosition?
        package var originalPosition: DiffPosition?
        package var isResolved = false
        package var resolvedByID: Int?
        package let createdAt: Date
        package var updatedAt: Date
        package var updatedByID: Int?
        package var editCount = 0
        package var suggestions: [Suggestion] = []

        package var isResolvable: Bool { noteable.kind == .mergeRequest && kind != nil && !isSystem }
    }

    package struct Suggestion: Sendable {
        package let id: Int
        package let fromLine: Int
        package let toLine: Int
        package let from: String
        package let to: String
        package var isApplied = false
        package var isApplicable: Bool
    }

    package struct DraftNote: Sendable {
        package let id: Int
        package let mergeRequestID: Int
        package let authorID: Int
        package var body: String
        package var position: DiffPosition?
        package let discussionID: String?
        package let resolvesDiscussion: Bool
    }

    package struct Award: Sendable {
        package enum Target: Sendable, Hashable {
            case noteable(Noteable)
            case note(Int)
        }
        package let id: Int
        package let name: String
        package let userID: Int
        package let target: Target
        package let createdAt: Date
    }

    package struct Todo: Sendable {
        package let id: Int
        package let userID: Int
        package let authorID: Int
        package let projectID: Int
        package let action: String  // assigned, mentioned, directly_addressed, review_requested, ...
        package let target: Noteable
        package let body: String
        package var isDone = false
        package let noteID: Int?
        package let createdAt: Date
        package var updatedAt: Date
    }

    package struct Pipeline: Sendable {
        package let id: Int
        package let iid: Int
        package let projectID: Int
        package let sha: String
        package let ref: String
        package var status: String
        package let source: String
        package let userID: Int
        package var mergeRequestID: Int?
        package var jobs: [Job] = []
        /// Pipelines that this one has started, by the names of their bridges.
        package var children: [String: Int] = [:]
        package let createdAt: Date
        package var updatedAt: Date
        package var finishedAt: Date?
    }

    package struct Job: Sendable {
        package let id: Int
        package let name: String
        package let stage: String
        package var status: String
        package var failureReason: String?
        package var allowsFailure = false
        package var log: String
        package var isRetried = false
        package let createdAt: Date
    }

    package struct CommitStatus: Sendable {
        package let id: Int
        package let projectID: Int
        package let sha: String
        package var state: String
        package let name: String
        package let ref: String?
        package let targetURL: String?
        package let description: String?
        package let authorID: Int
        package let createdAt: Date
    }
}
