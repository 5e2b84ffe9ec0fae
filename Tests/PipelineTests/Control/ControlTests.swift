import Domain
import Foundation
import GitLabAPI
import Rehearsal
import Testing

@testable import Pipeline

@Suite("Commands that are answered at once", .timeLimit(.minutes(1)))
struct ControlTests {
    @Test("a stop that is run again after a crash does not say that nothing was running")
    func stopAgain() async throws {
        try await QuietGitLab.run { quiet in
            let note = try #require(try await quiet.world.comment("/ai stop", on: QuietGitLab.issue, by: "dana"))
            _ = try await quiet.store.submit(try await quiet.task("t1", .change, by: quiet.dana))
            _ = try await quiet.store.requestStop(try #require(TaskID(rawValue: "t1")), by: "@dana", reason: "")
            let stop = try await quiet.task("s1", .stop, by: quiet.dana) { $0.noteID = Int64(note.id) }
            _ = try await quiet.store.submit(stop)
            let targets = StepOutcome(value: Data(#"["t1"]"#.utf8))
            try await quiet.store.append(
                [NewEntry(kind: .step, name: "stop.targets", payload: JSONEncoder().encode(targets))], to: stop.id, owner: nil)
            #expect(try await quiet.perform(stop).status == .completed)
            #expect(try await quiet.said().isEmpty)
            #expect(await quiet.world.awards(on: note.id).map(\.name) == ["octagonal_sign"])
        }
    }

    @Test("the answer stands in the thread where it was asked for; a single comment stays one")
    func thread() async throws {
        try await QuietGitLab.run { quiet in
            let asked = try #require(try await quiet.world.comment("/ai status", on: QuietGitLab.issue, by: "dana", asThread: true))
            try await quiet.perform(
                try await quiet.task("s1", .status, by: quiet.dana) { ($0.noteID, $0.discussionID) = (Int64(asked.id), asked.discussionID) })
            #expect(try await quiet.said().map(\.discussionID) == [asked.discussionID])
            let single = try #require(try await quiet.world.comment("/ai help", on: QuietGitLab.issue, by: "dana"))
            try await quiet.perform(
                try await quiet.task("s2", .help, by: quiet.dana) { ($0.noteID, $0.discussionID) = (Int64(single.id), single.discussionID) })
            let said = try await quiet.said()
            #expect(said.count == 2 && said.last?.discussionID != single.discussionID)
            // A thread that is gone by now.
            try await quiet.perform(
                try await quiet.task("s3", .help, by: quiet.dana) { $0.discussionID = String(repeating: "0", count: 40) })
            #expect(try await quiet.said().count == 3)
        }
    }

    @Test("a command whose comment is not there when the work begins is not followed, and that is told though nothing can be reacted to")
    func noReaction() async throws {
        try await QuietGitLab.run { quiet in
            let record = try await quiet.perform(try await quiet.task("t1", .change, "write notes", by: quiet.dana) { $0.noteID = 99_999 })
            #expect(record.status == .cancelled && record.result?.error?.contains("no longer there") == true)
            await ProgressFollower(parts: quiet.parts, gitLab: quiet.access).catchUp()
            let said = try await quiet.said()
            #expect(said.count == 1 && said.allSatisfy { $0.body.contains("no longer there") }, "\(said.map(\.body))")
        }
    }

    @Test(
        "A14: who may not command the bot stops, approves, repeats, joins and learns nothing",
        arguments: [CodingTask.Kind.stop, .approve, .retry, .join, .status, .help])
    func withoutRights(_ kind: CodingTask.Kind) async throws {
        try await QuietGitLab.run { quiet in
            let gus = try await quiet.person("gus", .guest)
            _ = try await quiet.store.submit(try await quiet.task("t1", .change, "write notes", by: quiet.dana))
            let words = kind == .join ? "rather something else" : "/ai \(kind.rawValue)"
            let note = try #require(try await quiet.world.comment(words, on: QuietGitLab.issue, by: "gus"))
            let command = try await quiet.task("c1", kind, kind == .join ? words : "", by: gus) { $0.noteID = Int64(note.id) }
            let work = try #require(TaskID(rawValue: "t1"))
            let before = try await quiet.store.entries(of: work, after: 0, kinds: [.input, .audit], limit: 10).map(\.sequence)
            try await quiet.perform(command)
            #expect(try await quiet.store.task(work)?.state == .queued)
            #expect(try await quiet.store.entries(of: work, after: 0, kinds: [.input, .audit], limit: 10).map(\.sequence) == before)
            #expect(try await quiet.store.tasks(TaskQuery()).tasks.map(\.task.id) == [work])
            #expect(await quiet.world.awards(on: note.id).isEmpty)
            let said = try await quiet.said()
            #expect(said.count == (kind == .join ? 0 : 1) && said.allSatisfy { $0.body.contains("does not allow commands") }, "\(said)")
        }
    }

    @Test("what GitLab has changed since the delivery takes nothing away", arguments: ["closed", "unassigned"])
    func withdrawal(_ what: String) async throws {
        try await QuietGitLab.run { quiet in
            let trigger: GitLabOrigin.Trigger = what == "closed" ? .closed : .unassigned
            try await quiet.world.assign(issue: 1, of: QuietGitLab.project, to: ["ai-coder"], by: "dana")
            _ = try await quiet.store.submit(try await quiet.task("t1", .change, by: quiet.dana))
            let id = try #require(TaskID(rawValue: "t1"))
            let late = try await quiet.task("w1", .withdraw, by: quiet.dana, trigger: trigger) { $0.at = Self.anHourAgo }
            #expect(try await quiet.perform(late).status == .completed)
            #expect(try await quiet.store.task(id)?.state == .queued)
            if what == "closed" {
                try await quiet.world.setClosed(true, issue: 1, of: QuietGitLab.project, by: "dana")
            } else {
                try await quiet.world.assign(issue: 1, of: QuietGitLab.project, to: [], by: "dana")
            }
            try await quiet.perform(try await quiet.task("w2", .withdraw, by: quiet.dana, trigger: trigger))
            #expect(try await quiet.store.task(id)?.status == .cancelled)
        }
    }

    @Test("an assignment that was taken back before the work began is not followed, though no delivery told")
    func unassignedBefore() async throws {
        try await QuietGitLab.run { quiet in
            let task = try await quiet.task("t1", .change, "write notes", by: quiet.dana, trigger: .assignment) { $0.at = Self.anHourAgo }
            let record = try await quiet.perform(task)
            #expect(record.status == .cancelled)
            #expect(record.result?.error?.contains("taken off the bot") == true)
        }
    }

    @Test("A05: what GitLab does not show ends no work, whoever told it", arguments: [GitLabOrigin.Trigger.closed, .unassigned])
    func madeUpWithdrawal(_ trigger: GitLabOrigin.Trigger) async throws {
        try await QuietGitLab.run { quiet in
            try await quiet.world.assign(issue: 1, of: QuietGitLab.project, to: ["ai-coder"], by: "dana")
            let work = try await quiet.task("t1", .change, by: quiet.dana)
            _ = try await quiet.store.submit(work)
            // As new as can be: GitLab has changed nothing since.
            try await quiet.perform(try await quiet.task("w1", .withdraw, by: quiet.dana, trigger: trigger))
            #expect(try await quiet.store.task(work.id)?.state == .queued)
        }
    }

    @Test("A20: an internal comment goes into no work that others can read about, but into work that is itself hidden", arguments: [false, true])
    func internalWords(isHiddenWork: Bool) async throws {
        try await QuietGitLab.run { quiet in
            let work = try await quiet.task("t1", .change, by: quiet.dana) { $0.isConfidential = isHiddenWork }
            _ = try await quiet.store.submit(work)
            let note = try #require(
                try await quiet.world.comment("The key is under the mat.", on: QuietGitLab.issue, by: "dana", isInternal: true))
            let join = try await quiet.task("j1", .join, "The key is under the mat.", by: quiet.dana) {
                ($0.noteID, $0.discussionID, $0.isConfidential) = (Int64(note.id), note.discussionID, true)
            }
            #expect(try await quiet.perform(join).status == .completed)
            let heard = try await quiet.store.entries(of: work.id, after: 0, kinds: [.input], limit: 10)
            #expect(heard.isEmpty == !isHiddenWork)
            let said = try await quiet.said()
            #expect(said.count == (isHiddenWork ? 0 : 1) && said.allSatisfy(\.isInternal))
        }
    }

    @Test("A20: an internal correction does not go into a plan that others read", arguments: [false, true])
    func internalCorrection(isHiddenPlan: Bool) async throws {
        try await QuietGitLab.run { quiet in
            let plan = try await quiet.task("t1", .plan, by: quiet.dana) { $0.isConfidential = isHiddenPlan }
            _ = try await quiet.store.submit(plan)
            let shown = try JSONEncoder().encode(StepOutcome(value: Data("1".utf8)))
            try await quiet.store.append([NewEntry(kind: .step, name: "note.plan-1", payload: shown)], to: plan.id, owner: nil)
            let correction = try await quiet.task("t2", .plan, "with the key under the mat", by: quiet.dana) { $0.isConfidential = true }
            try await quiet.perform(correction)
            let heard = try await quiet.store.entries(of: plan.id, after: 0, kinds: [.input], limit: 10)
            #expect(heard.isEmpty == !isHiddenPlan)
        }
    }

    private static var anHourAgo: Date { Date().addingTimeInterval(-3600) }
}
