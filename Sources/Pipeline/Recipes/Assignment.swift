import Agent
import Domain

/// A task as the stages need it: what to change, from where, to which branch, and what may be said about it.
/// Gathered once, as a durable step, so that a later run works from the same words.
struct Assignment: Sendable, Codable {
    enum Destination: Sendable, Codable, Hashable {
        /// A branch of the bot's own, made for this task.
        case ownBranch(String)
        /// The source branch of a merge request, which a permitted person asked to change.
        case mergeRequestBranch(String)

        var branch: String {
            switch self {
            case .ownBranch(let name), .mergeRequestBranch(let name): name
            }
        }

        /// Somebody else's branch, there before the task.
        var isForeign: Bool { if case .mergeRequestBranch = self { true } else { false } }
    }

    var repositoryURL: String
    /// For people.
    var repositoryName: String
    /// What to check out; nil for the remote's default branch.
    var ref: String?
    var destination: Destination
    var intent: String
    /// The requester's own words, by which a protected file may be named; nil where they are the intent.
    var ownWords: String?
    var sections: [AgentContext.Section] = []
    /// `@name` of the requester, for the commit's trailer; nil on the command line.
    var requester: String?
    /// No word of the issue may go where more people can see it.
    var isConfidential = false
    /// The requester may change protected files by naming them.
    var mayNameProtectedFiles = false
    /// The failed pipeline that the work is to repair.
    var repairs: Int64?
    /// Branches that are never pushed to.
    var defaultBranch: String?
    /// Where GitLab looks for the pipeline's definition; nil for the usual place.
    var pipelinePath: String?
}
