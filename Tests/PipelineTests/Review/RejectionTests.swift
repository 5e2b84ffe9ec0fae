import Testing

@testable import Pipeline

@Suite("Whether a reply says that a finding is to be let be")
struct RejectionTests {
    @Test(
        "it does",
        arguments: [
            "Won't fix.", "won’t fix", "wontfix", "We won't fix this.", "I will not fix that one", "That's by design, won't fix.", "This is by design",
            "A false positive, I think.", "That is not a bug", "It works as intended.", "working as designed", "This is intentional.",
            "We do that intentionally", "I disagree", "It's not worth it, won't fix", "No need to change this", "> starts at one\nNot an issue.",
            "Is it wrong? No, it's by design.",
            "不改", "这个不改了", "先不修吧。", "不用改", "误报", "这不是问题", "这里是故意的", "就是这样设计的",
        ])
    func isMeant(_ words: String) { #expect(Rejection.isMeant(by: words)) }

    @Test(
        "it does not",
        arguments: [
            "", "That is unintentional, thanks", "It doesn't work as intended", "This isn't intentional", "not by design", "That's never intended by design",
            "Make it work as intended", "It should be as designed", "I don't disagree", "Is this intentional?", "won't fix?", "Is this by design, or not?",
            "I'm not convinced it's a false positive", "Why is that by design?",
            "This won't fix it", "That change won't fix the sum", "> won't fix\nWhy not?", "It is not a false positive", "If you won't fix it, I will.",
            "Please fix it", "Thanks!", "要不改一下", "不改不行", "为什么不改", "不是误报", "这不是故意的", "是不是误报？", "请改一下", "如果不改会怎样",
        ])
    func isNotMeant(_ words: String) { #expect(!Rejection.isMeant(by: words)) }
}
