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
            "resolve the conflicts with the target branch",
        ])
    func conflicts(_ words: String) { #expect(ConflictRecipe.isMeant(words)) }

    @Test(
        "talk of conflicts in general is not",
        arguments: ["", "resolve the conflicts in the booking calendar", "handle write conflicts in the store", "explain the conflicts"])
    func notConflicts(_ words: String) { #expect(!ConflictRecipe.isMeant(words)) }
}
