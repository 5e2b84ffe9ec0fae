import Domain
import Foundation
import Rehearsal
import Testing

/// Tasks whose repository is on a GitLab, given in every way there is; their result is what a script reads from stdout.
@Suite("A task from the command line that opens a merge request", .serialized)
struct OneShotMergeRequestTests {
    struct Scene: Sendable {
        var shot: OneShotScene
        var world: GitLabWorld
        var token: String
        var repository: String
        var url: String

        var task: [String: Any] { ["task_id": "task_001", "repo_url": repository, "intent": "do what is to be done"] }

        static func json(_ task: [String: Any]) throws -> String { String(decoding: try JSONSerialization.data(withJSONObject: task), as: UTF8.self) }

        func run(_ arguments: [String], _ settings: [String: String] = [:], input: String? = nil) async throws -> Product.Outcome {
            try await OneShotProcess(arguments, environment: shot.environment.merging(settings) { $1 }, folder: shot.folder, input: input).outcome()
        }

        func mergeRequests() async throws -> Int { try await world.mergeRequests(of: AssembledBot.project).count }
    }

    private static func scene(_ body: @Sendable @escaping (Scene) async throws -> Void) async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: [:], prepare: "echo x >x") { shot in
            let gitLab = RehearsalGitLab(dataDirectory: "\(shot.folder)/gitlab")
            try await gitLab.serving { url in
                await gitLab.world.createUser(AssembledBot.person)
                try await gitLab.world.createProject(AssembledBot.project, by: AssembledBot.person, files: OneShotStage.files(nil))
                let token = try await gitLab.world.createToken(for: AssembledBot.person)
                let repository = try await gitLab.world.cloneURL(of: AssembledBot.project)
                try await body(Scene(shot: shot, world: gitLab.world, token: token, repository: repository, url: url))
            }
        }
    }

    @Test("with the token in the task alone, wherever GITLAB_URL points", .timeLimit(.minutes(2)), arguments: [nil, "https://gitlab.example.com"])
    func tokenInTask(configured: String?) async throws {
        try await Self.scene { scene in
            let task = scene.task.merging(["gitlab_api_token": scene.token, "create_merge_request": true]) { $1 }
            var settings = ["GITLAB_URL": configured ?? scene.url]
            // The configured token is another GitLab's, and opens nothing here.
            if configured != nil { settings["GITLAB_API_TOKEN"] = "glpat-of-another-gitlab" }
            let outcome = try await scene.run([Scene.json(task)], settings)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            let made = try #require(json["merge_request"] as? [String: Any], "\(outcome.output) \(outcome.errors)")
            #expect(made["iid"] as? Int == 1 && made["draft"] as? Bool == false)
            #expect(made["web_url"] as? String == "\(scene.url)/\(AssembledBot.project)/-/merge_requests/1")
            #expect(try await scene.world.mergeRequest(1, of: AssembledBot.project).sourceBranch == "ai/task_001")
            #expect(!(outcome.output + outcome.errors).contains(scene.token))
        }
    }

    @Test(
        "named by the environment, as CREATE_MERGE_REQUEST wants it", .timeLimit(.minutes(2)),
        arguments: [("auto", 1), ("always", 1), ("never", 0)])
    func environment(wish: String, expected: Int) async throws {
        try await Self.scene { scene in
            let settings = [
                "REPO_URL": scene.repository, "TASK_INTENT": "do what is to be done", "TASK_ID": "task_001", "CREATE_MERGE_REQUEST": wish,
                "GITLAB_URL": scene.url, "GITLAB_API_TOKEN": scene.token,
            ]
            let outcome = try await scene.run([], settings)
            let result = try OneShotScene.result(outcome)
            #expect(outcome.exitCode == 0 && result.status == .completed, "\(result.error ?? "") \(outcome.errors)")
            #expect(result.branch == "ai/task_001")
            #expect((result.mergeRequest != nil) == (expected == 1), "\(outcome.errors)")
            #expect(try await scene.mergeRequests() == expected)
        }
    }

    @Test("asked for where there is no GitLab, it fails as configuration and says where the work is", .timeLimit(.minutes(2)))
    func noGitLab() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { shot in
            let task: [String: Any] = ["task_id": "task_001", "repo_url": shot.origin, "intent": "x", "create_merge_request": true]
            let outcome = try await OneShotProcess([Scene.json(task)], environment: shot.environment, folder: shot.folder).outcome()
            let result = try OneShotScene.result(outcome)
            #expect(outcome.exitCode == 2 && result.errorKind == .configuration)
            #expect(result.error?.contains("ai/task_001") == true && result.error?.contains("gitlab_api_token") == true)
        }
    }

    @Test("read from standard input or from a file, quietly", .timeLimit(.minutes(2)), arguments: [true, false])
    func read(fromInput: Bool) async throws {
        try await Self.scene { scene in
            let json = try Scene.json(scene.task.merging(["gitlab_api_token": scene.token, "create_merge_request": false]) { $1 })
            let file = "\(scene.shot.folder)/task.json"
            try Data(json.utf8).write(to: URL(fileURLWithPath: file))
            let outcome = try await scene.run(
                fromInput ? ["run", "--quiet", "-"] : ["run", "--quiet", "--file", file], input: fromInput ? json : nil)
            let result = try OneShotScene.result(outcome)
            #expect(outcome.exitCode == 0 && result.status == .completed, "\(result.error ?? "")")
            #expect(outcome.errors == "")
            #expect(try await scene.world.file("NOTES.md", on: "ai/task_001", of: AssembledBot.project) == "Notes.\n")
            #expect(try await scene.mergeRequests() == 0)
        }
    }
}
