package import Foundation

/// Where in GitLab a command was given, and by whom. Numbers come from the delivery; everything that decides a right is
/// looked up again with GitLab when the task runs.
package struct GitLabOrigin: Sendable, Hashable, Codable {
    package enum Subject: Sendable, Hashable, Codable {
        case issue(iid: Int64)
        case mergeRequest(iid: Int64)

        package var key: String {
            switch self {
            case .issue(let iid): "issue:\(iid)"
            case .mergeRequest(let iid): "mr:\(iid)"
            }
        }
        package var iid: Int64 {
            switch self {
            case .issue(let iid), .mergeRequest(let iid): iid
            }
        }
    }

    package enum Trigger: String, Sendable, Codable {
        case comment, mention, assignment, reviewRequest, label, pipeline, closed, unassigned, branchDeleted
        /// Found by the reconciler, not told by a delivery.
        case todo
        /// A reaction to one of the bot's comments.
        case reaction
        /// One of several review threads that are worked through on one command.
        case thread
        /// New commits on a merge request that was reviewed.
        case push
        /// Words in a thread that the bot began with a finding.
        case reply
    }

    package struct Person: Sendable, Hashable, Codable {
        package var id: Int64
        package var username: String
        package var name: String
        package init(id: Int64, username: String, name: String) {
            self.id = id
            self.username = username
            self.name = name
        }
    }

    /// Where on the diff a comment stands.
    package struct DiffPosition: Sendable, Hashable, Codable {
        package var oldPath: String?
        package var newPath: String?
        /// First and last line, on the new side unless only the old side has the line.
        package var startLine: Int?
        package var endLine: Int?
        package var isOldSide: Bool
        package var headSHA: String?
        package init(
            oldPath: String?, newPath: String?, startLine: Int?, endLine: Int?, isOldSide: Bool, headSHA: String?
        ) {
            self.oldPath = oldPath
            self.newPath = newPath
            self.startLine = startLine
            self.endLine = endLine
            self.isOldSide = isOldSide
            self.headSHA = headSHA
        }
    }

    package var projectID: Int64
    /// For people to read; never used to address anything.
    package var projectPath: String
    package var subject: Subject
    package var trigger: Trigger
    package var requester: Person
    package var noteID: Int64?
    package var discussionID: String?
    package var position: DiffPosition?
    /// The issue is confidential or the note internal: answers must be equally hidden.
    package var isConfidential: Bool
    /// When the command was given; nothing newer counts as its context.
    package var at: Date
    /// Head of the merge request's source branch when the command was given.
    package var headSHA: String?
    /// The failed pipeline, for `fix`.
    package var pipelineID: Int64?
    /// Whose words the task follows where they are not the requester's own: somebody had it done again. They open no more than
    /// they did for the one who wrote them.
    package var wordsOf: Person?

    package init(
        projectID: Int64, projectPath: String, subject: Subject, trigger: Trigger, requester: Person,
        noteID: Int64? = nil, discussionID: String? = nil, position: DiffPosition? = nil, isConfidential: Bool = false,
        at: Date, headSHA: String? = nil, pipelineID: Int64? = nil
    ) {
        self.projectID = projectID
        self.projectPath = projectPath
        self.subject = subject
        self.trigger = trigger
        self.requester = requester
        self.noteID = noteID
        self.discussionID = discussionID
        self.position = position
        self.isConfidential = isConfidential
        self.at = at
        self.headSHA = headSHA
        self.pipelineID = pipelineID
    }
}
