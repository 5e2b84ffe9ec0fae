import Foundation
import TestSupport
import Testing

@testable import GitLabAPI

@Suite("Payloads of many GitLab versions", .enabled(if: SharedFiles.isThere))
struct SharedPayloadTests {
    private func decode(_ name: String, header: String? = nil) throws -> WebhookPayload {
        try WebhookPayload.decode(SharedFiles.bytes("webhooks/\(name).json"), eventHeader: header)
    }

    @Test("every sample decodes to its kind and nothing is incomplete", arguments: SharedFiles.payloadNames)
    func decodes(_ name: String) throws {
        let payload = try WebhookPayload.decode(SharedFiles.bytes("webhooks/\(name)"))
        if case .incomplete(let kind, let missing) = payload.event { Issue.record("\(kind) without \(missing)") }
        let expected: [(prefix: String, kind: String)] = [
            ("note_", "note"), ("made_note", "note"), ("issue_", "issue"), ("made_issue", "issue"),
            ("mr_", "merge_request"), ("made_mr", "merge_request"), ("pipeline_", "pipeline"), ("job_", "build"),
            ("push_", "push"), ("emoji_", "emoji"), ("access_token", "access_token"), ("work_item", "work_item"),
        ]
        if let kind = expected.first(where: { name.hasPrefix($0.prefix) })?.kind {
            #expect(payload.kind == kind)
            if case .other = payload.event { Issue.record("\(name) is not understood") }
            #expect(payload.meaning != nil || payload.contradictsItself || name.contains("docs") || name.contains("xanzy"))
        } else if name == "branch_delete_2017.json" {
            #expect(payload.kind == "push")
        } else {
            #expect(payload.event == .other(kind: payload.kind))
        }
    }

    @Test("a command on an issue has its words, author, thread and time")
    func command() throws {
        let payload = try decode("made_note_issue_ai_command")
        guard case .note(let note) = payload.event, case .issue(let issue) = note.subject else {
            Issue.record("not a note on an issue")
            return
        }
        #expect(note.text.hasPrefix("/ai"))
        #expect(note.action == .create)
        #expect(note.authorID == payload.actor?.id)
        #expect(note.isInAuthorsWords(of: payload.actor))
        #expect(note.discussionID?.count == 40)
        #expect(note.createdAt != nil)
        #expect(issue.iid > 0)
        #expect(payload.projectID == 42)
        #expect(!payload.isConfidential)
        #expect(payload.startingMeaning == "42:note:\(note.id)")
    }

    @Test("A16: a note that somebody else edited is not its author's word")
    func editedByAnother() throws {
        let payload = try decode("made_note_update_adds_command")
        guard case .note(let note) = payload.event else {
            Issue.record("not a note")
            return
        }
        #expect(note.action == .update)
        #expect(note.updatedByID == 58)
        #expect(payload.actor?.id == 57)
        #expect(!note.isInAuthorsWords(of: payload.actor))
    }

    @Test("a comment on several lines of a diff keeps first and last line")
    func diffLines() throws {
        guard case .note(let note) = try decode("made_note_mr_diffnote_multiline").event else {
            Issue.record("not a note")
            return
        }
        #expect(note.type == "DiffNote")
        #expect(note.position?.newPath == "src/parse.rs")
        #expect(note.position?.startLineNumber == 12)
        #expect(note.position?.endLineNumber == 14)
        #expect(note.position?.isOldSide == false)
        guard case .mergeRequest(let mergeRequest) = note.subject else {
            Issue.record("not on a merge request")
            return
        }
        #expect(mergeRequest.headSHA == "9b8a7c6d5e4f30211203f4e5d6c7b8a990817263")
        #expect(!mergeRequest.isFromFork)
    }

    @Test("a note of 2020 without action and user id counts as new")
    func oldNote() throws {
        let payload = try decode("note_mr_real_2020")
        guard case .note(let note) = payload.event, case .mergeRequest(let mergeRequest) = note.subject else {
            Issue.record("not a note on a merge request")
            return
        }
        #expect(payload.actor?.id == nil)
        #expect(note.action == .create)
        #expect(note.isInAuthorsWords(of: payload.actor))
        #expect(!mergeRequest.isFromFork)
    }

