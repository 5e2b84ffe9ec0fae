import Testing

@testable import Agent

@Suite("An edit replaces exactly one place or says why it can't")
struct TextReplacementTests {
    private func edit(_ file: String, _ search: String, _ replacement: String) throws(ToolProblem) -> String {
        String(decoding: try TextReplacement(of: search, with: replacement, in: Array(file.utf8)).bytes, as: UTF8.self)
    }

    private func problem(_ file: String, _ search: String, _ replacement: String = "new") -> String {
        do {
            _ = try edit(file, search, replacement)
            return ""
        } catch { return error.message }
    }

    @Test(
        "one place is replaced, the rest stays",
        arguments: [
            ("a\nb\nc\n", "b", "B", "a\nB\nc\n"),
            ("a\nb\nc", "c", "", "a\nb\n"),
            ("a\nb\nc\n", "a\nb\n", "x\n", "x\nc\n"),
            ("ä\u{0301}1", "1", "2", "ä\u{0301}2"),
            ("aXa", "Xa", "Y", "aY"),
        ])
    func replaced(_ file: String, _ search: String, _ replacement: String, _ expected: String) throws {
        #expect(try edit(file, search, replacement) == expected)
    }

    @Test("A51: a long piece that is nearly there at every place is looked for at once", .timeLimit(.minutes(1)))
    func nearlyThere() throws {
        let file = String(repeating: "a", count: 1 << 20)
        #expect(problem(file, String(repeating: "a", count: 1 << 19) + "b").contains("is not in the file"))
        #expect(problem(file, "aa").contains("12 times or more"))
        #expect(problem("a\n", String(repeating: "⟨U+", count: 200_000)).contains("is not in the file"))
        #expect(try edit("aabaabaac", "aabaac", "x") == "aabx")
        #expect(try edit("abababc", "ababc", "x") == "abx")
    }

    @Test("carriage returns of the file are kept")
    func carriageReturns() throws {
        #expect(try edit("a\r\nb\r\nc\r\n", "a\nb", "a\nx\nb") == "a\r\nx\r\nb\r\nc\r\n")
        #expect(try edit("a\r\nb\r\n", "b", "b2") == "a\r\nb2\r\n")
    }

    @Test("bytes that are not UTF-8 survive")
    func otherEncodings() throws {
        let file: [UInt8] = [0xE9, 0x0A, 0x61, 0x0A, 0xFF]
        #expect(try TextReplacement(of: "a", with: "b", in: file).bytes == [0xE9, 0x0A, 0x62, 0x0A, 0xFF])
    }

    @Test("invisible characters can be edited by the marks that stand for them")
    func invisible() throws {
        #expect(try edit("a\u{200B}b = 1", "a⟨U+200B⟩b = 1", "ab = 1") == "ab = 1")
    }

    @Test("several places are counted and named by line")
    func several() {
        let text = problem("x = 1\ny = 2\nx = 1\n", "x = 1")
        #expect(text.contains("2 times, at lines 1, 3"))
        #expect(text.contains("exactly once"))
    }

    @Test("a difference in blanks is explained and shown")
    func blanks() {
        let text = problem("def f():\n\treturn 1\n", "def f():\n    return 1")
        #expect(text.contains("lines 1–2 differ from it only in blanks"))
        #expect(text.contains("2\t⟦→\treturn 1⟧"))
    }

    @Test("the nearest place is shown")
    func nearest() {
        let file = (1...50).map { "line \($0) here" }.joined(separator: "\n") + "\ndef compute(a, b):\n    return a + b\n"
        let text = problem(file, "def compute(a, c):\n    return a + b")
        #expect(text.contains("nearest place is lines 51–52"))
        #expect(text.contains("51\tdef compute(a, b):"))
    }

    @Test("nothing near is said so", arguments: ["", "abc\n"])
    func nothing(_ file: String) {
        #expect(problem(file, "completely different text").contains("nor anything close"))
    }

    @Test("an empty or idle edit is refused")
    func idle() {
        #expect(problem("a", "").contains("`search` is empty"))
        #expect(problem("a", "a", "a").contains("are the same"))
    }

    @Test("lines of the replaced piece are counted", arguments: [("b\n", "x\ny\n", 2...2, 2...3), ("b\nc", "x", 2...3, 2...2)])
    func lines(_ search: String, _ replacement: String, _ old: ClosedRange<Int>, _ new: ClosedRange<Int>) throws {
        let edit = try TextReplacement(of: search, with: replacement, in: Array("a\nb\nc\n".utf8))
        #expect(edit.oldLines == old)
        #expect(edit.newLines == new)
    }
}
