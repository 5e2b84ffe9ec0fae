import Foundation
import GitLabAPI
import Testing

@Suite("What an operator is told about GitLab's side")
struct OperatorAdviceTests {
    private static func delivery(_ status: String, _ body: String = "") throws -> GitLabHookDelivery {
        let json = try JSONSerialization.data(withJSONObject: ["id": 1, "response_status": status, "response_body": body])
        return try JSONDecoder().decode(GitLabHookDelivery.self, from: json)
    }

    @Test(
        "a failed delivery has the remedy of its own kind; a local address is blamed only when GitLab does",
        arguments: [
            ("401", "", "webhooks install"), ("413", "", "26 MiB"), ("302", "", "redirect"), ("404", "", "PUBLIC_URL"), ("503", "", "logs"),
            ("internal error", "URL is blocked: Requests to the local network are not allowed", "Outbound requests"),
            ("internal error", "Net::ReadTimeout with #<TCPSocket:(closed)>", "in time"),
            ("internal error", "SSL_connect returned=1 errno=0 state=error: certificate verify failed", "certificate"),
            ("internal error", "Failed to open TCP connection (Connection refused)", "could not reach"),
        ])
    func delivery(status: String, body: String, words: String) throws {
        let trouble = try #require(try Self.delivery(status, body).trouble)
        #expect(trouble.contains(words))
        #expect(trouble.contains("Outbound requests") == (words == "Outbound requests"))
    }

    @Test("a delivery that went well is no trouble", arguments: ["200", "202", "204"])
    func delivered(status: String) throws { #expect(try Self.delivery(status).trouble == nil) }

    private static func objections(_ rules: [String: Any]) throws -> [GitLabPushRules.Objection] {
        try JSONDecoder().decode(GitLabPushRules.self, from: JSONSerialization.data(withJSONObject: rules))
            .objections(branch: "ai/1-example", message: "Change an example\n\nTask-Id: 01E\n", email: "bot@example.com")
    }

    @Test("push rules that the bot keeps to are no trouble")
    func kept() throws {
        let rules: [String: Any] = [
            "branch_name_regex": "^(ai|feature)/", "commit_message_regex": "^[A-Z]", "commit_message_negative_regex": "WIP",
            "author_email_regex": "@example\\.com$", "reject_unsigned_commits": false, "member_check": false,
        ]
        #expect(try Self.objections(rules).isEmpty)
        #expect(try Self.objections(["branch_name_regex": "", "commit_message_regex": NSNull()]).isEmpty)
    }

    @Test("each push rule that the bot would break is told")
    func broken() throws {
        for (rule, value, words) in [
            ("branch_name_regex", "^feature/", "ai/1-example"), ("commit_message_regex", "JIRA-[0-9]+", "Task-Id"),
            ("commit_message_negative_regex", "example", "Task-Id"), ("author_email_regex", "@corp\\.example$", "bot@example.com"),
        ] {
            let found = try Self.objections([rule: value])
            #expect(found.count == 1 && found.allSatisfy { $0.isCertain && $0.text.contains(words) && $0.text.contains(value) }, "\(rule)")
        }
        #expect(try Self.objections(["reject_unsigned_commits": true]).map(\.isCertain) == [true])
        #expect(try Self.objections(["member_check": true, "commit_committer_check": true]).map(\.isCertain) == [false, false])
        #expect(try Self.objections(["branch_name_regex": "(unclosed"]).map(\.isCertain) == [false])
    }
}
