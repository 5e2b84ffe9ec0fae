import Secrets
import TestSupport
import Testing
import Transport

@testable import GitLabAPI

/// Every call the client has, made once with everything it can send.
@Suite("Requests are as GitLab describes them", .enabled(if: SharedFiles.isThere))
struct OpenAPIConformanceTests {
    struct Call: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (GitLabClient) async throws -> Void

        init(_ name: String, _ make: @escaping @Sendable (GitLabClient) async throws -> Void) {
            testDescription = name
            self.make = make
        }
    }

    private static let text = OutgoingText(untrusted: "text")
    private static let refs = GitLabDiffRefs(baseSHA: "a", startSHA: "b", headSHA: "c")
    private static let position = GitLabDiffPosition(
        refs: refs, oldPath: "a.swift", newPath: "a.swift", place: .lines(first: .init(new: 3), last: .init(old: 4, new: 5)))
    private static let filePosition = GitLabDiffPosition(refs: refs, oldPath: "a", newPath: "b", place: .file)
    private static let issue = NoteTarget.issue(projectID: 3, iid: 7)
    private static let request = NoteTarget.mergeRequest(projectID: 3, iid: 8)
    private static let project = HookOwner.project(.path("group/sub/project"))
    private static let group = HookOwner.group("group/sub")
    private static let hook = HookSettings(
        url: "https://bot.example/webhooks/gitlab", token: Secret("0123456789abcdef"), signingToken: Secret("whsec_x"))
    private static let changes: MergeRequestChanges = {
        var changes = MergeRequestChanges(title: OutgoingTitle(untrusted: "T"), description: text)
        changes.addLabels = ["a", "b"]
        changes.removeLabels = ["c"]
        changes.assigneeIDs = [1]
        changes.reviewerIDs = [2]
        changes.closes = true
        return changes
    }()

    static let calls: [Call] =
        [
            Call("currentUser") { _ = try await $0.currentUser() },
            Call("currentToken") { _ = try await $0.currentToken() },
            Call("version") { _ = try await $0.version() },
            Call("user id") { _ = try await $0.user(id: 5) },
            Call("user name") { _ = try await $0.user(named: "ann") },
            Call("todos") { _ = try await $0.pendingTodos() },
            Call("todo done") { try await $0.markTodoDone(id: 5) },
            Call("project") { _ = try await $0.project(.path("g/p")) },
            Call("group") { _ = try await $0.group("g/h") },
            Call("group projects") { _ = try await $0.projects(inGroup: "g/h") },
            Call("member") { _ = try await $0.member(userID: 5, ofProject: 3) },
            Call("group member") { _ = try await $0.member(userID: 5, ofGroup: "g") },
            Call("members") { _ = try await $0.members(ofProject: 3) },
            Call("labels") { _ = try await $0.labels(projectID: 3) },
            Call("issue") { _ = try await $0.issue(projectID: 3, iid: 7) },
            Call("issue labels") { try await $0.changeLabels(ofIssue: 7, projectID: 3, add: ["a"], remove: ["b"]) },
            Call("related") { _ = try await $0.mergeRequests(relatedToIssue: 7, projectID: 3) },
            Call("closing") { _ = try await $0.mergeRequests(closingIssue: 7, projectID: 3) },
            Call("notes") { _ = try await $0.notes(on: issue, newestFirst: true) },
            Call("notes of MR") { _ = try await $0.notes(on: request) },
            Call("note") { _ = try await $0.note(id: 1, on: request) },
            Call("create note") { _ = try await $0.createNote(on: issue, text, isInternal: true) },
            Call("create MR note") { _ = try await $0.createNote(on: request, text) },
            Call("update note") { _ = try await $0.updateNote(id: 1, on: issue, text) },
            Call("delete note") { try await $0.deleteNote(id: 1, on: request) },
            Call("discussions") { _ = try await $0.discussions(on: issue) },
            Call("discussion") { _ = try await $0.discussion(id: "abc", on: request) },
            Call("reply") { _ = try await $0.reply(to: "abc", on: issue, text) },
            Call("start thread") { _ = try await $0.startDiscussion(on: request, text, position: position) },
            Call("start thread on file") { _ = try await $0.startDiscussion(on: request, text, position: filePosition) },
            Call("start issue thread") { _ = try await $0.startDiscussion(on: issue, text) },
            Call("resolve") { try await $0.resolve(discussion: "abc", on: request) },
            Call("award note") { try await $0.award("eyes", on: issue, note: 5) },
            Call("award MR") { try await $0.award("eyes", on: request) },
            Call("awards") { _ = try await $0.awards(on: request, note: 5) },
            Call("merge request") { _ = try await $0.mergeRequest(projectID: 3, iid: 8) },
            Call("by branch") { _ = try await $0.mergeRequests(projectID: 3, sourceBranch: "ai/1", state: "all") },
            Call("by author") { _ = try await $0.mergeRequests(projectID: 3, authorID: 9) },
            Call("create MR") {
                _ = try await $0.createMergeRequest(
                    NewMergeRequest(
                        sourceBranch: "ai/1", targetBranch: "main", title: OutgoingTitle(untrusted: "T"), description: text,
                        labels: ["a"], assigneeIDs: [1], reviewerIDs: [2], removesSourceBranch: true), projectID: 3)
            },
            Call("update MR") { _ = try await $0.updateMergeRequest(projectID: 3, iid: 8, changes) },
            Call("versions") { _ = try await $0.diffVersions(projectID: 3, iid: 8) },
            Call("diffs") { _ = try await $0.diffs(projectID: 3, iid: 8) },
            Call("closes") { _ = try await $0.issues(closedByMergeRequest: 8, projectID: 3) },
            Call("MR commits") { _ = try await $0.commits(ofMergeRequest: 8, projectID: 3) },
            Call("MR pipelines") { _ = try await $0.pipelines(ofMergeRequest: 8, projectID: 3) },
            Call("drafts") { _ = try await $0.draftNotes(projectID: 3, mergeRequest: 8) },
            Call("create draft") {
                _ = try await $0.createDraftNote(projectID: 3, mergeRequest: 8, text, position: position, replyTo: "abc", resolves: true)
            },
            Call("delete draft") { try await $0.deleteDraftNote(id: 1, projectID: 3, mergeRequest: 8) },
            Call("publish draft") { try await $0.publishDraftNote(id: 1, projectID: 3, mergeRequest: 8) },
            Call("publish all") {
                try await $0.publishDraftNotes(projectID: 3, mergeRequest: 8, summary: text, state: .requestedChanges)
            },
            Call("branch") { _ = try await $0.branch("a/b", projectID: 3) },
            Call("branches") { _ = try await $0.branches(projectID: 3, matching: "^ai/") },
            Call("create branch") { _ = try await $0.createBranch("ai/1", from: "main", projectID: 3) },
            Call("delete branch") { try await $0.deleteBranch("ai/1", projectID: 3) },
            Call("protected") { _ = try await $0.protectedBranches(projectID: 3) },
            Call("file") { _ = try await $0.file("a/b.md", at: "main", projectID: 3) },
            Call("folder") { _ = try await $0.folder("a/b", at: "main", projectID: 3) },
            Call("pipeline") { _ = try await $0.pipeline(id: 5, projectID: 3) },
            Call("jobs") { _ = try await $0.jobs(ofPipeline: 5, projectID: 3, onlyFailed: true) },
            Call("trace") { _ = try await $0.trace(ofJob: 5, projectID: 3) },
            Call("retry job") { _ = try await $0.retryJob(id: 5, projectID: 3) },
            Call("status") {
                try await $0.setStatus(.running, ofCommit: "abc", projectID: 3, name: "ai", ref: "main", targetURL: "https://x.example", description: "d")
            },
            Call("statuses") { _ = try await $0.statuses(ofCommit: "abc", projectID: 3) },
        ]
        + [project, group].flatMap { owner in
            [
                Call("hooks") { _ = try await $0.hooks(of: owner) },
                Call("hook") { _ = try await $0.hook(id: 1, of: owner) },
                Call("create hook") { _ = try await $0.createHook(of: owner, hook) },
                Call("update hook") { _ = try await $0.updateHook(id: 1, of: owner, hook) },
                Call("delete hook") { try await $0.deleteHook(id: 1, of: owner) },
                Call("test hook") { try await $0.testHook(id: 1, of: owner) },
                Call("deliveries") { _ = try await $0.deliveries(ofHook: 1, of: owner, onlyFailed: true) },
                Call("resend") { try await $0.resend(delivery: 2, ofHook: 1, of: owner) },
            ]
        }

    @Test("path, parameters and body are described", arguments: calls)
    func conforms(_ call: Call) async throws {
        let test = try TestClient([], always: HTTPReply(status: 200, body: Array("[]".utf8)))
        // What the answer means is another test's matter.
        do { try await call.make(test.client) } catch is GitLabFailure {}
        #expect(!test.transport.requests.isEmpty)
        let description = try OpenAPIDescription()
        for request in test.transport.requests {
            #expect(description.problems(with: request, base: test.client.address.base) == [])
        }
    }

    @Test(
        "the check itself finds what is wrong",
        arguments: [
            ("GET", "/api/v4/nothing", nil as String?), ("POST", "/api/v4/projects/3/issues/7/notes", "{}"),
            ("POST", "/api/v4/projects/3/issues/7/notes", #"{"body":"x","colour":"red"}"#), ("POST", "/api/v4/projects/3/issues/7/notes", nil),
            ("GET", "/api/v4/todos?state=late", nil), ("GET", "/api/v4/todos?sate=pending", nil),
            ("POST", "/api/v4/projects/3/statuses/abc", #"{"state":"fine"}"#), ("POST", "/api/v4/projects/3/issues/7/notes", #"{"body":5}"#),
        ])
    func finds(_ method: String, url: String, body: String?) throws {
        let request = HTTPRequest(method, "https://g" + url, body: body.map { Array($0.utf8) })
        #expect(try !OpenAPIDescription().problems(with: request, base: "https://g").isEmpty)
    }
}
