import Domain
import Foundation
import GitLabAPI
import Secrets
import Testing

@testable import WebServer

@Suite("What a delivery leads to", .enabled(if: Payloads.folder != nil, "shared/gitlab/webhooks is not here"))
struct DeliveryInterpreterTests {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func interpret(
        _ body: String, event: String = "Note Hook", bot: BotIdentity? = WebBench.bot, label: String? = nil,
        projects: [String] = [], covers: Set<Int64>? = nil
    ) throws -> NewDelivery {
        let payload = try WebhookPayload.decode(Array(body.utf8), eventHeader: event)
        let id = try #require(TaskID(rawValue: "t1"))
        let verifier = try DeliveryVerifier([.init(.token, Secret(WebBench.token), projects: covers.map(ProjectBinding.init(ids:)))])
        guard case .accepted(let acceptance) = verifier.judge(DeliveryHeaders([("X-Gitlab-Token", WebBench.token)]), now: Self.now)
        else { throw CancellationError() }
        return DeliveryInterpreter(bot: bot, trigger: "/ai", labelTrigger: label, projects: ProjectAllowList(projects))
            .interpret(
                payload,
                .init(
                    deliveryID: "d1", event: event, acceptance: acceptance, at: Self.now, taskID: id))
    }

    private func note(_ text: String, _ changes: [String: any Sendable] = [:], from name: String = "made_note_issue_ai_command") throws -> String {
        try edited(try Payloads.text(name), ["object_attributes.note": text, "object_attributes.description": text].merging(changes) { $1 })
    }

