import Agent
import Rehearsal
import Testing

@testable import Pipeline

@Suite("What is read of a failed pipeline")
struct FailedPipelineTests {
    private static let project = QuietGitLab.project

    private static func read(_ bot: QuietGitLab, failing: [String: String], reasons: [String: String] = [:]) async throws -> FailedPipeline {
        _ = try await bot.world.push(["a.txt": "a\n"], to: "feature", from: "main", in: project, by: "dana")
        let pipeline = try #require(
            try await bot.world.runPipeline(on: "feature", of: project, failing: failing, reasons: reasons, by: "dana"))
        return try await read(bot, pipeline.id)
    }

    private static func read(_ bot: QuietGitLab, _ id: Int) async throws -> FailedPipeline {
        try await PipelineReader(client: bot.access.client, projectID: try await bot.projectID, redactor: bot.parts.redactor)
            .read(Int64(id), target: "main")
    }

    @Test("old failures beside new ones are told apart, by test and by job")
    func oldAndNew() async throws {
        try await QuietGitLab.run { bot in
            _ = try await bot.world.runPipeline(
                on: "main", of: Self.project, failing: ["test": "not ok 1 - old\n", "lint": "a.c:1: error: long line\n", "odd": "killed\n"], by: "dana")
            let found = try await Self.read(
                bot, failing: ["test": "not ok 1 - old\nnot ok 2 - new\n", "lint": "a.c:9: error: long line\n", "odd": "killed\n"])
            #expect(found.targetStatus == "failed")
            #expect(found.jobs.filter(\.wasBroken).map(\.name) == ["lint"])
            #expect(found.repairable.map(\.name).sorted() == ["odd", "test"], "A log that tells nothing proves nothing.")
            let test = try #require(found.jobs.first { $0.name == "test" })
            #expect(test.oldFailures.count == 1 && test.oldFailures.allSatisfy { $0.contains("old") })
            let text = try #require(found.sections(target: "main").first { $0.source.hasSuffix("test") }?.text)
            #expect(text.contains("not to be repaired") && text.contains("not ok 2 - new"))
        }
    }

    @Test("what the runner did is not the code's, and of many failed jobs the first are read and the others counted")
    func runnersAndMany() async throws {
        try await QuietGitLab.run { bot in
            let failing = Dictionary(uniqueKeysWithValues: (1...7).map { ("job\($0)", "not ok 1 - t\($0)\n") })
            let found = try await Self.read(
                bot, failing: failing, reasons: ["job1": "runner_system_failure", "job2": "stuck_or_timeout_failure", "job3": "job_execution_timeout"])
            #expect(found.jobs.count == 5 && found.moreJobs == 2)
            #expect(found.jobs.filter(\.isOutsideCode).map(\.name) == ["job1", "job2"])
            #expect(!found.repairable.contains { ["job1", "job2"].contains($0.name) })
        }
    }

    @Test("the failed jobs of a child pipeline are read where only its bridge has failed, and compared with those of the target's")
    func children() async throws {
        try await QuietGitLab.run { bot in
            func parent(_ branch: String, _ log: String) async throws -> Int {
                let child = try #require(try await bot.world.runPipeline(on: branch, of: Self.project, failing: ["unit": log], by: "dana"))
                let parent = try await bot.world.runPipeline(on: branch, of: Self.project, children: ["backend": child], by: "dana")
                return try #require(parent).id
            }
            _ = try await parent("main", "not ok 1 - old\n")
            _ = try await bot.world.push(["a.txt": "a\n"], to: "feature", from: "main", in: Self.project, by: "dana")
            let new = try await Self.read(bot, try await parent("feature", "not ok 1 - new\n"))
            #expect(new.repairable.map(\.name) == ["backend / unit"])
            let old = try await Self.read(bot, try await parent("feature", "not ok 1 - old\n"))
            #expect(old.jobs.map(\.wasBroken) == [true])
        }
    }
}
