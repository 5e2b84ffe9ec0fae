import Foundation
import Rehearsal
import Testing

@Suite("Many deliveries")
struct ManyDeliveriesTests {
    @Test("A12: of 1,000 deliveries at once none is lost, although the service is killed right after its last answer", .timeLimit(.minutes(3)))
    func thousand() async throws {
        try await AssembledBot.run(LoopScript.script, files: LoopScript.files, settings: ["GITLAB_API_TOKEN": ""]) { bot in
            _ = try await bot.world.openIssue(in: AssembledBot.project, by: AssembledBot.person, title: "Write notes")
            try await bot.comment("/ai do write the notes", issue: 1)
            await bot.world.untilQuiet()
            #expect(bot.journal.count("SELECT count(*) FROM delivery WHERE event = 'Note Hook'") == 1)
            let sample = try #require(await bot.world.deliveries.last { $0.eventName.lowercased().contains("note") }?.body)
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...1000 {
                    let body = try Self.again(sample, number)
                    group.addTask { try await bot.deliver(body, id: "many-\(number)") == 202 }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            await bot.kill()
            #expect(accepted == 1000)
            #expect(bot.journal.count("SELECT count(*) FROM delivery WHERE id LIKE 'many-%'") == 1000)
            #expect(bot.journal.tasks.count == 1001)
        }
    }

    /// The same comment as another note on another issue.
    private static func again(_ body: [UInt8], _ number: Int) throws -> [UInt8] {
        var payload = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
        var note = payload["object_attributes"] as? [String: Any] ?? [:]
        note["id"] = 2_000_000 + number
        payload["object_attributes"] = note
        var issue = payload["issue"] as? [String: Any] ?? [:]
        issue["iid"] = 1000 + number
        issue["id"] = 3_000_000 + number
        payload["issue"] = issue
        return Array(try JSONSerialization.data(withJSONObject: payload))
    }
}
