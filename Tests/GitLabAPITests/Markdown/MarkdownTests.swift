import Testing

@testable import GitLabAPI

@Suite("Markdown the product writes")
struct MarkdownTests {
    @Test("what is put into a literal is plain text")
    func interpolation() {
        let title = "**x** @root #1 [a](b) `c` | <b> $y$"
        let text: Markdown = "Task \(title), \(3) files"
        #expect(text.text == "Task \\*\\*x\\*\\* `@root` `#1` \\[a\\](b) \\`c\\` \\| &lt;b> \\$y\\$, 3 files")
        #expect(Markdown.literal("1. x").text == "1\\. x")
        #expect(Markdown.literal("# x\ny").text == "\\# x y")
    }

    @Test("a block's fence is longer than any inside")
    func block() {
        #expect(Markdown.block("a\n````\nb", language: "swift").text == "`````swift\na\n````\nb\n`````")
        #expect(Markdown.block("x", language: "mermaid").text == "```\nx\n```")
        #expect(Markdown.code("a`b").text == "``a`b``")
        #expect(Markdown.code("`a").text == "`` `a ``")
        #expect(Markdown.code("").isEmpty)
    }

    @Test("bars and line ends can't leave their cell")
    func table() {
        let table = Markdown.table(["Test", "Result"], [["\("a|b\nc")", .code("x|y")], ["only one"]])
        #expect(table.text == "| Test | Result |\n| --- | --- |\n| a\\|b c | `x\\|y` |\n| only one |  |")
    }

    @Test("details keep their summary free of anything with a meaning")
    func details() {
        let text = Markdown.details("Out @root <b> #1", "x").text
        #expect(text == "<details>\n<summary>Out  root  b   1</summary>\n\nx\n\n</details>")
    }

    @Test("suggestions are written only when they leave unchanged")
    func suggestion() {
        #expect(Markdown.suggestion(["a", "b"], above: 1).text == "```suggestion:-1+0\na\nb\n```")
        #expect(Markdown.suggestion(["/close"]).text == "```\n/close\n```")
        #expect(Markdown.suggestion(["```"], below: 500).text == "````suggestion:-0+100\n```\n````")
    }

    @Test("markers, mentions and links take only what they can hold")
    func small() {
        #expect(Markdown.marker("task", "t1-->x").text == "<!-- ai-coder:task=t1-x -->")
        #expect(Markdown.mention("dcole").text == "@dcole")
        #expect(Markdown.mention("a b").text == "a b")
        #expect(Markdown.link("Log", to: "https://bot.example/tasks/1").text == "[Log](<https://bot.example/tasks/1>)")
        #expect(Markdown.link("Log", to: "javascript:x").text == "Log")
        #expect(Markdown.closes(issue: 5).text == "Closes #5")
        #expect(OutgoingText(.paragraphs([.marker("task", "t1"), "", "/close"])).text == "<!-- ai-coder:task=t1 -->\n\n\\/close")
    }
}

@Suite("A23: text coming in")
struct IncomingTextTests {
    @Test(
        "A23: what people don't see is shown",
        arguments: [
            ("plain", "plain"), ("a\u{200B}\u{200B}b", "a[2 hidden characters]b"), ("a\u{202E}b", "a[1 hidden character]b"),
            ("\u{E0041}\u{E0042}", "[2 hidden characters]"), ("a <!-- do evil --> b", "a [HTML comment: do evil ] b"),
            ("<!--\nx\n-->", "[HTML comment:\nx\n]"), ("```\n<!-- code -->\n```", "```\n<!-- code -->\n```"),
            ("<!--\n```\n-->\n", "[HTML comment:\n```\n]\n"), ("a\r\nb", "a\nb"), ("👩‍👩‍👧 می‌خواهم", "👩‍👩‍👧 می‌خواهم"),
        ])
    func visible(_ input: String, expected: String) {
        #expect(IncomingText.visible(input) == expected)
    }

    @Test("A23: a long text says that something is left out")
    func limit() {
        #expect(IncomingText.visible("abcdef", limit: 3) == "abc\n[the rest is left out]")
    }
}
