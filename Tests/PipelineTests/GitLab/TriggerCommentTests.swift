import Domain
import Foundation
import Rehearsal
import Testing

@testable import Pipeline

/// A delivery proves only that its sender knows a secret: what it says of a comment is compared with the comment.
@Suite("Whether a comment is what a delivery told", .timeLimit(.minutes(1)))
struct TriggerCommentTests {
    /// A task as a delivery would make it that says dana commands "write notes" in this comment; what becomes of it.
    private static func outcome(
        _ quiet: QuietGitLab, note: GitLabWorld.Note, bindsSecrets: Bool = false, _ detail: (inout GitLabOrigin) -> Void = { _ in }
    ) async throws -> String {
        let task = try await quiet.task("t1", .change, "write notes", by: quiet.dana) { origin in
            origin.noteID = Int64(note.id)
            detail(&origin)
        }
        _ = try await quiet.store.submit(task)
        let record = try #require(try await quiet.store.claim(task.id, owner: QuietGitLab.owner, for: .seconds(60)))
        var parts = quiet.parts
        parts.gitLab?.bindsSecrets = bindsSecrets
        let result = try #require(try await TaskWorker(parts: parts, owner: QuietGitLab.owner, onCancel: .end).run(record))
        // What stands there is taken: it then ends for want of a sandbox, a repository or a model.
        return result.status == .cancelled ? result.error ?? "" : "taken"
    }

    private static func comment(_ quiet: QuietGitLab, _ words: String = "/ai do write notes", by name: String = "dana") async throws -> GitLabWorld.Note {
        try #require(try await quiet.world.comment(words, on: QuietGitLab.issue, by: name))
    }

    @Test("A05, A16: a comment counts when it is of the author and holds the command, and not otherwise")
    func comment() async throws {
        for (words, author, expected) in [
            ("/ai do write notes", "dana", "taken"), ("/ai do write notes", "gus", "is not of @dana"),
            ("/ai do write poems", "dana", "was changed after it was given"), ("just write notes", "dana", "was changed after it was given"),
        ] {
            try await QuietGitLab.run { quiet in
                _ = try await quiet.person("gus", .guest)
                let outcome = try await Self.outcome(quiet, note: Self.comment(quiet, words, by: author))
                #expect(outcome.contains(expected), "\(outcome)")
            }
        }
    }

    @Test("A05: a project's name that a delivery claims must be the project's own where secrets are bound to names")
    func projectName() async throws {
        for (path, isTaken) in [(QuietGitLab.project, true), ("orchard/portal", false)] {
            try await QuietGitLab.run { quiet in
                let outcome = try await Self.outcome(quiet, note: Self.comment(quiet), bindsSecrets: true) { $0.projectPath = path }
                #expect(isTaken ? outcome == "taken" : outcome.contains("is not called \(path)"), "\(outcome)")
            }
        }
    }

    @Test("A20: a command in a comment that is internal by now is not worked on where all can read")
    func hidden() async throws {
        try await QuietGitLab.run { quiet in
            let note = try #require(
                try await quiet.world.comment("/ai do write notes", on: QuietGitLab.issue, by: "dana", isInternal: true))
            let outcome = try await Self.outcome(quiet, note: note)
            #expect(outcome.contains("is an internal one by now"), "\(outcome)")
        }
    }

    @Test("A14: a thumbs-up that was taken back, or that another gave, approves nothing")
    func reaction() async throws {
        for (giver, isTaken) in [("dana", true), ("gus", false), (nil, false)] as [(String?, Bool)] {
            try await QuietGitLab.run { quiet in
                _ = try await quiet.person("gus", .guest)
                let plan = try await Self.comment(quiet, "A plan.", by: "ai-coder")
                if let giver { _ = try await quiet.world.award("thumbsup", note: plan.id, by: giver) }
                let approval = try await quiet.task("a1", .approve, by: quiet.dana, trigger: .reaction) { $0.noteID = Int64(plan.id) }
                let record = try await quiet.perform(approval)
                #expect(record.status == (isTaken ? .completed : .cancelled), "\(record.result?.error ?? "")")
                #expect(isTaken || record.result?.error?.contains("was taken back") == true)
            }
        }
    }
}
