import Domain
import Foundation
import Rehearsal
import Testing

@testable import Pipeline

@Suite("Doing it again", .timeLimit(.minutes(1)))
struct RetryTests {
    private static func again(_ quiet: QuietGitLab) async throws -> CodingTask? {
        try await quiet.store.tasks(TaskQuery()).tasks.map(\.task).first { $0.retryOf != nil }
    }

    /// Whether the task's words may open a protected file, once it has gathered them.
    private static func mayName(_ task: CodingTask, _ quiet: QuietGitLab) async throws -> Bool {
        let record = try #require(try await quiet.store.claim(task.id, owner: QuietGitLab.owner, for: .seconds(60)))
        _ = try await TaskWorker(parts: quiet.parts, owner: QuietGitLab.owner, onCancel: .end).run(record)
        let step = try #require(try await quiet.store.outcome(ofStep: "assignment", task: task.id))
        return try JSONDecoder().decode(Assignment.self, from: step.value).mayNameProtectedFiles
    }

    @Test("A38: what was refused does not come to be done because somebody who may says retry")
    func refused() async throws {
        try await QuietGitLab.run { quiet in
            let guest = try await quiet.person("gus", .guest)
            let refused = try await quiet.perform(try await quiet.task("t1", .change, "change .gitlab-ci.yml", by: guest))
            #expect(refused.status == .failed && refused.result?.errorKind == .authentication)
            try await quiet.perform(try await quiet.task("r1", .retry, by: quiet.dana))
            #expect(try await Self.again(quiet) == nil)
            #expect(try await quiet.said().contains { $0.body.contains("There is nothing to try again here.") })
            // Below it lies work that was allowed: that is done again.
            try await quiet.perform(try await quiet.task("t0", .change, "write notes", by: quiet.dana))
            try await quiet.perform(try await quiet.task("t2", .change, "change .gitlab-ci.yml", by: guest))
            try await quiet.perform(try await quiet.task("r2", .retry, by: quiet.dana))
            #expect(try await Self.again(quiet)?.retryOf?.rawValue == "t0")
        }
    }

    @Test("A14: the words of somebody who lost the right to command are not worked on, whoever says retry")
    func lostRight() async throws {
        try await QuietGitLab.run { quiet in
            let mia = try await quiet.person("mia", .developer)
            try await quiet.perform(try await quiet.task("t1", .change, "write notes", by: mia))
            try await quiet.perform(try await quiet.task("r1", .retry, by: quiet.dana))
            let again = try #require(try await Self.again(quiet))
            try await quiet.world.setMember("mia", of: QuietGitLab.project, .guest)
            let record = try #require(try await quiet.store.claim(again.id, owner: QuietGitLab.owner, for: .seconds(60)))
            _ = try await TaskWorker(parts: quiet.parts, owner: QuietGitLab.owner, onCancel: .end).run(record)
            let result = try #require(try await quiet.store.task(again.id)?.result)
            #expect(result.errorKind == .authentication && result.error?.contains("The request is @mia's") == true, "\(result.error ?? "")")
        }
    }

    @Test("A38: a Maintainer's retry opens no protected file that another's words name, and his own words stay his")
    func words() async throws {
        try await QuietGitLab.run { quiet in
            let mia = try await quiet.person("mia", .developer)
            let asked = try await quiet.asked("/ai do change .gitlab-ci.yml", by: "mia")
            try await quiet.perform(try await quiet.task("t1", .change, "change .gitlab-ci.yml", by: mia) { $0.noteID = asked })
            let again1 = try await quiet.asked("/ai retry")
            try await quiet.perform(try await quiet.task("r1", .retry, by: quiet.dana) { $0.noteID = again1 })
            let again = try #require(try await Self.again(quiet))
            #expect((again.gitLab?.requester.username, again.gitLab?.wordsOf?.username) == ("dana", "mia"))
            #expect(again.intent == "change .gitlab-ci.yml")
            #expect(try await !Self.mayName(again, quiet))
            // Also when that one is done again.
            let again2 = try await quiet.asked("/ai retry")
            try await quiet.perform(try await quiet.task("r2", .retry, by: quiet.dana) { $0.noteID = again2 })
            let third = try #require(try await quiet.store.tasks(TaskQuery()).tasks.first { $0.task.retryOf == again.id }?.task)
            #expect(third.gitLab?.wordsOf?.username == "mia")
            #expect(try await !Self.mayName(third, quiet))

            let own1 = try await quiet.asked("/ai do change .gitlab-ci.yml")
            try await quiet.perform(try await quiet.task("t2", .change, "change .gitlab-ci.yml", by: quiet.dana) { $0.noteID = own1 })
            let own2 = try await quiet.asked("/ai retry")
            try await quiet.perform(try await quiet.task("r3", .retry, by: quiet.dana) { $0.noteID = own2 })
            let own = try #require(try await quiet.store.tasks(TaskQuery()).tasks.first { $0.task.retryOf?.rawValue == "t2" }?.task)
            #expect(own.gitLab?.wordsOf == nil)
            #expect(try await Self.mayName(own, quiet))
        }
    }

