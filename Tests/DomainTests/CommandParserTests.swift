import Testing

@testable import Domain

@Suite("Reading commands from notes")
struct CommandParserTests {
    let parser = CommandParser(trigger: "/ai", botUsername: "ai-bot")

    @Test(
        "each verb is its command, whatever its case",
        arguments: [
            ("/ai do add a login page", Command.change("add a login page")),
            ("/ai DO add it", .change("add it")),
            ("/ai\tdo\tadd it", .change("add it")),
            ("/ai   do   add it  ", .change("add it")),
            ("/ai do", .change("")),
            ("/ai do: add it", .change("add it")),
            ("/ai review", .review("")),
            ("/ai Review the locking", .review("the locking")),
            ("/ai ask why?", .answer("why?")),
            ("/ai plan it", .plan("it")),
            ("/ai approve", .approve("")),
            ("/ai fix", .fix("")),
            ("/ai stop", .stop),
            ("/ai stop.", .stop),
            ("/ai status please", .status),
            ("/ai retry", .retry),
            ("/ai HELP", .help),
            ("/ai", .unknown(word: "")),
            ("/ai ", .unknown(word: "")),
            ("/ai dance now", .unknown(word: "dance")),
            ("@ai-bot add a test", .change("add a test")),
            ("@AI-Bot, add a test", .change("add a test")),
            ("@ai-bot: add a test", .change("add a test")),
            ("@ai-bot review this", .change("review this")),
        ])
    func verb(_ note: String, is command: Command) {
        #expect(parser.parse(note) == command)
    }

    @Test(
        "the text is the rest of the line and all that follows",
        arguments: [
            ("/ai do fix the parser\n\n- a\n- b\n", "fix the parser\n\n- a\n- b"),
            ("Hello,\n/ai do this\r\nand that", "this\nand that"),
            ("/ai do\nline two", "line two"),
            ("/ai do first\n/ai do second", "first\n/ai do second"),
            ("/ai do use\n```\ncode\n```\n", "use\n```\ncode\n```"),
            ("> somebody said\n\n/ai do it", "it"),
            ("> somebody said\n/ai do it", "it"),
            ("```\ncode\n```\n/ai do it", "it"),
            ("~~~\n```\n~~~\n/ai do it", "it"),
            ("# Title\n/ai do it", "it"),
            ("- item\n/ai do it", "it"),
            ("text with `code` and <b>bold</b>\n/ai do it", "it"),
            ("a stray ` backtick\n/ai do it", "it"),
            ("List<String> and x <y\n/ai do a > b", "a > b"),
            ("<!-- hidden --> text\n/ai do it", "it"),
            ("<!-- hidden -->\n/ai do it", "it"),
            ("<details>\n\nmore\n\n</details>\n\n/ai do it", "it"),
            ("<div>x</div>\n\n/ai do it", "it"),
            (">>>\nquoted\n>>>\n/ai do it", "it"),
            ("- ```\n  code\n  ```\n\n/ai do it", "it"),
            ("- ```\n  code\n/ai do it", "it"),
            ("<!-- never closed, in the middle of nothing\n\n-->\n/ai do it", "it"),
        ])
    func text(_ note: String, asks intent: String) {
        #expect(parser.parse(note) == .change(intent))
    }

    @Test(
        "A17: what is code, quoted, HTML or looks alike is no command",
        arguments: [
            "please /ai do it", " /ai do it", "    /ai do it", "\t/ai do it", "- /ai do it", "1. /ai do it", "# /ai do it",
            "> /ai do it", ">/ai do it", "> > /ai do it", ">>>\n/ai do it\n>>>", ">>>\n/ai do it",
            "`/ai do it`", "``/ai do it``", "`a\n/ai do it\n`", "``a ` b\n/ai do it``",
            "```\n/ai do it\n```", "```\n/ai do it", "~~~\n/ai do it\n~~~", "```swift\n/ai do it\n```", "````\n```\n/ai do it\n````",
            "   ```\n/ai do it\n   ```", "~~~\n```\n/ai do it\n~~~", "- ```\n  a\n\n  /ai do it\n  ```",
            "<!-- /ai do it -->", "<!--\n/ai do it\n-->", "<!--\n\n/ai do it\n\n-->", "<!--\n/ai do it", "text <!-- a\n/ai do it\n-->",
            "text <!-- a\n\nb --> /ai do it", "text <!-- a\n\nb -->/ai do it", "<!-- a -->/ai do it",
            "<div>\n/ai do it\n</div>", "<pre>\n\n/ai do it\n</pre>", "<script>\n\n/ai do it\n</script>", "<b>\n/ai do it\n</b>",
            "<details><summary>x</summary>\n\n/ai do it\n\n</details>", "<blockquote>\n\n/ai do it\n\n</blockquote>",
            "text <a title=\"\n/ai do it\n\">x</a>", "<?php\n/ai do it\n?>", "<![CDATA[\n/ai do it\n]]>",
            "/aido it", "/ai-do it", "/ai/do it", "/AI do it", "//ai do it", "\\/ai do it", "/ai\u{A0}do it", "/ai\u{200B} do it",
            "\u{FF0F}ai do it", "\u{2215}ai do it", "/\u{0430}i do it", "\u{200B}/ai do it", "\u{FEFF}/ai do it", "/a\u{0131} do it",
            "@ai-bot2 do it", "@ai-bot-x do it", "@ai-botdo it", "hello @ai-bot do it", "`@ai-bot do it`", "> @ai-bot do it",
            "", "\n\n", "no command here", "text\r/ai do it", "text\u{2028}/ai do it", "text\u{0B}/ai do it",
        ])
    func noCommand(_ note: String) {
        #expect(parser.parse(note) == nil)
    }