    @Test("every sample payload is read and leads to a task or a stable reason", arguments: Payloads.all.map(\.name))
    func everySample(_ name: String) throws {
        let event = try #require(Payloads.all.first { $0.name == name }).event
        let delivery = try interpret(try Payloads.text(name), event: event)
        #expect(delivery.reason.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil, "\(delivery.reason)")
        if delivery.task == nil { #expect(delivery.needs == nil) }
    }

    @Test(
        "the samples that matter lead where they should",
        arguments: [
            ("made_note_issue_ai_command", "Note Hook", "command_fix", CodingTask.Kind.fix),
            ("made_note_by_bot_itself", "Note Hook", "own_note", nil),
            ("made_note_system_true", "Note Hook", "system_note", nil),
            ("made_note_update_adds_command", "Note Hook", "edited_by_other", nil),
            ("made_note_mr_diffnote_multiline", "Note Hook", "command_unknown", .help),
            ("made_issue_assigned_to_bot", "Issue Hook", "assigned", .change),
            ("made_mr_review_re_requested", "Merge Request Hook", "review_requested", .review),
            ("emoji_award_on_issue_note", "Emoji Hook", "unsupported_event", nil),
            ("job_failed", "Job Hook", "not_own_branch", nil), ("job_docs", "Job Hook", "job_not_failed", nil),
            ("release_docs", "Release Hook", "unsupported_event", nil),
            ("pipeline_success_docs", "Pipeline Hook", "pipeline_not_failed", nil),
            ("push_docs", "Push Hook", "unsupported_event", nil),
            ("work_item_epic_update", "Issue Hook", "no_project", nil),
            ("note_issue_real_2020", "Note Hook", "unknown_author", nil),
            ("mr_merge", "Merge Request Hook", "closed", .withdraw),
            ("issue_close_2017", "Issue Hook", "unknown_author", nil),
        ] as [(String, String, String, CodingTask.Kind?)])
    func sample(_ name: String, event: String, reason: String, kind: CodingTask.Kind?) throws {
        let delivery = try interpret(try Payloads.text(name), event: event)
        #expect(delivery.reason == reason)
        #expect(delivery.task?.kind == kind)
    }

    @Test("a command carries who, where and when")
    func command() throws {
        let delivery = try interpret(try note("/ai do fix the parser\nplease"))
        let task = try #require(delivery.task)
        let origin = try #require(task.gitLab)
        #expect((task.kind, task.intent, delivery.reason) == (.change, "fix the parser\nplease", "command_do"))
        #expect((origin.projectID, origin.projectPath, origin.subject) == (42, "acme/tools/widgets", .issue(iid: 318)))
        #expect((origin.requester.id, origin.requester.username, origin.trigger) == (57, "dcole", .comment))
        #expect((origin.noteID, origin.discussionID) == (881204, "5f1c0a2b7d9e4c3388aa10bb22cc33dd44ee55ff"))
        #expect(origin.at == ISO8601DateFormatter().date(from: "2026-11-02T09:15:00Z"))
        #expect(!origin.isConfidential && delivery.needs == nil)
    }

    @Test(
        "each verb becomes its kind of task",
        arguments: [
            ("/ai do x", CodingTask.Kind.change, "x"), ("/ai review", .review, ""), ("/ai ask why", .answer, "why"),
            ("/ai plan x", .plan, "x"), ("/ai approve", .approve, ""), ("/ai fix", .fix, ""), ("/ai stop", .stop, ""),
            ("/ai status", .status, ""), ("/ai retry", .retry, ""), ("/ai help", .help, ""), ("/ai frobnicate", .help, "frobnicate"),
            ("@ai-bot do it all", .change, "do it all"),
        ])
    func verb(_ text: String, kind: CodingTask.Kind, intent: String) throws {
        let task = try #require(try interpret(try note(text)).task)
        #expect((task.kind, task.intent) == (kind, intent))
        #expect(task.gitLab?.trigger == (text.hasPrefix("@") ? .mention : .comment))
    }

    @Test("a diff comment keeps its lines, its thread and the head it was made at")
    func diffComment() throws {
        let delivery = try interpret(try note("/ai do use unwrap_or_default", from: "made_note_mr_diffnote_multiline"))
        let origin = try #require(delivery.task?.gitLab)
        #expect(origin.subject == .mergeRequest(iid: 77))
        #expect(origin.headSHA == "9b8a7c6d5e4f30211203f4e5d6c7b8a990817263")
        let position = try #require(origin.position)
        #expect((position.newPath, position.startLine, position.endLine, position.isOldSide) == ("src/parse.rs", 12, 14, false))
    }

    @Test(
        "A15: the bot, other bots and GitLab's own accounts are not obeyed",
        arguments: [
            (9001, "ai-bot", "own_note"), (77, "project_42_bot_0a1b2c", "bot_author"), (78, "group_7_bot_ff", "bot_author"),
            (79, "group_7_bot", "bot_author"), (1, "ghost", "bot_author"), (2, "support-bot", "bot_author"),
        ] as [(Int, String, String)])
    func bots(_ id: Int, _ name: String, reason: String) throws {
        let body = try note("/ai do it", ["user.id": id, "user.username": name, "object_attributes.author_id": id])
        let delivery = try interpret(body)
        #expect(delivery.task == nil)
        #expect(delivery.reason == reason)
    }

    @Test("A15: a person whose name only looks a little like a bot's is heard", arguments: ["project_manager_bot", "groupie", "robot"])
    func people(_ name: String) throws {
        #expect(try interpret(try note("/ai do it", ["user.username": name])).task?.kind == .change)
    }

    @Test(
        "A16: an edit counts only when the author added the command",
        arguments: [
            ("/ai do it", 57, "command_do"), ("/ai do it", 58, "edited_by_other"), ("no command", 57, "edited_without_command"),
            ("no command", 58, "edited_without_command"),
        ] as [(String, Int, String)])
    func edits(_ text: String, editor: Int, reason: String) throws {
        let body = try note(text, ["object_attributes.updated_by_id": editor], from: "made_note_update_adds_command")
        let delivery = try interpret(body)
        #expect(delivery.reason == reason)
        #expect((delivery.task != nil) == (reason == "command_do"))
    }

    @Test("A15: what GitLab does by itself to a merge request starts nothing")
    func systemEvent() throws {
        let body = try edited(try Payloads.text("made_mr_review_re_requested"), ["object_attributes.system": true])
        #expect(try interpret(body, event: "Merge Request Hook").reason == "system_event")
    }

    @Test("A16: a payload that names another author than the one who acts is not obeyed")
    func otherAuthor() throws {
        #expect(try interpret(try note("/ai do it", ["object_attributes.author_id": 58])).reason == "contradictory_author")
        // Nor do its words go to a task that is at work.
        #expect(try interpret(try note("rather so", ["object_attributes.author_id": 58])).task == nil)
    }

    @Test("A03: a note starts one task at most: what starts it has the same meaning by every hook and after every edit")
    func meaning() throws {
        let first = try interpret(try note("/ai do it"))
        let again = try interpret(
            try note("/ai do it now", ["object_attributes.updated_by_id": 57], from: "made_note_update_adds_command"))
        #expect(first.meaning == again.meaning)
        let talk = try interpret(try note("just talk"))
        #expect(talk.meaning != first.meaning)
    }

    @Test("further words in a thread join its open task, and only that")
    func join() throws {
        let delivery = try interpret(try note("please keep it\u{200B} small"))
        #expect((delivery.task?.kind, delivery.task?.intent) == (.join, "please keep it small"))
        #expect((delivery.needs, delivery.reason, delivery.reasonWithoutThread) == (.openTask, "joined", "no_command"))
        #expect(delivery.task?.threadKey == "gitlab:42:issue:318")
    }

    @Test("nothing joins while the bot does not know who it is")
    func unknownBot() throws {
        #expect(try interpret(try note("talk"), bot: nil).task == nil)
        #expect(try interpret(try note("/ai do it"), bot: nil).task?.kind == .change)
    }

    @Test(
        "what can't be worked on is said so",
        arguments: [
            ("note_commit_real", "unsupported_noteable"), ("note_snippet_docs", "unsupported_noteable"),
        ])
    func noteables(_ name: String, reason: String) throws {
        let body = try note("/ai do it", ["user.id": 5, "user.username": "someone", "object_attributes.author_id": 5], from: name)
        #expect(try interpret(body).reason == reason)
    }

    @Test(
        "A20: what is hidden in a project that others read is not worked on; in a private one it is, marked",
        arguments: [
            ("Confidential Note Hook", 20, "confidential_public"), ("Confidential Note Hook", 10, "confidential_public"),
            ("Confidential Note Hook", 0, "command_do"), ("Note Hook", 20, "command_do"),
        ] as [(String, Int, String)])
    func confidential(_ event: String, level: Int, reason: String) throws {
        let delivery = try interpret(try note("/ai do it", ["project.visibility_level": level]), event: event)
        #expect(delivery.reason == reason)
        #expect(delivery.task?.gitLab?.isConfidential ?? true == (event != "Note Hook"))
    }

    @Test("A05: a project's secret counts for that project alone")
    func projectSecret() throws {
        #expect(try interpret(try note("/ai do it"), covers: [42]).task != nil)
        #expect(try interpret(try note("/ai do it"), covers: [43]).reason == "wrong_project_secret")
        #expect(try interpret(try note("/ai do it", ["project.id": 43]), covers: [42]).reason == "contradictory_project")
        #expect(try interpret(try note("/ai do it", ["object_attributes.project_id": 43]), covers: [42, 43]).reason == "contradictory_project")
        // What a note stands under names a project, too.
        #expect(try interpret(try note("/ai do it", ["issue.project_id": 43]), covers: [42, 43]).reason == "contradictory_project")
        let onMergeRequest = "made_note_mr_diffnote_multiline"
        #expect(try interpret(try note("/ai do it", from: onMergeRequest), covers: [42]).task != nil)
        let elsewhere = try note("/ai do it", ["merge_request.target_project_id": 43], from: onMergeRequest)
        #expect(try interpret(elsewhere, covers: [42, 43]).reason == "contradictory_project")
    }

    @Test("A05: a delivery whose secret is not for its project does not make the true event of that project look like an old one")
    func strangersMeaning() throws {
        let event = try Payloads.text("made_issue_assigned_to_bot")
        let genuine = try interpret(event, event: "Issue Hook", covers: [42])
        #expect(genuine.task != nil && genuine.meaning != nil)
        #expect(try interpret(event, event: "Issue Hook", covers: [43]).meaning == nil)
        #expect(try interpret(event, event: "Issue Hook", projects: ["acme/too"]).meaning == nil)
    }

    @Test("only listed projects are served")
    func projects() throws {
        #expect(try interpret(try note("/ai do it"), projects: ["acme/tools"]).task != nil)
        #expect(try interpret(try note("/ai do it"), projects: ["acme/too"]).reason == "project_not_allowed")
    }

    // MARK: Issues and merge requests

    @Test(
        "assigning asks for the issue; taking it off, or closing it, ends what runs",
        arguments: [
            ([], [9001], "update", "assigned", CodingTask.Kind.change), ([], [9001], "open", "assigned", .change),
            ([9001], [], "update", "unassigned", .withdraw), ([9001], [9001, 5], "update", "no_trigger", nil),
            ([], [5], "update", "no_trigger", nil), ([9001], [9001], "close", "closed", .withdraw),
        ] as [([Int], [Int], String, String, CodingTask.Kind?)])
    func assignment(_ before: [Int], _ after: [Int], action: String, reason: String, kind: CodingTask.Kind?) throws {
        func users(_ ids: [Int]) -> [[String: any Sendable]] { ids.map { ["id": $0, "username": "user\($0)"] } }
        let body = try edited(
            try Payloads.text("made_issue_assigned_to_bot"),
            [
                "object_attributes.action": action, "changes.assignees.previous": users(before),
                "changes.assignees.current": users(after),
            ])
        let delivery = try interpret(body, event: "Issue Hook")
        #expect(delivery.reason == reason)
        #expect(delivery.task?.kind == kind)
        #expect(delivery.needs == (kind == .withdraw ? .openTask : nil))
        if kind == CodingTask.Kind.change {
            #expect(delivery.task?.intent.hasPrefix("Parser rejects empty input\n\nThe parser rejects") == true)
        }
    }

    @Test("a label starts work when the operator named it")
    func label() throws {
        let labels: [[String: any Sendable]] = [["id": 1, "title": "ai"]]
        let none: [[String: any Sendable]] = []
        let changes: [String: any Sendable] = [
            "changes.labels.previous": none, "changes.labels.current": labels, "changes.assignees.current": none,
            "object_attributes.labels": labels,
        ]
        let body = try edited(try Payloads.text("made_issue_assigned_to_bot"), changes)
        #expect(try interpret(body, event: "Issue Hook", label: "ai").reason == "label")
        #expect(try interpret(body, event: "Issue Hook", label: "AI please").task == nil)
        #expect(try interpret(body, event: "Issue Hook").task == nil)
    }

    @Test("A21: a closed merge request ends its task, and that of the issue whose branch it is, unless it is a fork's")
    func closedMergeRequest() throws {
        let body = try edited(try Payloads.text("made_mr_review_re_requested"), ["object_attributes.action": "close"])
        let delivery = try interpret(body, event: "Merge Request Hook")
        #expect((delivery.task?.kind, delivery.task?.branch, delivery.needs) == (.withdraw, "ai/318-empty-input", nil))
        // A21: a fork's branch of that name is not the issue's.
        let fork = try interpret(try edited(body, ["object_attributes.source_project_id": 43]), event: "Merge Request Hook")
        #expect((fork.task?.branch, fork.needs) == (nil, .openTask))
        let foreign = try interpret(
            try edited(body, ["object_attributes.source_branch": "feature"]), event: "Merge Request Hook")
        #expect((foreign.task?.branch, foreign.needs, foreign.reasonWithoutThread) == (nil, .openTask, "no_open_task"))
    }

    @Test("new commits on a merge request are looked at where the bot reviews it or has reviewed it; its own never are")
    func pushed() throws {
        let body = try edited(try Payloads.text("mr_update_new_commit_oldrev"), ["user.id": 57])
        let delivery = try interpret(body, event: "Merge Request Hook")
        #expect((delivery.task?.kind, delivery.task?.gitLab?.trigger) == (.review, .push))
        #expect((delivery.reason, delivery.needs, delivery.reasonWithoutThread) == ("pushed", .review, "no_trigger"))
        let asReviewer = try interpret(
            try edited(body, ["object_attributes.reviewer_ids": [9001]]), event: "Merge Request Hook")
        #expect((asReviewer.task?.kind, asReviewer.needs) == (.review, nil))
        let own = try interpret(try edited(body, ["user.id": 9001]), event: "Merge Request Hook")
        #expect((own.task?.kind, own.reason) == (nil, "own_event"))
        let unchanged = try interpret(
            try edited(body, ["object_attributes.oldrev": "", "object_attributes.action": "update"]), event: "Merge Request Hook")
        #expect((unchanged.task?.kind, unchanged.reason) == (nil, "no_trigger"))
    }

    @Test("words in a thread on a diff may answer a finding of a review that has ended")
    func replyOnDiff() throws {
        let name = try #require(Payloads.all.first { $0.name.contains("diff") && $0.event == "Note Hook" }?.name)
        let delivery = try interpret(try note("Why?", [:], from: name))
        #expect((delivery.task?.kind, delivery.needs, delivery.reason) == (.join, .openTaskOrReview, "joined"))
    }

    @Test(
        "A21: a failed pipeline on the bot's own branch asks for a repair; forks, tags and children don't",
        arguments: [
            ([:], "pipeline_failed"), (["object_attributes.status": "success"], "pipeline_not_failed"),
            (["merge_request.source_project_id": 99], "fork_pipeline"), (["merge_request.source_branch": "main"], "not_own_branch"),
            (["object_attributes.tag": true], "not_own_branch"), (["source_pipeline.pipeline_id": 5], "child_pipeline"),
        ] as [([String: any Sendable], String)])
    func pipeline(_ changes: [String: any Sendable], reason: String) throws {
        let own: [String: any Sendable] = [
            "merge_request.source_branch": "ai/318-x", "merge_request.source_project_id": 7, "merge_request.target_project_id": 7,
            "object_attributes.tag": false,
        ]
        let body = try edited(try Payloads.text("pipeline_failed_mr"), own.merging(changes) { $1 })
        let delivery = try interpret(body, event: "Pipeline Hook")
        #expect(delivery.reason == reason)
        #expect(delivery.task?.kind == (reason == "pipeline_failed" ? .fix : nil))
        if let task = delivery.task {
            #expect(task.gitLab?.pipelineID != nil)
            #expect(task.branch == "ai/318-x")
        }
    }

    @Test(
        "a failed job of the bot's own branch asks for the repair that its failed pipeline asks for",
        arguments: [
            ([:], "pipeline_failed"), (["build_status": "success"], "job_not_failed"), (["build_allow_failure": true], "job_not_failed"),
            (["commit.status": "running"], "pipeline_running"), (["commit.status": "canceled"], "pipeline_not_failed"),
            (["ref": "feature"], "not_own_branch"), (["ref": "ai/task-7"], "no_merge_request"),
            (["ref": "refs/merge-requests/7/head"], "not_own_branch"),
            (["ref": "refs/merge-requests/7/head", "user.id": 9001], "pipeline_failed"), (["pipeline_id": NSNull()], "incomplete_event"),
        ] as [([String: any Sendable], String)])
    func job(_ changes: [String: any Sendable], reason: String) throws {
        let own: [String: any Sendable] = ["ref": "ai/318-x", "commit.status": "failed"]
        let delivery = try interpret(try edited(try Payloads.text("job_failed"), own.merging(changes) { $1 }), event: "Job Hook")
        #expect(delivery.reason == reason)
        #expect(delivery.task?.kind == (reason == "pipeline_failed" ? .fix : nil))
        guard let task = delivery.task else { return }
        #expect(task.gitLab?.pipelineID == 2366)
        let pipeline = try edited(
            try Payloads.text("pipeline_failed_mr"),
            ["object_attributes.id": 2366, "project.id": 380, "merge_request.source_branch": "ai/318-x", "object_attributes.tag": false])
        #expect(try interpret(pipeline, event: "Pipeline Hook").meaning == delivery.meaning)
    }

    @Test(
        "a thumbs-up on one of the bot's comments approves; other reactions, other comments and taking it back don't",
        arguments: [
            ([:], "approved_by_reaction"), (["note.author_id": 1], "unsupported_event"), (["event_type": "revoke"], "unsupported_event"),
            (["object_attributes.name": "heart"], "unsupported_event"), (["object_attributes.user_id": 3], "contradictory_author"),
            (["object_attributes.user_id": 9001, "user.id": 9001], "own_event"),
        ] as [([String: any Sendable], String)])
    func reaction(_ changes: [String: any Sendable], reason: String) throws {
        let body = try edited(try Payloads.text("emoji_award_on_issue_note"), ["note.author_id": 9001].merging(changes) { $1 })
        let delivery = try interpret(body, event: "Emoji Hook")
        #expect(delivery.reason == reason)
        #expect(delivery.needs == (delivery.task == nil ? nil : .openTask))
        #expect(delivery.task?.kind == (reason == "approved_by_reaction" ? .approve : nil))
        if let origin = delivery.task?.gitLab { #expect((origin.noteID, origin.subject, origin.requester.id) == (363, .issue(iid: 42), 1)) }
    }

    @Test(
        "deleting the bot's branch ends the issue's task",
        arguments: [
            ("refs/heads/ai/318-empty", "branch_deleted"), ("refs/heads/main", "not_own_branch"), ("refs/heads/ai/x", "not_own_branch"),
        ])
    func branchDeletion(_ ref: String, reason: String) throws {
        let body = try edited(
            try Payloads.text("push_docs"), ["ref": ref, "after": String(repeating: "0", count: 40), "user_id": 57, "user_username": "dcole"])
        let delivery = try interpret(body, event: "Push Hook")
        #expect(delivery.reason == reason)
        if reason == "branch_deleted" { #expect(delivery.task?.gitLab?.subject == .issue(iid: 318)) }
    }
}
