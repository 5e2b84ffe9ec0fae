import Foundation

/// Tells a task's steps as they happen, from the product's own API.
struct DemoTeller {
    let world: DemoWorld
    let say: (String) -> Void

    /// Until the task with this number, in the order of their making, has ended.
    func follow(task number: Int) async throws {
        var seen = 0
        let begun = Date()
        while Date().timeIntervalSince(begun) < 120 {
            let tasks = (try await world.api("/api/v1/tasks") as? [String: Any])?["tasks"] as? [[String: Any]] ?? []
            if tasks.count >= number {
                let task = tasks[tasks.count - number]
                let id = task["task_id"] as? String ?? task["id"] as? String ?? ""
                let events = (try await world.api("/api/v1/tasks/\(id)/events") as? [String: Any])?["events"] as? [[String: Any]] ?? []
                for event in events.dropFirst(seen) { tell(event, since: begun) }
                seen = max(seen, events.count)
                if let status = task["status"] as? String, ["completed", "failed", "cancelled"].contains(status) {
                    tell(task)
                    guard status == "completed" else {
                        throw DemoWorld.Refused(description: "The task ended as \(status).")
                    }
                    return
                }
            }
            try await Task.sleep(for: .milliseconds(150))
        }
        throw DemoWorld.Refused(description: "The task did not end within two minutes.")
    }

    private func tell(_ event: [String: Any], since begun: Date) {
        guard let kind = event["kind"] as? String, kind == "status" || kind == "activity" else { return }
        let data = event["data"] as? [String: Any] ?? event["payload"] as? [String: Any] ?? [:]
        let name = event["name"] as? String ?? ""
        let time = String(format: "%5.1f s", Date().timeIntervalSince(begun))
        if kind == "status" {
            let round = (data["iteration"] as? Int).map { ["coding", "testing"].contains(name) ? " (iteration \($0))" : "" } ?? ""
            say("  \(time)  \(name)\(round)")
        } else if let title = data["title"] as? String {
            say("  \(time)      \(title.prefix(110))")
        }
    }

    private func tell(_ task: [String: Any]) {
        guard let result = task["result"] as? [String: Any], let tests = result["test_results"] as? [String: Any] else { return }
        say("  branch \(result["branch"] as? String ?? "?"), commit \((result["commit_hash"] as? String ?? "").prefix(10))")
        say("  tests: \(tests["summary"] as? String ?? "")")
        for command in tests["commands"] as? [[String: Any]] ?? [] {
            let code = (command["exit_code"] as? Int).map { "exit \($0)" } ?? "ended"
            say("    \(code)  \(command["command"] as? String ?? "")")
        }
    }
}