    @Test(
        "A17: invisible characters do not reach the task",
        arguments: [
            ("/ai do a\u{200B}b\u{202E}c\u{2066}d", "abcd"),
            ("/ai do x\u{E0041}\u{E0042}y", "xy"),
            ("/ai do \u{1B}[31mred\u{7}\u{0}", "[31mred"),
            ("/ai do 你好，世界", "你好，世界"),
            ("/ai do a\tb\r\nc\u{2028}d", "a\tb\nc\nd"),
            ("/ai do a\u{FE0F}\u{E0100}\u{3164}b", "ab"),
        ])
    func cleaned(_ note: String, asks intent: String) {
        #expect(parser.parse(note) == .change(intent))
    }

    @Test("A17: an unknown word is shown short and clean")
    func unknownWord() {
        #expect(parser.parse("/ai \u{202E}\(String(repeating: "x", count: 500))") == .unknown(word: String(repeating: "x", count: 40)))
        #expect(parser.parse("/ai d\u{200B}o it") == .unknown(word: "do"))
    }

    @Test(
        "A18: nothing in the text is an option",
        arguments: [
            "--model=gpt", "branch=main", "{{secret}}", "${HOME}", "$(id)", "max_iterations: 99", "[skip ci]",
        ])
    func noOptions(_ text: String) {
        #expect(parser.parse("/ai do \(text) now") == .change("\(text) now"))
    }

    @Test("another trigger, and no mention while the bot's name is unknown")
    func otherTrigger() {
        let parser = CommandParser(trigger: "/bot")
        #expect(parser.parse("/bot do it") == .change("it"))
        #expect(parser.parse("/ai do it") == nil)
        #expect(parser.parse("@ai-bot do it") == nil)
    }

    @Test("a mention is told from the trigger")
    func mention() {
        #expect(parser.mentionsBot("@ai-bot do it"))
        #expect(!parser.mentionsBot("/ai do it"))
        #expect(!parser.mentionsBot("/ai do it\n@ai-bot do it"))
    }

    @Test("A17: whatever surrounds it, fenced, quoted and commented commands stay silent, and a plain one is heard")
    func property() {
        var random = SplitMix(seed: 7)
        let pieces = [
            "text", "`code`", "a `b", "", "- item", "1. item", "> quote", "# head", "    indented", "x < y", "<b>bold</b>",
            "| a | b |", "***", "[l](http://x)", "\\`", "日本語", "end -->", "\"q\"",
        ]
        for _ in 0..<400 {
            let before = (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            let after = (0..<Int.random(in: 0...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            func note(_ middle: String) -> String { (before + ["", middle, ""] + after).joined(separator: "\n") }
            #expect(parser.parse(note("```\n/ai do bad\n```")) == nil)
            #expect(parser.parse(note("~~~~ swift\n\n/ai do bad\n\n~~~~")) == nil)
            #expect(parser.parse(note("> /ai do bad")) == nil)
            #expect(parser.parse(note("<!-- \n\n/ai do bad\n -->")) == nil)
            #expect(parser.parse(note("    /ai do bad")) == nil)
            #expect(parser.parse(note("<div>\n/ai do bad\n</div>")) == nil)
            let heard = parser.parse(note("/ai do good"))
            guard case .change(let text)? = heard else {
                Issue.record("not heard: \(note("/ai do good"))")
                return
            }
            #expect(text.hasPrefix("good"))
        }
    }

    @Test(
        "hundred thousand hostile bytes are read in time that grows with their number", .timeLimit(.minutes(2)),
        arguments: [
            "`", "``` ", "<a ", "<a b=\"", "<!-", "<!--", "- ", "> ", "<a\n", "`\n", "- - ", "\\", "<", "-", "[", "1. ", "</", "<?", "a\n", "--", "&",
        ])
    func linear(_ piece: String) {
        let note = String(repeating: piece, count: 100_000 / piece.utf8.count) + "\n\n x /ai do it"
        #expect(parser.parse(note) == nil)
    }
}

/// A generator with a seed, so that a failure can be seen again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
