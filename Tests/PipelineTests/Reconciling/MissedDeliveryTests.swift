import Domain
import Foundation
import GitLabAPI
import Rehearsal
import TestSupport
import Testing

@testable import Pipeline

@Suite("Deliveries that failed")
struct MissedDeliveryTests {
    /// Answers as it is told, and keeps the keys of what came.
    private actor Receiver {
        var status = "503 Service Unavailable"
        var keys: [String] = []
        func set(_ status: String) { self.status = status }
        func take(_ request: String) -> String {
            let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("idempotency-key:") }
            keys.append(line.map { $0.dropFirst("idempotency-key:".count).trimmingCharacters(in: .whitespaces) } ?? "")
            return "HTTP/1.1 \(status)\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        }
    }

    private static func run(
        botIs role: GitLabWorld.AccessLevel, comments: Int, _ body: @Sendable @escaping (QuietGitLab, Receiver) async throws -> Void
    ) async throws {
        let receiver = Receiver()
        try await ByteServer.serving { connection in
            while let request = await connection.request() { try await connection.write(await receiver.take(request)) }
        } during: { port in
            let address = "http://127.0.0.1:\(port)"
            try await QuietGitLab.run(botIs: role, publicURL: address) { quiet in
                // What makes the project known: some delivery came through before.
                _ = try await quiet.store.accept(
                    NewDelivery(
                        id: "earlier", meaning: nil, receivedAt: Date(), event: "Note Hook", projectID: try await quiet.projectID,
                        projectPath: QuietGitLab.project, task: nil, reason: "no_command"))
                try await quiet.world.installHook(in: QuietGitLab.project, url: "\(address)/webhooks/gitlab")
                for number in 1...comments {
                    try await quiet.world.comment("Comment \(number)", on: .issue(QuietGitLab.project, 1), by: "dana")
                    await quiet.world.untilDeliveries(number)
                }
                await receiver.set("202 Accepted")
                try await body(quiet, receiver)
            }
        }
    }

    @Test("are asked for again, once each, with the same key", .timeLimit(.minutes(1)))
    func resent() async throws {
        try await Self.run(botIs: .maintainer, comments: 2) { (quiet: QuietGitLab, receiver: Receiver) async throws -> Void in
            var missed = MissedDeliveries(parts: quiet.parts, gitLab: quiet.access)
            #expect(try await missed.look() == 2)
            let keys = await receiver.keys
            #expect(keys.count == 4)
            #expect(Array(keys.prefix(2)) == Array(keys.suffix(2)))
            #expect(try await missed.look() == 0)
        }
    }

    @Test("are left alone when the service knows them all the same", .timeLimit(.minutes(1)))
    func known() async throws {
        try await Self.run(botIs: .maintainer, comments: 1) { (quiet: QuietGitLab, receiver: Receiver) async throws -> Void in
            let key = try #require(await receiver.keys.first)
            _ = try await quiet.store.accept(
                NewDelivery(
                    id: key, meaning: nil, receivedAt: Date(), event: "Note Hook", projectID: try await quiet.projectID,
                    projectPath: QuietGitLab.project, task: nil, reason: "no_command"))
            var missed = MissedDeliveries(parts: quiet.parts, gitLab: quiet.access)
            #expect(try await missed.look() == 0)
            #expect(await receiver.keys.count == 1)
        }
    }

    @Test("that made GitLab pause the webhook: a sample switches it on again", .timeLimit(.minutes(1)))
    func paused() async throws {
        try await Self.run(botIs: .maintainer, comments: 4) { (quiet: QuietGitLab, _: Receiver) async throws -> Void in
            func status() async throws -> String? {
                try await quiet.access.client.hooks(of: .project(.path(QuietGitLab.project))).first?.alertStatus
            }
            #expect(try await status() == "temporarily_disabled")
            var missed = MissedDeliveries(parts: quiet.parts, gitLab: quiet.access)
            #expect(try await missed.look() == 4)
            #expect(try await status() == "executable")
        }
    }

    @Test("can't be read with the role Developer, which stops nothing", .timeLimit(.minutes(1)))
    func forbidden() async throws {
        try await Self.run(botIs: .developer, comments: 1) { (quiet: QuietGitLab, receiver: Receiver) async throws -> Void in
            var missed = MissedDeliveries(parts: quiet.parts, gitLab: quiet.access)
            #expect(try await missed.look() == 0)
            #expect(await receiver.keys.count == 1)
        }
    }
}
