import Domain
import TestRuns
import Workspaces

/// The side of a task that faces people: where its words come from and where the result is shown.
/// Every effect looks first whether it is there already, so that each call can be repeated after a crash.
protocol Desk: Sendable {
    /// The task's words and places; asks GitLab where there is one.
    func gather() async throws -> Assignment
    /// What opens the repository, for one call.
    func credential(for repositoryURL: String) throws -> GitCredential?
    /// The right to push may have been taken away while the task ran.
    func confirmRights() async throws
    /// The plan stands: makes the branch and the draft merge request, where that is wished. Returns the branch that it made;
    /// nil leaves that to the push.
    func open(plan: Plan, in checkout: Checkout) async throws -> String?
    /// The work is pushed.
    func complete(_ evidence: Evidence) async throws
    /// Shows a plan that a person has to approve. Returns whether somebody may; else there is nobody to ask.
    ///
    /// - Parameter reason: why it waits, as the end of a sentence; nil when a plan was all that was asked for.
    func propose(_ plan: Plan, because reason: String?, round: Int) async throws -> Bool
    /// The request is unclear. Returns whether somebody may still answer; else the task ends with the question.
    func ask(_ question: String, round: Int) async throws -> Bool
    /// The answer to a question about the repository, as it is in the checkout.
    func answer(_ text: String, about checkout: Checkout) async throws
    /// Nothing needs changing.
    func nothingToDo(_ reason: String) async throws
}

/// What a person needs to judge the work.
struct Evidence: Sendable {
    var plan: Plan
    var title: String
    var summary: String
    var report: TestReport
    var changes: [FileChange]
    var commit: CommitID
    var branch: String
    /// What a reviewer must look at first: protected files, hidden characters, binaries.
    var warnings: [String]
    var usage: Usage
    /// New failures remain, or a protected file was changed on request: it stays a draft.
    var staysDraft: Bool
    /// A protected file was changed on request: a merge request that was no draft becomes one.
    var touchesProtected = false
}
