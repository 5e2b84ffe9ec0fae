import Testing

@testable import Workspaces

@Suite("Commit messages")
struct CommitMessageTests {
    @Test("subject, body and trailers stand in paragraphs of their own")
    func shape() {
        let message = CommitMessage("Add a login page.\n\nPeople had no way in.\n\n- form\n- test\n", taskID: "task_1", requestedBy: "Ann (@ann)")
        #expect(message.text == "Add a login page\n\nPeople had no way in.\n\n- form\n- test\n\nTask-Id: task_1\nRequested-by: Ann (@ann)\n")
    }

    @Test("a long first line goes on in the body, and no line at all gets a subject")
    func subject() {
        let long = CommitMessage("Rework the way in which the settings are read so that each error names its key and the value")
        #expect(long.subject.count <= 72 && long.subject.hasSuffix("…") && long.body.hasPrefix("…"))
        #expect(CommitMessage(" \n\n").subject == "Change files as asked")
        #expect(CommitMessage("### Fix the parser\r\nwhy").text == "Fix the parser\n\nwhy\n")
    }

    @Test(
        "A37: nothing that the model writes closes an issue, skips a pipeline or names people",
        arguments: [
            ("Closes #12", "Touches #12"), ("this fixes: #3 and #4", "this touches: #3 and #4"), ("RESOLVED group/p#7", "Touched group/p 7"),
            ("Implements https://h/g/p/-/issues/1", "Touches h/g/p/-/issues/1"), ("closing issue #5", "touching issue #5"),
            ("fix GL-12", "touch GL-12"), ("Fixing JIRA-12", "Touching JIRA-12"), ("Disclosed #3", "DisTouched #3"),
            ("Fixes\n#12", "Touches\n\n#12"), ("Fix the parser", "Fix the parser"), ("Close the file", "Close the file"),
            ("Go [skip ci]", "Go (skip ci)"), ("Go [CI-SKIP]", "Go (CI-SKIP)"), ("Go [ci skip]", "Go (ci skip)"), ("Go [no ci]", "Go (no ci)"),
            ("Go [skip\u{200B} ci]", "Go (skip ci)"), ("Go ***NO_CI***", "Go (NO CI)"),
            // A letter that makes one character of itself and the sign behind it, and a sign that does so with the one before it.
            ("Go \u{D4E}[skip ci]", "Go \u{D4E}(skip ci)"), ("\u{D4E}Closes #12", "\u{D4E}Touches #12"), ("Closes #1\u{301}", "Touches #1\u{301}"),
            ("See \u{D4E}group/p#7", "See \u{D4E}group/p 7"),
            // References in the form of later versions, to neighbours of the project, and by an address.
            ("Closes [issue:12]", "Touches [issue:12]"), ("fixes [work_item:g/p/12]", "touches [work_item:g/p/12]"), ("See other#7", "See other 7"),
            ("See group&7 and g/p!8", "See group & 7 and g/p 8"), ("Like https://h/g/p/-/issues/7", "Like h/g/p/-/issues/7"),
            ("[x](https://h/g/p/-/merge_requests/7).", "[x](h/g/p/-/merge_requests/7)"), ("See https://h/docs/issues.html", "See https://h/docs/issues.html"),
            ("See #7 and !8", "See #7 and !8"),
            // A dot or a colon between letters ends no word for Unicode, but does for GitLab.
            ("a.fixes #1", "a.touches #1"), ("a:resolves #1", "a:touches #1"),
        ])
    func harmless(text: String, expected: String) {
        let shown = CommitMessage(text).text.dropLast()
        #expect(shown.lowercased() == expected.lowercased())
    }

    @Test(
        "A51: no text keeps the service busy for longer than its length allows", .timeLimit(.minutes(1)),
        arguments: ["a", "*", "a/", "[", "[ci no ", "close issue ", "closes a", "https://", " ", "\n", "a.", "A_", "issue: ", "\u{301}", "a:"])
    func endless(part: String) {
        let message = CommitMessage("Add\n\nclose issue \(String(repeating: part, count: 1 << 20))", taskID: "t")
        #expect(message.text.hasPrefix("Add\n") && message.text.hasSuffix("\nTask-Id: t\n"))
    }

    @Test("A37: no width of a gap hides a closing word", arguments: [1, 39, 40, 41, 5_000])
    func gaps(width: Int) {
        let gap = String(repeating: " ", count: width)
        #expect(CommitMessage("x\n\nCloses:\(gap)issues:\(gap)#1").body.hasPrefix("Touches:"))
        #expect(CommitMessage("x\n\nCloses\(gap)#1").body.hasPrefix("Touches "))
        #expect(!CommitMessage("x\n\n[skip\(gap)ci\(gap)]").body.contains("["))
    }

    @Test(
        "A37: trailers of the model's own making are taken out",
        arguments: [
            "Task-Id: other", "task-id : other", "Requested-by: Boss <boss@x>", "Signed-off-by: Boss <boss@x>", "Co-authored-by: B <b@x>", "CO-AUTHORED-BY: b",
            "  Reviewed-by: B", "Changelog: added", "Change-Id: I1", "\u{200B}Acked-by: B", "Signed-off-by:Boss <boss@x>", "Repairs-Pipeline: 7",
            "Co-authored-by:\u{301} B <b@x>", "Approved-By: B", "Author: B <b@x>",
        ])
    func trailers(line: String) {
        let message = CommitMessage("Add a page\n\nWhy.\n\n\(line)", taskID: "task_1")
        #expect(message.text == "Add a page\n\nWhy.\n\nTask-Id: task_1\n")
        #expect(CommitMessage("Add a page\n\(line)\n\nx").text == "Add a page\n\nx\n")
    }

    @Test("A37: a line that would hide the trailers, and values that would add some, are defused")
    func hidden() {
        let message = CommitMessage("Add\n\n---\ndiff --git a/x b/x\nend", taskID: "t\nSigned-off-by: x", requestedBy: "A\u{202E}nn\r\nCo-authored-by: B <b@x>")
        #expect(message.body == "- \n- diff --git a/x b/x\nend")
        #expect(message.text.hasSuffix("\n\nTask-Id: t Signed-off-by: x\nRequested-by: Ann Co-authored-by: B b@x\n"))
        #expect(message.text.split(separator: "\n").count { $0.hasPrefix("Signed") || $0.hasPrefix("Co-") } == 0)
    }
}
