import Domain
import Foundation
import Secrets
import TestSupport
import Testing

@testable import Pipeline

@Suite("Secrets that came with a task")
struct TaskCredentialsTests {
    private static func id(_ text: String) throws -> TaskID { try #require(TaskID(rawValue: text)) }
    private static let given = TaskCredentials.Given(gitLabToken: Secret("glpat-something"), webhookSecret: nil)

    @Test("A63: they stay a day after the task has ended, long enough to do it again, and not longer")
    func stay() throws {
        let clock = HandClock()
        let credentials = TaskCredentials(now: { clock.now })
        credentials.keep(Self.given, for: try Self.id("t1"))
        clock.advance(seconds: 5 * 24 * 3600)
        credentials.end(try Self.id("t1"))
        clock.advance(seconds: 23 * 3600)
        credentials.carry(from: try Self.id("t1"), to: try Self.id("t2"))
        #expect(credentials.secrets(of: try Self.id("t2")) != nil)
        clock.advance(seconds: 2 * 3600)
        credentials.end(try Self.id("other"))
        #expect(credentials.secrets(of: try Self.id("t1")) == nil)
        #expect(credentials.secrets(of: try Self.id("t2")) != nil)
        credentials.carry(from: try Self.id("t1"), to: try Self.id("t3"))
        #expect(credentials.secrets(of: try Self.id("t3")) == nil)
    }

    @Test("those of many ended tasks don't pile up")
    func many() throws {
        let clock = HandClock()
        let credentials = TaskCredentials(now: { clock.now })
        for number in 0..<1100 {
            credentials.keep(Self.given, for: try Self.id("t\(number)"))
            credentials.end(try Self.id("t\(number)"))
            clock.advance(seconds: 1)
        }
        #expect(credentials.secrets(of: try Self.id("t0")) == nil)
        #expect(credentials.secrets(of: try Self.id("t1099")) != nil)
    }
}
