import Testing

@testable import GitLabAPI

@Suite("Text going out")
struct OutgoingTextTests {
    private static let rules = OutgoingRules(mentions: ["dcole"], references: ["#7"])

    private func sent(_ text: String, rules: OutgoingRules = rules) -> String {
        OutgoingText(untrusted: text, rules: rules).text
    }

    @Test(
        "A53: no line is a quick action",
        arguments: [
            ("/close", "\\/close"), ("  /close", "  \\/close"), ("text\n/merge now", "text\n\\/merge now"),
            ("text\r\n/merge", "text\n\\/merge"), ("a\r/close", "a/close"), ("\u{200B}/close", "\\/close"),
            ("a\u{2028}/close", "a\n\\/close"), ("\u{FEFF}/APPROVE", "\\/APPROVE"), ("- /close", "- \\/close"),
            ("> /close", "> \\/close"), ("> - 1. /close", "> - 1. \\/close"), ("# /close", "# \\/close"), ("| /close | x |", "| \\/close | x |"),
            ("- [ ] /close", "- [ ] \\/close"), ("<!-- x -->/close", "\\/close"), ("<!--\n-->/close", "\\/close"),
            ("\\/close", "\\/close"), ("/ai do it", "\\/ai do it"), ("/usr/bin/env", "\\/usr/bin/env"), ("a /close", "a /close"),
            ("//comment", "//comment"), ("/* c */", "/* c */"),
            ("```\n/close\n/usr/bin x\n```", "```\n /close\n/usr/bin x\n```"), ("```\n/close", "```\n /close\n```"),
            ("~~~\n/close\n~~~", "```\n /close\n```"), ("````\n```\n/close\n````", "````\n```\n /close\n````"),
            ("<details>\n/close\n</details>", "&lt;details>\n\\/close\n&lt;/details>"), (">>>\n/close\n>>>", "\\>>>\n\\/close\n\\>>>"),
            ("<!-- x -->~~~\n@all\n~~~", "\\~~~\n`@all`\n```\n```"), ("<br>~~~", " \\~~~"),
            ("> ```\n> /close\n> ```", "```\n /close\n```"), ("- ```\n  /close\n  ```", "```\n /close\n```"),
        ])
    func quickActions(_ input: String, expected: String) {
        let text = sent(input)
        #expect(text == expected)
        #expect(QuickActionReader.commandsAnywhere(text).isEmpty)
        #expect(QuickActionReader.commandsInParagraphs(text).isEmpty)
    }

    @Test(
        "A54: nobody but the requester is mentioned",
        arguments: [
            ("@all", "`@all`"), ("hi @root!", "hi `@root`!"), ("@dcole done", "@dcole done"), ("@DCole, done", "@DCole, done"),
            ("thanks @dcole.", "thanks @dcole."), ("@dcole-evil", "`@dcole-evil`"), ("@dcole-", "`@dcole`-"), ("@dcole/x", "`@dcole/x`"),
            ("@dcole\\_x", "`@dcole`\\_x"), ("@dcole*x*", "`@dcole`*x*"), ("@group/sub", "`@group/sub`"), ("**@root**", "**`@root`**"),
            ("_@root_", "_`@root_`"), ("(@root)", "(`@root`)"), ("a@example.com", "a@example.com"), ("\\@root", "`@root`"),
            ("&#64;root", "&amp;`#64`;root"), ("&commat;root", "&amp;commat;root"), ("[^@root]", "\\[^`@root`]"), ("@\\root", "`@`\\\\root"),
            ("@\u{200B}root", "`@root`"),
            ("@<!-- -->root", "@ root"), ("`@root`", "`@root`"), ("`` ` @root", "\\`\\` \\` `@root`"), ("é@root", "é`@root`"),
            ("g/p@1a2b3c4d", "g/p`@1a2b3c4d`"), ("a @ b", "a @ b"), ("#1@root", "`#1` `@root`"), ("GL-1@root", "`GL-1` `@root`"), ("&lt;@root", "&lt;`@root`"),
            ("x`a`@root", "x`a` `@root`"),
        ])
    func mentions(_ input: String, expected: String) {
        #expect(sent(input) == expected)
    }

