import Agent
import Domain
import Rehearsal
import Testing

@testable import Pipeline

/// The intake refuses some of these too; a task may come by other ways, and the project may have been opened since.
@Suite("What is hidden, and who gets to read of it", .timeLimit(.minutes(1)))
struct HiddenSubjectTests {
    @Test(
        "A20: a confidential issue and an internal note are worked on in a private project, and nowhere else",
        arguments: [GitLabWorld.Visibility.private, .internal, .public], ["issue", "note"])
    func refused(visibility: GitLabWorld.Visibility, what: String) async throws {
        try await QuietGitLab.run(visibility: visibility) { quiet in
            if what == "issue" { try await quiet.world.setConfidential(true, issue: 1, of: QuietGitLab.project, by: "dana") }
            let task = try await quiet.task("t1", .change, "write notes", by: quiet.dana) { $0.isConfidential = what == "note" }
            let error = try #require(try await quiet.perform(task).result?.error)
            #expect(error.contains("not worked on in a project that others can see") == (visibility != .private), "\(error)")
        }
    }

    /// The desk of a task that was asked for openly or in an internal note.
    private static func desk(_ quiet: QuietGitLab, isHidden: Bool) async throws -> GitLabDesk {
        try await quiet.desk(of: quiet.task("t1", .change, "write notes", by: quiet.dana) { $0.isConfidential = isHidden })
    }

    @Test("A20: an internal note is context for a task from another one alone", arguments: [true, false])
    func context(isHidden: Bool) async throws {
        try await QuietGitLab.run { quiet in
            _ = try await quiet.world.comment("INTERNAL-WORDS", on: QuietGitLab.issue, by: "dana", isInternal: true)
            _ = try await quiet.world.comment("OPEN-WORDS", on: QuietGitLab.issue, by: "dana")
            let shown = try await Self.desk(quiet, isHidden: isHidden).gather().sections.map(\.text).joined()
            #expect(shown.contains("OPEN-WORDS") && shown.contains("INTERNAL-WORDS") == isHidden, "\(shown)")
        }
    }

    @Test("A20: what was asked for in an internal note is answered in one", arguments: [true, false])
    func answer(isHidden: Bool) async throws {
        try await QuietGitLab.run { quiet in
            try await Self.desk(quiet, isHidden: isHidden).nothingToDo("There is nothing to do.")
            try await quiet.perform(try await quiet.task("h1", .help, by: quiet.dana) { $0.isConfidential = isHidden })
            #expect(try await quiet.said().map(\.isInternal) == [isHidden, isHidden])
        }
    }
}
