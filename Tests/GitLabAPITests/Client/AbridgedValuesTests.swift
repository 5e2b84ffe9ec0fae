import Foundation
import GitLabAPI
import Testing

@Suite("Values with little in them")
struct AbridgedValuesTests {
    private func read<Value: Decodable>(_ text: String) throws -> Value { try JSONDecoder().decode(Value.self, from: Data(text.utf8)) }

    @Test("an issue with its numbers and title alone is open and no secret")
    func issue() throws {
        let issue: GitLabIssue = try read(#"{"id": 1000, "iid": 7, "title": "Add a page"}"#)
        #expect(issue.state == "opened" && !issue.isConfidential && issue.iid == 7)
    }

    @Test(
        "a merge request is a fork's when its source project is another or gone, not when none is named",
        arguments: [
            ("", false), (#", "source_project_id": null, "target_project_id": 5"#, true),
            (#", "source_project_id": 6, "target_project_id": 5"#, true), (#", "source_project_id": 5, "target_project_id": 5"#, false),
        ])
    func mergeRequest(projects: String, isFromFork: Bool) throws {
        let merge: GitLabMergeRequest = try read(#"{"id": 500, "iid": 1, "source_branch": "a", "target_branch": "main"\#(projects)}"#)
        #expect(merge.isFromFork == isFromFork && merge.isOpen)
    }

    @Test(
        "names tell the accounts of tokens and services where profiles can't be read",
        arguments: [
            ("project_12_bot", true), ("project_12_bot2", true), ("project_7_bot_0a1b2c", true), ("group_3_bot_ffee", true),
            ("service_account_9", true), ("ghost", true), ("ghost1", true), ("dana", false), ("project_bot", false), ("my_project_12_bot", false),
            ("ghostwriter", false),
        ])
    func bots(name: String, isBot: Bool) {
        #expect(GitLabUser.isNameOfBot(name) == isBot)
    }
}