    @Test(
        "A54: nothing is referred to, and nothing is closed",
        arguments: [
            ("#1", "`#1`"), ("see #7", "see #7"), ("g/p#7", "g/p`#7`"), ("#77", "`#77`"), ("group/p#1", "group/p`#1`"), ("!12", "`!12`"),
            ("Closes #1", "Closes `#1`"), ("Fixes: #1, #2 and g/p#3", "Fixes: `#1`, `#2` and g/p`#3`"), ("&5", "`&5`"), ("&amp;5", "`&`5"),
            ("GL-12", "`GL-12`"), ("gl-12", "`gl-12`"), ("GL\\-12", "GL`-`12"), ("Closes ABC-1", "Closes `ABC-1`"), ("UTF-8", "UTF-8"),
            ("\\#1", "`#1`"), ("#<!-- -->1", "# 1"), ("[issue:g/p/1]", "`[issue:g/p/1]`"), ("\\[work_item:1]", "`[work_item:1]`"),
            ("Closes https://gitlab.example.com/g/p/-/issues/1", "Closes `https://gitlab.example.com/g/p/-/issues/1`"),
            ("https://gitlab.example.com/g/p/\\-/issues/1", "`https://gitlab.example.com/g/p/`\\-/issues/1"),
            ("https\\://gitlab.example.com/g/p/-/issues/1", "https`:`//gitlab.example.com/g/p/-/issues/1"),
            ("g/p$3", "g/p`$3`"), ("about $0.41", "about \\$0.41"), ("# Heading", "# Heading"), ("a #tag", "a #tag"), ("Wow!", "Wow!"),
        ])
    func references(_ input: String, expected: String) {
        #expect(sent(input) == expected)
    }

    @Test(
        "A55: no image is loaded, no HTML is active, no diagram is drawn",
        arguments: [
            ("![alt](https://evil.example/x.png)", "alt (image removed)"), ("![](https://evil.example/x)", "(image removed)"),
            ("![a][ref]\n\n[ref]: https://evil.example/x", "a (image removed)\n\n\\[ref]\\: https://evil.example/x"),
            ("![a\nb](https://evil.example/x)", "!\\[a\nb]\\(https://evil.example/x)"),
            ("[![b](https://evil.example/i)](https://a.example)", "[b (image removed)](<https://a.example>) (`a.example`)"),
            ("<img src=\"https://evil.example/x\" alt=\"cat\">", "cat (image removed)"), ("<IMG SRC=x>", "(image removed)"),
            ("<script>x</script>", "&lt;script>x&lt;/script>"), ("a < b", "a &lt; b"), ("a<br>b", "a b"), ("<svg onload=x>", "&lt;svg onload=x>"),
            ("a <!-- hidden --> b", "a  b"), ("<!-- open", "&lt;!-- open"), ("a<!--\nx\n-->b", "a b"),
            ("```mermaid\ngraph\n```", "```\ngraph\n```"), ("~~~ plantuml\nx\n~~~", "```\nx\n```"), ("```suggestion:-0+0\nx\n```", "```\nx\n```"),
            ("```json:table\n{}\n```", "```json\n{}\n```"), ("```swift\nlet a = 1\n```", "```swift\nlet a = 1\n```"),
            ("$`x`$ and $$y$$", "\\$`x`\\$ and \\$\\$y\\$\\$"), ("[[_TOC_]]", "\\[\\[_TOC_]]"),
            ("::include{file=x}", "\\::include\\{file=x}".replacing("\\{", with: "{")),
            ("---\ntitle: x\n---", "\\---\ntitle: x\n---"), ("\u{E0041}a\u{202E}b\u{7}", "ab"),
        ])
    func activeContent(_ input: String, expected: String) {
        #expect(sent(input) == expected)
    }