    @Test(
        "A20: each sign of confidentiality is enough",
        arguments: [
            ("note_internal_on_public_issue_2023", nil as String?, true),
            ("note_confidential_issue_playground", nil, true),
            ("issue_confidential_open_playground", "Confidential Issue Hook", true),
            ("made_note_issue_ai_command", "Confidential Note Hook", true),
            ("made_note_issue_ai_command", "Note Hook", false),
        ])
    func confidential(_ name: String, header: String?, expected: Bool) throws {
        #expect(try decode(name, header: header).isConfidential == expected)
    }

    @Test("assignment shows as a change, and inside open")
    func assignment() throws {
        let update = try decode("made_issue_assigned_to_bot")
        guard case .issue(let event) = update.event, let bot = event.assigneesChange?.current.first, let id = bot.id else {
            Issue.record("no change of assignees")
            return
        }
        #expect(event.action == .update)
        #expect(event.assigns(id: id, username: bot.username ?? ""))
        #expect(!event.assigns(id: 1, username: "root"))
        #expect(!event.unassigns(id: id, username: bot.username ?? ""))
        guard case .issue(let open) = try decode("issue_open_assigned_2019").event else {
            Issue.record("not an issue")
            return
        }
        #expect(open.action == .open)
        #expect(open.assigns(id: 50, username: "manland"))
    }

    @Test("a review request is seen when new, when repeated, and when taken back")
    func reviewRequests() throws {
        guard case .mergeRequest(let again) = try decode("made_mr_review_re_requested").event else {
            Issue.record("not a merge request")
            return
        }
        #expect(again.requestsReview(id: 9001, username: "ai-bot"))
        #expect(!again.requestsReview(id: 57, username: "dcole"))
        guard case .mergeRequest(let new) = try decode("mr_update_reviewer_added").event,
            let reviewer = new.reviewersChange?.current.first
        else {
            Issue.record("no reviewer")
            return
        }
        #expect(new.requestsReview(id: reviewer.id ?? 0, username: reviewer.username ?? ""))
        guard case .mergeRequest(let removed) = try decode("mr_review_request_removed").event,
            let former = removed.reviewersChange?.previous.first
        else {
            Issue.record("no former reviewer")
            return
        }
        #expect(removed.withdrawsReviewRequest(id: former.id ?? 0, username: former.username ?? ""))
        #expect(!removed.requestsReview(id: former.id ?? 0, username: former.username ?? ""))
    }

    @Test("merge, close and a push to the branch are told apart")
    func mergeRequestActions() throws {
        guard case .mergeRequest(let merged) = try decode("mr_merge").event,
            case .mergeRequest(let closed) = try decode("mr_close").event,
            case .mergeRequest(let pushed) = try decode("mr_update_new_commit_oldrev").event
        else {
            Issue.record("not merge requests")
            return
        }
        #expect(merged.action == .merge)
        #expect(merged.mergeRequest.state == "merged")
        #expect(closed.action == .close)
        #expect(pushed.oldHeadSHA?.count == 40)
        #expect(pushed.mergeRequest.headSHA != pushed.oldHeadSHA)
    }

    @Test("a failed pipeline names its merge request and failed jobs")
    func pipeline() throws {
        guard case .pipeline(let event) = try decode("pipeline_failed_mr").event else {
            Issue.record("not a pipeline")
            return
        }
        #expect(event.hasFailed)
        #expect(event.mergeRequest?.iid == 4)
        #expect(event.failedJobs.map(\.name) == ["check-gitbz"])
        #expect(event.id == 384_095_584)
    }

    @Test("a deleted branch, an expiring token and a reaction are recognised")
    func others() throws {
        guard case .push(let push) = try decode("branch_delete_2017").event,
            case .tokenExpiring(let token) = try decode("access_token_group_expiring").event,
            case .emoji(let emoji) = try decode("emoji_award_on_issue_note").event,
            case .issue(let epic) = try decode("work_item_epic_update").event
        else {
            Issue.record("not understood")
            return
        }
        #expect(push.isBranchDeletion)
        #expect(push.branch == "feature")
        #expect(token.tokenID == 25)
        #expect(token.userID == 90)
        #expect(token.expiresAt == GitLabTime("2024-01-26"))
        #expect(emoji.action == .award)
        #expect(emoji.noteID == 363)
        #expect(emoji.issueIID == 42)
        #expect(epic.issue.typeName == "Epic")
        #expect(try decode("work_item_epic_update").projectID == nil)
    }
}
