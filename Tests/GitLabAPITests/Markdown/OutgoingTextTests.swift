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
            ("\u{17F}\n/\u{17F}tatus", "\u{17F}\n\\/\u{17F}tatus"), ("````\n```\n/lin\u{212A} x\n````", "````\n```\n /lin\u{212A} x\n````"),
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
            ("x`a`@root", "x`a` `@root`"), ("www.e.example\u{A0}`a @root b`", "`www.e.example`\u{A0}`a @root b`"),
            ("https://e.example\u{3000}`a @root b`", "`https://e.example`\u{3000}`a @root b`"),
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
            ("\\[issue:1](x)", "`[issue:1]`(x)"), ("[issue:1](", "`[issue:1]`("), ("&5;", "`&5`;"),
            ("[issue\\:1]", "`[issue\\:1]`"), ("\\[work\\_item:1]", "`[work\\_item:1]`"), ("ABC\\-1", "ABC`-`1"), ("A\\_B-1", "A\\_B`-`1"),
            ("UTF\\-8", "UTF\\-8"), ("https://h.example/g/p/%2569ssues/1", "`https://h.example/g/p/%2569ssues/1`"),
            ("Closes https://gitlab.example.com/g/p/-/issues/1", "Closes `https://gitlab.example.com/g/p/-/issues/1`"),
            ("https://gitlab.example.com/g/p/\\-/issues/1", "`https://gitlab.example.com/g/p/`\\-/issues/1"),
            ("https\\://gitlab.example.com/g/p/-/issues/1", "https`:`//gitlab.example.com/g/p/-/issues/1"),
            ("g/p$3", "g/p`$3`"), ("about $0.41", "about \\$0.41"), ("# Heading", "# Heading"), ("a #tag", "a #tag"), ("Wow!", "Wow!"),
        ])
    func references(_ input: String, expected: String) {
        #expect(sent(input) == expected)
    }

    @Test(
        "A54: GitLab looks for closing words in raw text, so nothing is closed from code either",
        arguments: [
            ("`Closes #1`", "`Closes\u{A0}#1`"), ("```\nFixes g/p#12\n```", "```\nFixes\u{A0}g/p#12\n```"),
            ("`fixes:  issue #3`", "`fixes:\u{A0}\u{A0}issue #3`"), ("`Resolves GL-4`", "`Resolves\u{A0}GL-4`"),
            ("```\nImplement https://gitlab.example.com/g/p/-/issues/5\n```", "```\nImplement\u{A0}https://gitlab.example.com/g/p/-/issues/5\n```"),
            ("`closing [issue:g/p/6]`", "`closing\u{A0}[issue:g/p/6]`"), ("`Closed ABC-7`", "`Closed\u{A0}ABC-7`"), ("`[skip ci]`", "`[skip\u{A0}ci]`"),
            ("`close the file #1`", "`close the file #1`"), ("`foreclose #1`", "`foreclose #1`"), ("`fix it`", "`fix it`"),
        ])
    func closingInCode(_ input: String, expected: String) {
        let text = sent(input)
        #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars))
        #expect(ClosingReader.closed(by: text).isEmpty)
    }

    @Test("A55: a text of several lines that is put into a line opens no code and closes none", arguments: ["```", "~~~~", "    x", "a\n```", "```\nx\n```"])
    func fencesInLines(_ piece: String) {
        let live = "@all ![x](https://evil.example/leak)"
        let body = "```\n\(live)\n\n````suggestion:-100+100\nanything\n````\n```"
        let inner = Markdown(untrusted: piece)
        let texts: [Markdown] = [
            "**major** · \(inner)", "- \(inner)\n- \(inner).", "\(inner) (x)", Markdown.literal("a") + inner, inner + .literal("b"), "a \(inner)\(inner) b",
        ]
        for text in texts {
            let lines = OutgoingText(.paragraphs([text, Markdown(untrusted: body)])).text.split(separator: "\n", omittingEmptySubsequences: false)
            var fence = 0
            for line in lines {
                let run = line.prefix { $0 == "`" }.count
                // A fence elsewhere than at the beginning of a line is what a reader of lists would take for one.
                #expect(run > 0 || line.firstMatch(of: /^[^`]*[^`\\]?```+ *$/) == nil, "\(line)")
                if fence == 0, run >= 3, !line.dropFirst(run).contains("`") { fence = run } else if run >= fence, run == line.count { fence = 0 }
                #expect(fence > 0 || !line.contains(live) && !line.contains("suggestion"), "\(text.text)")
            }
            #expect(fence == 0)
        }
    }

    @Test(
        "A55: no quote of many lines is opened, whose end would end the code in it",
        arguments: [(" >>>", " \\>>>"), (">>>>", "\\>>>>"), ("> >>>", "> \\>>>"), ("- >>> ", "- \\>>> "), ("> > >", "> > >"), (">>> a", ">>> a")])
    func longQuotes(_ line: String, expected: String) {
        #expect(sent(line) == expected)
        #expect(OutgoingText(.quote(Markdown(untrusted: ">>>\n```\n>>>\n@all\n```"))).text.hasPrefix("> \\>>>\n"))
    }

    @Test(
        "no text forges the marks by which the bot finds its own",
        arguments: ["`MARK`", "```\nMARK\n```", "    MARK", "a MARK", "MARK", "| `MARK` |\n|--|", "> ```\n> MARK"]
    )
    func marks(_ text: String) {
        let mark = Markdown.marker("closing", "task_1")
        #expect(!sent(text.replacing("MARK", with: mark.text)).contains("<!-- ai-coder:"))
        #expect(!OutgoingText(.paragraphs([.code(mark.text), .block(mark.text), .quote(.block(mark.text)), "a"])).text.contains("<!-- ai-coder:"))
        #expect(OutgoingText(.paragraphs(["a", mark])).text == "a\n\n\(mark.text)")
        #expect(!Markdown.canSuggest([mark.text]))
    }

    @Test("A54: the title of a part that opens holds no reference")
    func summaries() { #expect(!OutgoingText(.details("GL-1 #2", "x")).text.contains("GL-1")) }

    @Test("the product's own line closes its issue, and a suggestion is offered only if it comes into the code as it is shown")
    func own() {
        #expect(OutgoingText(.paragraphs(["a", .closes(issue: 7)])).text == "a\n\nCloses #7")
        #expect(!Markdown.canSuggest(["// Closes #7"]) && Markdown.canSuggest(["// closes the file"]))
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
            ("[a](javascript:alert(1))", "a (`javascript:alert(1)`)"),
            ("[a](javascript://example.com/%0aalert(1))", "a (`javascript://example.com/%0aalert(1)`)"),
            ("[a](ftp://example.com/x)", "a (`ftp://example.com/x`)"), ("[a](/logout)", "a (`/logout`)"), ("[a](@root)", "a (`@root`)"),
            ("[@root](https://example.com)", "[`@root`](<https://example.com>) (`example.com`)"),
            ("[a](https://gitlab.example.com/g/p/-/issues/1)", "a (`https://gitlab.example.com/g/p/-/issues/1`)"),
            ("[a](https://h.example/g/p/&#45;/&#105;ssues/1)", "a (`https://h.example/g/p/&#45;/&#105;ssues/1`)"),
            ("[a](https://h.example/g/p/%69ssues/1)", "a (`https://h.example/g/p/%69ssues/1`)"),
            ("[a](https://example.com/a%20b?x=1&y=2)", "[a](<https://example.com/a%20b?x=1&y=2>) (`example.com`)"),
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
            ("", false, "Changes"), ("Closes https://h.example/g/p/-/issues/5 now", false, "Closes h.example/g/p/-/issues/5 now"),
            ("Fix hthttps://tps://h.example/g/p/-/issues/5", false, "Fix h.example/g/p/-/issues/5"),
            ("Read https://h.example/a", false, "Read https://h.example/a"),
            ("Closes ABC-12", false, "Closes\u{A0}ABC-12"), ("ABC-12: fix it", false, "ABC-12: fix it"), ("Closes #1 and !2", false, "Closes # 1 and ! 2"),
            ("a\u{202E}b", false, "ab"), ("\n\n  x  y ", false, "x y"),
        ])
    func titles(_ input: String, isDraft: Bool, expected: String) {
        #expect(OutgoingTitle(untrusted: input, isDraft: isDraft).text == expected)
        #expect(OutgoingTitle(untrusted: String(repeating: "#1", count: 500)).text.unicodeScalars.count <= 255)
    }
}
