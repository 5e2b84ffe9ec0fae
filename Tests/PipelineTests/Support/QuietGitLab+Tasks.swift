import Domain
import Foundation
import Rehearsal
import Testing

@testable import Pipeline

extension QuietGitLab {
    static let owner = LeaseOwner(host: "here", processID: 1, processStart: 1, name: "w")
    static let issue = GitLabWorld.Place.issue(project, 1)

    /// A person of the project; nil makes one that is no member.
    func person(_ username: String, _ role: GitLabWorld.AccessLevel?) async throws -> GitLabOrigin.Person {
        let user = await world.createUser(username)
        if let role { try await world.setMember(username, of: Self.project, role) }
        return GitLabOrigin.Person(id: Int64(user.id), username: username, name: username)
    }

    var dana: GitLabOrigin.Person {
        get async throws {
            let user = try #require(await world.users.values.first { $0.username == "dana" })
            return GitLabOrigin.Person(id: Int64(user.id), username: "dana", name: "dana")
        }
    }

    /// A comment as people write it; its number, for the origin of a task.
    func asked(_ text: String, by username: String = "dana", on place: GitLabWorld.Place = issue) async throws -> Int64 {
        Int64(try #require(try await world.comment(text, on: place, by: username)).id)
    }

    /// A task as a delivery would make it, on the issue.
    func task(
        _ id: String, _ kind: CodingTask.Kind, _ intent: String = "", by person: GitLabOrigin.Person, trigger: GitLabOrigin.Trigger = .comment,
        _ detail: (inout GitLabOrigin) -> Void = { _ in }
    ) async throws -> CodingTask {
        var origin = GitLabOrigin(
            projectID: try await projectID, projectPath: Self.project, subject: .issue(iid: 1), trigger: trigger, requester: person,
            at: Date().addingTimeInterval(60))
        detail(&origin)
        return CodingTask(id: try #require(TaskID(rawValue: id)), kind: kind, intent: intent, origin: .gitLab(origin), createdAt: Date())
    }

    /// Submits a task and runs it to its end; whatever needs a model ends there, for there is none.
    @discardableResult
    func perform(_ task: CodingTask) async throws -> TaskRecord {
        _ = try await store.submit(task)
        let record = try #require(try await store.claim(task.id, owner: Self.owner, for: .seconds(60)))
        _ = try await TaskWorker(parts: parts, owner: Self.owner, onCancel: .end).run(record)
        return try #require(try await store.task(task.id))
    }

    /// A task that was submitted and taken up.
    func run(of task: CodingTask) async throws -> TaskRun {
        _ = try await store.submit(task)
        _ = try #require(try await store.claim(task.id, owner: Self.owner, for: .seconds(60)))
        let steps = DurableSteps(journal: store, taskID: task.id, owner: Self.owner, redactor: parts.redactor)
        return TaskRun(task: task, parts: parts, journal: TaskJournal(task: task, steps: steps, progress: 0), logger: parts.logger)
    }

    /// Its desk.
    func desk(of task: CodingTask) async throws -> GitLabDesk {
        try await GitLabDesk.open(run: run(of: task), origin: try #require(task.gitLab), gitLab: access)
    }

    /// What the bot has written on the issue.
    func said() async throws -> [GitLabWorld.Note] {
        var said: [GitLabWorld.Note] = []
        for note in try await world.comments(on: Self.issue) where await world.username(ofUser: note.authorID) == "ai-coder" { said.append(note) }
        return said
    }
}
