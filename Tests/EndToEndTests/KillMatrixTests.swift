import Foundation
import Rehearsal
import Testing

/// `serve` is killed with SIGKILL at a moment of a run, started again on the same workspace, and the world compared with the one
/// that a run without a kill leaves behind.
///
/// `KILL_MATRIX=all` walks over every moment; without it some that stand for the others are taken.
@Suite("Killed at any moment", .serialized)
struct KillMatrixTests {
    /// When to kill: after so many entries in the task's journal, or after so many changes to GitLab.
    enum Moment: Sendable, CustomTestStringConvertible {
        case entry(Int)
        case effect(Int)

        var testDescription: String {
            switch self {
            case .entry(let number): "journal entry \(number)"
            case .effect(let number): "change \(number) to GitLab"
            }
        }
    }

    private static let isWhole = ProcessInfo.processInfo.environment["KILL_MATRIX"] == "all"

    private static let moments: [Moment] = {
        guard isWhole else {
            return [1, 3, 6, 8, 11, 14, 17, 20, 24].map { Moment.entry($0) } + [1, 2, 3, 4, 5, 7, 9].map { Moment.effect($0) }
        }
        return (1...45).map { Moment.entry($0) } + (1...16).map { Moment.effect($0) }
    }()

    @Test("nothing is lost or done twice", .timeLimit(.minutes(3)), arguments: moments)
    func kill(at moment: Moment) async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files) { bot in
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            let answers = try await withThrowingTaskGroup(of: Int?.self) { group in
                group.addTask { try await Self.strike(bot, at: moment) }
                try await bot.comment("/ai do write the notes", issue: 1)
                return try await group.next() ?? nil
            }
            guard let answers else {
                #expect(Self.isWhole, "The work had ended before this moment.")
                return
            }
            try await bot.start()
            try await bot.ended()
            try await Self.compare(bot, answers: answers)
        }
    }

    /// Kills at the moment; returns how many answers of the model were written down by then. Nil when the work ended before.
    private static func strike(_ bot: AssembledBot, at moment: Moment) async throws -> Int? {
        let entries = try JournalWindow.entries(at: bot.journal.path)
        while true {
            let isNow: Bool
            switch moment {
            case .entry(let number): isNow = try entries() >= number
            case .effect(let number): isNow = await effects(of: bot) >= number
            }
            if isNow { break }
            if let task = bot.journal.tasks.first, task.state == "ended", bot.journal.followersBehind == 0 { return nil }
            // The journal is another process's, which tells nobody of its entries.
            try await Task.sleep(for: .milliseconds(1))
        }
        bot.strike()
        await bot.kill()
        return bot.journal.turns
    }

    /// Requests that changed something, and pushes.
    private static func effects(of bot: AssembledBot) async -> Int {
        let requests = await bot.world.requests.count { $0.method != "GET" && $0.actor == AssembledBot.bot && ($0.status ?? 500) < 400 }
        return await requests + bot.world.pushes.count { $0.actor == AssembledBot.bot }
    }

    private static func compare(_ bot: AssembledBot, answers: Int) async throws {
        let tasks = bot.journal.tasks
        #expect(tasks.map(\.status) == ["completed"], "\(bot.log)")
        #expect(try await bot.branches() == ["ai/1-write-notes"])
        let merges = try await bot.world.mergeRequests(of: AssembledBot.project)
        #expect(merges.map(\.title) == ["Write the notes"])
        #expect(try await bot.world.commitMessages(on: "ai/1-write-notes", of: AssembledBot.project).count == 2)
        #expect(try await bot.world.file("NOTES.md", on: "ai/1-write-notes", of: AssembledBot.project) == "Notes.\n")

        let onIssue = try await bot.said(onIssue: 1)
        #expect(onIssue.count == 2, "\(onIssue)")
        #expect(onIssue.count { $0.contains("ai-coder:progress=") && $0.contains("**Done**") } == 1)
        #expect(onIssue.count { $0.contains("ai-coder:closing=") } == 1)
        let onMerge = try await bot.said(onMergeRequest: 1)
        #expect(onMerge.count == 1, "\(onMerge)")
        #expect(onMerge.allSatisfy { $0.contains("**Done**") })
        let command = try #require(try await bot.world.comments(on: .issue(AssembledBot.project, 1)).first)
        #expect(await bot.world.awards(on: command.id).map(\.name) == ["eyes"])
        #expect(await bot.world.quickActions.isEmpty)
        #expect(await bot.world.pushes.allSatisfy { !$0.wasForced })

        let told = bot.receiver.messages
        #expect(told.map(\.status) == ["started", "cloning", "analyzing", "coding", "testing", "committing", "completed"])
        #expect(told.map(\.progress) == told.map(\.progress).sorted())
        let answered = bot.model.log.answered
        #expect(Set(answered.keys) == ["plan/0", "code/0", "code/1"])
        for (number, turn) in ["plan/0", "code/0", "code/1"].enumerated() {
            // Only a turn whose answer was on its way may be asked for again.
            #expect((answered[turn] ?? 0) <= (number == answers ? 2 : 1), "\(answered), \(answers) answers were written down")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(bot.folder)/work/tasks")
        #expect(left.isEmpty, "\(left)")
    }
}
