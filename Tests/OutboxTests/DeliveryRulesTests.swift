import Foundation
import Testing
import Transport

@testable import Outbox

@Suite("When a message is tried again")
struct DeliveryRulesTests {
    private func rules(random: Double) -> DeliveryRules {
        var rules = DeliveryRules()
        rules.random = { random }
        rules.now = { Date(timeIntervalSince1970: 784_111_770) }
        return rules
    }

    @Test("waits double from try to try, spread by a quarter to either side", arguments: [(0, 1.0), (1, 2), (2, 4), (3, 8)])
    func backoff(_ failures: Int, _ wait: Double) {
        #expect(rules(random: 0).verdict(status: 500, headers: [:], failures: failures) == .again(after: wait * 0.75))
        #expect(rules(random: 0.5).verdict(status: nil, headers: [:], failures: failures) == .again(after: wait))
    }

    @Test("the fifth failure is the last", arguments: [nil, 500, 503, 404, 429, 302, 100])
    func last(_ status: Int?) {
        #expect(rules(random: 0).verdict(status: status, headers: [:], failures: 4) == .givenUp)
        #expect(rules(random: 0).verdict(status: status, headers: [:], failures: 3) != .givenUp)
    }

    @Test("every 2xx is a delivery, 410 the end", arguments: [(200, true), (202, true), (204, true), (299, true), (410, false)])
    func final(_ status: Int, _ isDelivered: Bool) {
        let verdict = rules(random: 0).verdict(status: status, headers: ["Retry-After": "5"], failures: 0)
        #expect(verdict == (isDelivered ? .delivered : .givenUp))
    }

    @Test(
        "Retry-After is honoured as seconds and as a date, never undercut, and bounded",
        arguments: [("7", 7.0), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 7), ("999999", 3600), ("soon", 0.75)])
    func retryAfter(_ value: String, _ wait: Double) {
        #expect(rules(random: 0).verdict(status: 503, headers: ["Retry-After": value], failures: 0) == .again(after: wait))
    }
}
