import Foundation
import Testing

@testable import GitLabAPI

@Suite("Times as GitLab writes them")
struct GitLabTimeTests {
    @Test(
        "every form gives the same moment",
        arguments: [
            "2026-11-02 09:15:00 UTC", "2026-11-02T09:15:00Z", "2026-11-02T09:15:00.000Z", "2026-11-02 11:15:00 +0200",
            "2026-11-02T04:15:00-05:00", "2026-11-02 09:15:00",
        ])
    func forms(_ text: String) {
        #expect(GitLabTime(text)?.date.timeIntervalSince1970 == 1_793_610_900)
    }

    @Test(
        "fractions, leap days, bare days and early years",
        arguments: [
            ("2021-02-23T02:41:37.886Z", 1_614_048_097.886), ("2024-02-29", 1_709_164_800), ("1970-01-01 00:00:00 UTC", 0),
            ("1969-12-31 23:59:59 UTC", -1),
        ])
    func values(_ text: String, seconds: Double) throws {
        let time = try #require(GitLabTime(text))
        #expect(abs(time.date.timeIntervalSince1970 - seconds) < 0.001)
    }

    @Test(
        "anything else is no time",
        arguments: [
            "", "yesterday", "2026-13-01", "2026-1-1", "2026-11-02 25:00:00 UTC", "2026-11-02T09:15:00X", "2026-11-02 09:15:00 UTC!",
            String(repeating: "2", count: 10_000),
        ])
    func refused(_ text: String) {
        #expect(GitLabTime(text) == nil)
    }
}
