import GitLabAPI
import Testing

@testable import Pipeline

@Suite("Suggestions that no program can check")
struct SuggestionShapeTests {
    private static func lines(_ text: String) -> [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    @Test(
        "brackets and quotes are to balance as they did",
        arguments: [
            ("let a = f(1);", "let a = f(2);", true), ("let a = f(1);", "let a = f(2;", false), ("if x {", "if y {", true), ("if x {", "if y", false),
            ("let a = \"b\";", "let a = \"c;", false), ("a[0]", "a[0]", true), ("// it is", "// don't", false), ("f(", "f(g(1), ", true),
        ])
    func balance(_ before: String, _ after: String, isBalanced: Bool) {
        #expect(SuggestionShape.isBalanced(before: ["{", before, "}"], after: ["{", after, "}"]) == isBalanced)
    }

    @Test(
        "YAML and prose are judged here, other languages by their programs",
        arguments: [
            ("ci/a.yml", "a: 1", "a: [1", false), ("a.YAML", "a: 1", "a: 2", true), ("a.yml", "a: {{ b }", "a: {{ c }", true),
            ("a.yml", "a: 1\n---\nb: 2", "a: 1\n---\nb: 3", true), ("a.yml", "a: 1\n---\nb: 2", "a: 1\n---\nb: [3", false),
            ("README.md", "It's (so", "It is so", true),
            ("a.py", "a", "b", nil), ("a.rs", "a", "b", nil), ("Makefile", "a", "b", nil),
        ] as [(String, String, String, Bool?)])
    func shape(_ path: String, _ before: String, _ after: String, isSound: Bool?) {
        #expect(SuggestionShape.isSound(before: Self.lines(before), after: Self.lines(after), at: path) == isSound)
    }

    @Test("what nobody sees is not offered", arguments: ["a\u{202E}b", "if admin\u{200B} {", "/close", "\u{FEFF}x", "a\u{00AD}b"])
    func hidden(_ line: String) { #expect(!Markdown.canSuggest(["x", line])) }

    @Test("plain code, emoji and letters of all scripts are", arguments: ["\tlet a = 1", "// 好的", "// done 👩‍💻", "path = \"/close\"", ""])
    func plain(_ line: String) { #expect(Markdown.canSuggest([line])) }
}
