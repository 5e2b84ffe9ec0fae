import Domain
import Foundation
import Logging
import Outbox
import Secrets
import Testing

@testable import ai_coder

@Suite("Which secret signs a task's status")
struct StatusRouteTests {
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func route(_ given: Secret?, origin: CodingTask.Origin = .commandLine, hasOwn: Bool = true, age: TimeInterval = 10) throws -> String {
        let id = try #require(TaskID(rawValue: "task_001"))
        var task = CodingTask(id: id, repositoryURL: "/r", intent: "x", origin: origin, createdAt: Date(timeIntervalSince1970: 0))
        task.hasOwnWebhookSecret = hasOwn ? true : nil
        let settings = Settings.StatusWebhook(url: "https://hook.example.com", secret: Secret("the configured one"))
        return switch StatusRoute(task: task, settings: settings, given: given, now: Date(timeIntervalSince1970: age)).route(logger) {
        case .send(let target): "sent with \(target.secrets.count)"
        case .skip: "skipped"
        case .leave: "left"
        }
    }

    @Test("a task's own secret, or the configured one where it brought none")
    func known() throws {
        #expect(try route(Secret("its own")) == "sent with 1")
        #expect(try route(nil, hasOwn: false) == "sent with 1")
    }

    @Test("what had a secret that is forgotten is never sent: it waits a day for its command, and a service's is given up")
    func forgotten() throws {
        #expect(try route(nil) == "left")
        #expect(try route(nil, age: 100_000) == "skipped")
        #expect(try route(nil, origin: .api) == "skipped")
    }
}
