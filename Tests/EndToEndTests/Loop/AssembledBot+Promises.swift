import Rehearsal
import Testing

extension AssembledBot {
    /// What holds at the end of every story, whatever it was about, in the stand-in's own records: which refs the bot moved (A36), and
    /// that no text of its became a command of GitLab's (A53).
    func checkPromises() async throws {
        let requests = try await world.mergeRequests(of: Self.project)
        let asked = Set(requests.filter { $0.sourceProjectID == $0.projectID }.map { "refs/heads/\($0.sourceBranch)" })
        for push in await world.pushes where push.actor == Self.bot {
            let isItsOwn = push.ref.hasPrefix("refs/heads/ai/")
            #expect(isItsOwn || asked.contains(push.ref), "A36: the bot moved \(push.ref)")
            #expect(push.ref != "refs/heads/main", "A36: the bot moved the default branch")
            #expect(!push.wasForced, "A36: the bot's push to \(push.ref) was no step forward")
            #expect(isItsOwn || push.after.contains { $0 != "0" }, "A36: the bot deleted \(push.ref)")
        }
        let commands = await world.quickActions.filter { $0.actor == Self.bot }
        #expect(commands.isEmpty, "A53: a text of the bot's ran a command: \(commands)")
    }
}
