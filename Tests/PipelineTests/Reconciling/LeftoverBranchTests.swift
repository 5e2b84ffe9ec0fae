import Domain
import Foundation
import GitLabAPI
import Rehearsal
import Testing

@testable import Pipeline

@Suite("What a stopped task leaves in GitLab")
struct LeftoverBranchTests {
    private static let branch = "ai/1-write-notes"

    @Test("an empty branch goes, and its draft is closed", .timeLimit(.minutes(1)))
    func empty() async throws {
        try await Self.run(as: .cancelled) { (quiet: QuietGitLab, leftovers: inout LeftoverBranches) async throws -> Void in
            #expect(try await leftovers.look() == 1)
            #expect(try await quiet.merge().state == .closed)
            #expect(try await quiet.hasBranch() == false)
            #expect(try await leftovers.look() == 0)
        }
    }

    @Test("a branch with somebody's commit stays", .timeLimit(.minutes(1)))
    func used() async throws {
        try await Self.run(as: .cancelled) { (quiet: QuietGitLab, leftovers: inout LeftoverBranches) async throws -> Void in
            try await quiet.world.push(["b.txt": "b\n"], to: Self.branch, in: QuietGitLab.project, by: "dana")
            #expect(try await leftovers.look() == 0)
            #expect(try await quiet.merge().state == .opened)
            #expect(try await quiet.hasBranch())
        }
    }

    @Test("a failed task's draft stays, where its failure is told", .timeLimit(.minutes(1)))
    func failed() async throws {
        try await Self.run(as: .failed) { (quiet: QuietGitLab, leftovers: inout LeftoverBranches) async throws -> Void in
            #expect(try await leftovers.look() == 0)
            #expect(try await quiet.hasBranch())
        }
    }

    private static func run(
        as status: TaskStatus, _ body: @Sendable @escaping (QuietGitLab, inout LeftoverBranches) async throws -> Void
    ) async throws {
        try await QuietGitLab.run { quiet in
            let project = try await quiet.projectID
            _ = try await quiet.access.client.createBranch(branch, from: "main", projectID: project)
            _ = try await quiet.world.openMergeRequest(in: QuietGitLab.project, from: branch, title: "Draft: notes", by: "ai-coder")
            let task = CodingTask(
                id: try #require(TaskID(rawValue: "stopped")), intent: "write notes",
                origin: .gitLab(
                    GitLabOrigin(
                        projectID: project, projectPath: QuietGitLab.project, subject: .issue(iid: 1), trigger: .comment,
                        requester: .init(id: 1, username: "dana", name: "Dana"), at: Date())), createdAt: Date())
            _ = try await quiet.store.submit(task)
            let owner = LeaseOwner(host: "here", processID: 1, processStart: 1, name: "test")
            _ = try await quiet.store.claim(task.id, owner: owner, for: .seconds(60))
            var result = TaskResult(taskID: task.id, status: status)
            result.branch = branch
            result.mergeRequest = .init(iid: 1, webURL: "", isDraft: true)
            try await quiet.store.finish(task.id, owner: owner, result: result, entries: [])
            var leftovers = LeftoverBranches(parts: quiet.parts, gitLab: quiet.access)
            try await body(quiet, &leftovers)
        }
    }
}

extension QuietGitLab {
    fileprivate func merge() async throws -> GitLabWorld.MergeRequest { try #require(await world.mergeRequests.values.first) }

    fileprivate func hasBranch() async throws -> Bool {
        try await access.client.branch("ai/1-write-notes", projectID: try await projectID) != nil
    }
}
