import Domain
import Secrets
import Testing

@testable import Pipeline

@Suite("What a task's journal keeps", .timeLimit(.minutes(1)))
struct JournalRedactionTests {
    @Test("A56: no activity is written down with a secret in it")
    func activity() async throws {
        try await QuietGitLab.run { quiet in
            let secret = "a-secret-of-this-test"
            let task = try await quiet.task("t1", .change, by: quiet.dana)
            let steps = DurableSteps(
                journal: quiet.store, taskID: task.id, owner: QuietGitLab.owner, redactor: Redactor(secrets: [Secret(secret)]))
            try await steps.record(Activity(.said, title: "It is \(secret).", detail: "Again: \(secret)"))
            let entries = steps.takePending()
            #expect(entries.count == 1)
            for entry in entries {
                #expect(!entry.name.contains(secret) && !String(decoding: entry.payload, as: UTF8.self).contains(secret), "\(entry)")
            }
        }
    }
}