    @Test("A38: the text of an issue that was assigned is nobody's own words after a retry either")
    func assigned() async throws {
        try await QuietGitLab.run { quiet in
            _ = try await quiet.person("gus", .guest)
            try await quiet.world.assign(issue: 1, of: QuietGitLab.project, to: ["ai-coder"], by: "dana")
            try await quiet.perform(try await quiet.task("t1", .change, "change .gitlab-ci.yml", by: quiet.dana, trigger: .assignment))
            let asked = try await quiet.asked("/ai retry")
            try await quiet.perform(try await quiet.task("r1", .retry, by: quiet.dana) { $0.noteID = asked })
            let again = try #require(try await Self.again(quiet))
            #expect(again.gitLab?.trigger == .comment)
            #expect(try await !Self.mayName(again, quiet))
        }
    }

    @Test("A38: who assigns an issue names protected files with its text where it is his own, and only there", arguments: ["dana", "gus"])
    func assignedText(author: String) async throws {
        try await QuietGitLab.run { quiet in
            _ = try await quiet.person("gus", .guest)
            _ = try await quiet.world.openIssue(in: QuietGitLab.project, by: author, title: "Change .gitlab-ci.yml")
            try await quiet.world.assign(issue: 2, of: QuietGitLab.project, to: ["ai-coder"], by: "dana")
            let task = try await quiet.task("t1", .change, "Change .gitlab-ci.yml", by: quiet.dana, trigger: .assignment) { $0.subject = .issue(iid: 2) }
            let assignment = try await quiet.desk(of: task).gather()
            #expect(assignment.intent.contains(".gitlab-ci.yml") && assignment.mayNameProtectedFiles)
            #expect(assignment.ownWords?.contains(".gitlab-ci.yml") == (author == "dana"))
        }
    }

    @Test("whose right was taken away since, his words are not followed any more")
    func rightLost() async throws {
        try await QuietGitLab.run { quiet in
            let mia = try await quiet.person("mia", .developer)
            try await quiet.perform(try await quiet.task("t1", .change, "write notes", by: mia))
            try await quiet.world.removeMember("mia", of: QuietGitLab.project)
            try await quiet.perform(try await quiet.task("r1", .retry, by: quiet.dana))
            #expect(try await Self.again(quiet) == nil)
        }
    }

    @Test("the repair of a pipeline that is asked for again speaks where it was asked for")
    func pipeline() async throws {
        try await QuietGitLab.run { quiet in
            let nobody = GitLabOrigin.Person(id: 0, username: "", name: "")
            let repair = try await quiet.task("t1", .fix, by: nobody, trigger: .pipeline) {
                ($0.subject, $0.pipelineID, $0.headSHA) = (.mergeRequest(iid: 1), 17, "old")
            }
            try await quiet.perform(repair)
            try await quiet.world.push(["a.txt": "a\n"], to: "topic", in: QuietGitLab.project, by: "dana")
            try await quiet.world.openMergeRequest(in: QuietGitLab.project, from: "topic", title: "Add a", by: "dana")
            let asked = try await quiet.asked("/ai retry", on: .mergeRequest(QuietGitLab.project, 1))
            try await quiet.perform(
                try await quiet.task("r1", .retry, by: quiet.dana) {
                    ($0.subject, $0.noteID, $0.discussionID, $0.headSHA) = (.mergeRequest(iid: 1), asked, "d8", "new")
                })
            let origin = try #require(try await Self.again(quiet)?.gitLab)
            #expect((origin.trigger, origin.noteID, origin.discussionID, origin.headSHA) == (.comment, asked, "d8", "new"))
            #expect(origin.pipelineID == nil && origin.wordsOf == nil)
        }
    }

    @Test("a second run after a crash makes the same task, and does not take it for somebody else's")
    func secondRun() async throws {
        try await QuietGitLab.run { quiet in
            try await quiet.perform(try await quiet.task("t1", .change, "write notes", by: quiet.dana))
            // The first run wrote down what it had decided, made the task, and was killed.
            let choice = StepOutcome(value: Data(#"{"again":{"_0":"t1","as":"t2"}}"#.utf8))
            _ = try await quiet.store.submit(try await quiet.task("t2", .change, "write notes", by: quiet.dana))
            let retry = try await quiet.task("r1", .retry, by: quiet.dana)
            _ = try await quiet.store.submit(retry)
            try await quiet.store.append(
                [NewEntry(kind: .step, name: "retry.choice", payload: JSONEncoder().encode(choice))], to: retry.id, owner: nil)
            #expect(try await quiet.perform(retry).status == .completed)
            #expect(try await quiet.store.tasks(TaskQuery()).tasks.count == 2)
            #expect(try await quiet.said().isEmpty)
        }
    }
}