    @Test(
        "A55: links show where they lead",
        arguments: [
            ("[docs](https://example.com/a)", "[docs](<https://example.com/a>) (`example.com`)"),
            ("[gitlab.com](https://gitlab.com@evil.example/x)", "[gitlab.com](<https://gitlab.com@evil.example/x>) (`evil.example`)"),
            ("[a](javascript:alert(1))", "a (`javascript:alert(1)`)"), ("[a](/logout)", "a (`/logout`)"), ("[a](@root)", "a (`@root`)"),
            ("[@root](https://example.com)", "[`@root`](<https://example.com>) (`example.com`)"),
            ("[a](https://gitlab.example.com/g/p/-/issues/1)", "a (`https://gitlab.example.com/g/p/-/issues/1`)"),
            ("see https://example.com/a, ok", "see https://example.com/a, ok"), ("(https://example.com).", "(https://example.com)."),
            ("https://example.com/&lt;@root", "`https://example.com/&lt;@root`"),
            ("www.example.com/@root", "`www.example.com/@root`"), ("ftp://example.com/@root", "ftp`://`example.com/`@root`"),
            ("@![root](x)", "@ root (image removed)"), ("@[root](x)", "@ root (`x`)"), ("[@]()root", "@ root"),
            ("[a](\nhttps://evil.example)", "\\[a]\\(\nhttps://evil.example)"), ("<https://example.com/a>", "https://example.com/a"),
            ("https://example.com/@root", "`https://example.com/@root`"), ("[a](https://example.com \"title\")", "[a](<https://example.com>) (`example.com`)"),
        ])
    func links(_ input: String, expected: String) {
        #expect(sent(input) == expected)
    }

    @Test(
        "ordinary Markdown stays as it is",
        arguments: [
            "## Plan\n\n1. **Read** `a.swift`\n2. *Write* tests\n\n- [x] done\n- [ ] open", "| a | b |\n| --- | --- |\n| `x` | 1 |",
            "> quoted\n\n---\n\nText with `code @all #1` inside.", "```python\nprint(\"@all\")  # <b>\n```", "日本語のテキスト、絵文字 👩‍👩‍👧 ok", "می‌خواهم",
            "a \\* b", "C# and F#", "50% of ~100", "~~gone~~ and snake_case_name",
        ])
    func unchanged(_ text: String) {
        #expect(sent(text) == text)
    }

    @Test("A54: a bar in code can't turn code and text around in a table")
    func tables() {
        let text = sent("| a | b |\n|---|---|\n| ` | @root ` |\n| `x \\| y` | @all |")
        #expect(!text.contains("` | @root `"))
        #expect(text.contains("`@root`"))
        #expect(text.contains("`x \\| y`"))
        #expect(text.contains("`@all`"))
    }

    @Test("code of four spaces becomes a block, and a list's second line does not")
    func indentedCode() {
        #expect(sent("a\n\n    if x < 1\n    @all\n\nb") == "a\n\n```\nif x < 1\n@all\n```\n\nb")
        #expect(sent("- a\n\n    more @all") == "- a\n\n    more `@all`")
    }

    @Test("a long text is cut at a line's end, and what is open there is closed")
    func cut() {
        let lines = (0..<5_000).map { "line \($0)" }.joined(separator: "\n")
        let inBlock = OutgoingText(Markdown.details("Output", .block(lines)), limit: 1_000).text
        #expect(inBlock.unicodeScalars.count < 1_100)
        #expect(inBlock.hasSuffix("\n```\n\n</details>\n\n*(shortened)*"))
        let oneLine = OutgoingText(untrusted: String(repeating: "a `@b` ", count: 50_000)).text
        #expect(oneLine.unicodeScalars.count <= OutgoingRules.hardLimit + 100)
        #expect(oneLine.hasSuffix("*(shortened)*"))
        let expanding = OutgoingText(untrusted: String(repeating: "<", count: 300_000)).text
        #expect(expanding.unicodeScalars.count <= 500_000)
    }

    @Test("lines made to be slow are not", .timeLimit(.minutes(1)), arguments: ["[", "`", "<!--", "![", "<img", "[a](", "\\", "<http://", "@", "`` ` "])
    func slow(_ piece: String) {
        let text = sent(String(repeating: piece, count: 20_000 / piece.count))
        #expect(!text.isEmpty)
    }

    @Test(
        "a title is one line that refers to nobody and nothing",
        arguments: [
            ("Fix @root", false, "Fix @ root"), ("Draft: WIP: Fix", false, "Fix"), ("Fix", true, "Draft: Fix"), ("a\nb", false, "a"),
            ("", false, "Changes"), ("Closes #1 and !2", false, "Closes # 1 and ! 2"), ("a\u{202E}b", false, "ab"), ("\n\n  x  y ", false, "x y"),
        ])
    func titles(_ input: String, isDraft: Bool, expected: String) {
        #expect(OutgoingTitle(untrusted: input, isDraft: isDraft).text == expected)
        #expect(OutgoingTitle(untrusted: String(repeating: "#1", count: 500)).text.unicodeScalars.count <= 255)
    }
}
