import Testing

@testable import Pipeline

@Suite("What “do” means on a merge request")
struct RequestWordsTests {
    @Test(
        "all open threads are meant",
        arguments: [
            "address all comments", "Address all review comments.", "please work through the open threads", "resolve all discussions",
            "fix all of the findings on this MR", "apply all suggestions, please", "address the\nreview feedback", "处理所有评论",
        ])
    func threads(_ words: String) { #expect(ThreadsRecipe.isMeant(words)) }

    @Test(
        "a more precise request is one like any other",
        arguments: [
            "", "address all comments about naming", "remove all comments from main.py", "fix the tests", "add suggestions to the search box",
            "resolve all conflicts",
        ])
    func notThreads(_ words: String) { #expect(!ThreadsRecipe.isMeant(words)) }

    @Test(
        "the conflicts are meant",
        arguments: [
            "resolve the conflicts", "Fix merge conflicts!", "please resolve all merge conflicts with main", "solve the conflict", "解决冲突",
            "resolve the conflicts with the target branch", "merge main into this branch", "resolve the conflicts, keep both entries",
        ])
    func conflicts(_ words: String) { #expect(ConflictRecipe.isMeant(words)) }

    @Test(
        "talk of conflicts in general is not",
        arguments: [
            "", "resolve the conflicts in the booking calendar", "handle write conflicts in the store", "explain the conflicts",
            "fix the conflict: two users book the same slot", "merge this into the branch", "merge the two tables",
        ])
    func notConflicts(_ words: String) { #expect(!ConflictRecipe.isMeant(words)) }

    @Test(
        "what else was said goes with a merge",
        arguments: [
            ("resolve the conflicts, keep both entries", nil, "keep both entries", false),
            ("Please fix the merge conflicts with main: ours wins in a.txt", nil, "ours wins in a.txt", false),
            ("resolve the conflicts and prefer what main says", nil, "and prefer what main says", false),
            ("resolve the conflicts\n\nKeep the older name.", nil, "Keep the older name", false), ("解决冲突，保留两边", nil, "保留两边", false),
            ("merge main into this branch", "main", "", true), ("Merge the latest main branch into this MR, please.", "main", "", true),
            ("merge the target branch into the source branch and keep both", "target", "and keep both", true),
            ("update this branch with main", "main", "", true), ("bring the branch up to date with origin/main; ours wins", "origin/main", "ours wins", true),
            ("merge release/2.x into this branch", "release/2.x", "", true), ("resolve conflicts with release/2.0. Keep both", nil, "Keep both", false),
            ("把main合并到这个分支", "main", "", true),
        ] as [(String, String?, String, Bool)])
    func wishes(_ words: String, branch: String?, wishes: String, wantsMerge: Bool) throws {
        let request = try #require(ConflictRequest(words))
        #expect(request.branch == branch && request.wishes == wishes && request.wantsMerge == wantsMerge, "\(request)")
    }

    @Test("words that may mean other work mean a merge only with the target branch's name", arguments: [("main", true), ("tests", false)])
    func vague(_ name: String, isMerge: Bool) throws {
        let request = try #require(ConflictRequest("update this branch with \(name)"))
        #expect(request.isVague && request.means("main") == isMerge)
        #expect(ConflictRequest("update this branch with the new logo") == nil)
    }

    @Test("only the target branch is merged", arguments: [("main", true), ("origin/main", true), ("target", true), ("develop", false)])
    func target(_ name: String, isTarget: Bool) throws {
        #expect(try #require(ConflictRequest("merge \(name) into this branch")).means("main") == isTarget)
    }
}
