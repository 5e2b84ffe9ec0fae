import Foundation
import Rehearsal
import Testing

@Suite("Stories on the assembled bot", .serialized)
struct StoryTests {
    private static let project = AssembledBot.project
    private static let dana = AssembledBot.person

    @Test("assigning an issue to the bot leads to a merge request that closes it", .timeLimit(.minutes(2)))
    func assignment() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(
                in: Self.project, by: Self.dana, title: "Write notes", assignees: [AssembledBot.bot], labels: ["docs", "good first"])
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let merge = try #require(try await bot.world.mergeRequests(of: Self.project).first)
            #expect(merge.labels == ["docs", "good first"])
            #expect(merge.description.contains("Closes #1"))
            #expect(!merge.title.hasPrefix("Draft"))
        }
    }

    @Test("a label and a mention start work as a command does", .timeLimit(.minutes(2)))
    func otherTriggers() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files, settings: ["LABEL_TRIGGER": "for-ai"]) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes", labels: ["docs"])
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "More notes")
            try await bot.world.label(issue: 1, of: Self.project, ["docs", "for-ai"], by: Self.dana)
            try await bot.comment("@\(AssembledBot.bot) write the notes", issue: 2)
            #expect(try await bot.ended(2).map(\.status) == ["completed", "completed"], "\(bot.log)")
            #expect(try await bot.branches() == ["ai/1-write-notes", "ai/2-more-notes"])
            #expect(try await bot.world.mergeRequests(of: Self.project).count == 2)
        }
    }

    @Test("a further comment joins the work that goes on, gets a look, and makes no second task", .timeLimit(.minutes(2)))
    func joined() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            try await bot.comment("/ai do write notes, take your time", issue: 1)
            try await bot.eventually("the bot is coding") { bot.journal.tasks.first?.status == "coding" }
            let further = try #require(try await bot.world.comment("Mention the greenhouse, too.", on: .issue(Self.project, 1), by: Self.dana))
            // A stranger's words are not taken in.
            try await bot.comment("Mention the STRANGER.", issue: 1, by: "gus")
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            let told = bot.model.log.entries.map(\.body).joined(separator: "\n")
            #expect(told.contains("Mention the greenhouse, too."))
            #expect(!told.contains("STRANGER"))
            #expect(await bot.world.awards(on: further.id).map(\.name) == ["eyes"])
            #expect(try await bot.world.mergeRequests(of: Self.project).count == 1)
        }
    }

    @Test("taking the issue off the bot again stops the work", .timeLimit(.minutes(2)))
    func unassigned() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(
                in: Self.project, by: Self.dana, title: "think about it", assignees: [AssembledBot.bot])
            try await bot.eventually("the model is asked") { bot.journal.tasks.first?.status == "analyzing" }
            try await bot.world.assign(issue: 1, of: Self.project, to: [], by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["cancelled"])
            #expect(try await bot.branches() == [])
        }
    }

    @Test("stop ends the work at once and says so; retry starts it again", .timeLimit(.minutes(2)))
    func stopAndRetry() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            try await bot.comment("/ai do write notes, take your time", issue: 1)
            try await bot.eventually("the merge request is there") { try await bot.branches().count == 1 }
            try await bot.comment("/ai stop", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["cancelled"])
            #expect(try await bot.said(onIssue: 1).contains { $0.contains("**Stopped**") && $0.contains("@\(Self.dana)") })
            try await bot.comment("/ai retry", issue: 1)
            #expect(try await bot.ended(2).map(\.status) == ["cancelled", "completed"], "\(bot.log)")
        }
    }

    @Test("A12: who may not command the bot is told so once, and nothing is done", .timeLimit(.minutes(2)))
    func refusal() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            for _ in 1...2 { try await bot.comment("/ai do write notes", issue: 1, by: "gus") }
            #expect(try await bot.ended(2).map(\.status) == ["failed", "failed"])
            let said = try await bot.said(onIssue: 1)
            #expect(said.count == 1, "\(said)")
            #expect(said.allSatisfy { $0.contains("does not allow commands") })
            #expect(try await bot.branches() == [])
            #expect(bot.model.log.entries.isEmpty)
        }
    }

    @Test("A20: of a confidential issue no word stands in branch, commit, merge request or anything else that others may read", .timeLimit(.minutes(2)))
    func confidential() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(
                in: Self.project, by: Self.dana, title: "Zanzibar takeover", description: "About Zanzibar.", labels: ["zanzibar"],
                isConfidential: true)
            try await bot.comment("/ai do write the Zanzibar notes", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches() == ["ai/1"])
            let merge = try #require(try await bot.world.mergeRequests(of: Self.project).first)
            let commits = try await bot.world.commitMessages(on: "ai/1", of: Self.project)
            let notes = try await bot.said(onMergeRequest: 1)
            for text in [merge.title, merge.description] + merge.labels + commits + notes {
                #expect(!text.lowercased().contains("zanzibar"))
                #expect(!text.contains("Write the notes"))
            }
            // What was there for a moment counts as well: every call but those on the issue itself, and every ref that was pushed.
            let calls = await bot.world.requests.filter { $0.actor == AssembledBot.bot && $0.method != "GET" && !$0.path.contains("/issues/1/") }
            #expect(calls.contains { $0.path.hasSuffix("/merge_requests") })
            let told = calls.map { "\($0.path) \($0.body)" } + (await bot.world.pushes.filter { $0.actor == AssembledBot.bot }.map(\.ref))
            for text in told {
                #expect(!text.lowercased().contains("zanzibar"))
                #expect(!text.contains("Write the notes"))
                #expect(!text.contains("#1"), "nor does the issue's number: \(text)")
            }
            #expect(commits.allSatisfy { !$0.contains(Self.dana) }, "\(commits)")
        }
    }

    @Test("on a merge request the commit goes to its branch, also when that moved meanwhile", .timeLimit(.minutes(2)))
    func movedBranch() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.push(
                ["feature.txt": "one\n"], to: "feature", from: "main", in: Self.project, by: Self.dana)
            _ = try await bot.world.openMergeRequest(in: Self.project, from: "feature", title: "A feature", by: Self.dana)
            _ = try await bot.world.comment(
                "/ai do write notes, take your time", on: .mergeRequest(Self.project, 1), by: Self.dana, asThread: true)
            try await bot.eventually("the bot is coding") { bot.journal.tasks.first?.status == "coding" }
            _ = try await bot.world.push(["feature.txt": "two\n"], to: "feature", in: Self.project, by: Self.dana)
            #expect(try await bot.ended().map(\.status) == ["completed"], "\(bot.log)")
            #expect(try await bot.branches() == ["feature"])
            #expect(try await bot.world.mergeRequests(of: Self.project).count == 1)
            #expect(try await bot.world.file("feature.txt", on: "feature", of: Self.project) == "two\n")
            #expect(try await bot.world.file("NOTES.md", on: "feature", of: Self.project) == "Notes.\n")
            #expect(await bot.world.pushes.allSatisfy { !$0.wasForced })
            let thread = try await bot.world.comments(on: .mergeRequest(Self.project, 1))
            let command = try #require(thread.first { $0.body.hasPrefix("/ai") })
            #expect(thread.contains { $0.discussionID == command.discussionID && $0.body.contains("ai-coder:closing=") })
        }
    }

    @Test(
        "what is taken away while the bot works ends the work, and nothing is pushed", .timeLimit(.minutes(2)),
        arguments: ["issue closed", "merge request closed", "branch deleted", "issue closed, untold", "merge request closed, untold"])
    func takenAway(_ what: String) async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            try await bot.comment("/ai do write notes, take your time", issue: 1)
            try await bot.eventually("the bot is coding") { bot.journal.tasks.first?.status == "coding" }
            // The deliveries are lost: it is seen when the work is to be pushed.
            if what.hasSuffix("untold") { try await bot.world.removeHooks(of: Self.project) }
            switch what.prefix(while: { $0 != "," }) {
            case "issue closed": try await bot.world.setClosed(true, issue: 1, of: Self.project, by: Self.dana)
            case "branch deleted": try await bot.world.deleteBranch("ai/1-write-notes", of: Self.project, by: Self.dana)
            default: try await bot.world.close(mergeRequest: 1, of: Self.project, by: Self.dana)
            }
            #expect(try await bot.ended().map(\.status) == ["cancelled"], "\(bot.log)")
            #expect(await bot.world.pushes.allSatisfy { $0.actor != AssembledBot.bot || $0.before.allSatisfy { $0 == "0" } })
            #expect(try await bot.said(onIssue: 1).contains { $0.contains("**Stopped**") })
            #expect(bot.receiver.messages.last?.status == "cancelled")
        }
    }

    @Test("an issue that was closed before the bot came to it is left alone", .timeLimit(.minutes(2)))
    func closedBefore() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: Self.project, by: Self.dana, title: "Write notes")
            try await bot.world.setClosed(true, issue: 1, of: Self.project, by: Self.dana)
            try await bot.comment("/ai do write notes", issue: 1)
            #expect(try await bot.ended().map(\.status) == ["cancelled"])
            #expect(try await bot.branches() == [])
            #expect(bot.model.log.entries.isEmpty)
        }
    }
}
