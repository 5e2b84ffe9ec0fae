package import Foundation

extension GitLabWorld {
    package struct Hook: Sendable {
        package enum Owner: Sendable, Equatable {
            case project(Int)
            case group(Int)
        }

        package let id: Int
        package let owner: Owner
        package var url: String
        package var name: String?
        package var description: String?
        package var token: String?
        package var signingToken: String?
        /// The `..._events` switches that are on.
        package var switches: Set<String>
        package var pushBranchFilter: String?
        package var verifiesTLS = true
        package var customHeaders: [String: String] = [:]
        package var failuresInARow = 0
        package var disabledUntil: Date?
        package let createdAt: Date

        static let knownSwitches = [
            "push_events", "tag_push_events", "issues_events", "confidential_issues_events", "note_events",
            "confidential_note_events", "merge_requests_events", "job_events", "pipeline_events", "wiki_page_events",
            "deployment_events", "releases_events", "emoji_events", "resource_access_token_events",
            "feature_flag_events", "milestone_events", "vulnerability_events",
        ]

        /// GitLab pauses a hook from the fourth failure in a row, and gives it up at the fortieth.
        static let failuresBeforePause = 4
        static let failuresBeforeEnd = 40

        func alertStatus(at now: Date) -> String {
            if failuresInARow >= Self.failuresBeforeEnd { return "disabled" }
            if let disabledUntil, disabledUntil > now { return "temporarily_disabled" }
            return "executable"
        }

        mutating func noteDelivery(succeeded: Bool, at now: Date) {
            guard !succeeded else {
                failuresInARow = 0
                disabledUntil = nil
                return
            }
            failuresInARow = min(failuresInARow + 1, Self.failuresBeforeEnd)
            guard failuresInARow >= Self.failuresBeforePause, failuresInARow < Self.failuresBeforeEnd else { return }
            let minutes = min(24 * 60, 1 << min(11, failuresInARow - Self.failuresBeforePause))
            disabledUntil = now.addingTimeInterval(Double(minutes) * 60)
        }
    }

    /// One attempt to deliver, as "Recent events" shows it.
    package struct Delivery: Sendable {
        package let id: Int
        package let hookID: Int
        package let url: String
        package let trigger: String
        package let eventName: String
        package let idempotencyKey: String
        package let requestHeaders: [String: String]
        package let body: [UInt8]
        package let responseStatus: String
        package let responseBody: String
        package let responseHeaders: [String: String]
        package let seconds: Double
        package let createdAt: Date
        package var succeeded: Bool { (Int(responseStatus) ?? 0) >= 200 && (Int(responseStatus) ?? 0) < 400 }
    }
}
