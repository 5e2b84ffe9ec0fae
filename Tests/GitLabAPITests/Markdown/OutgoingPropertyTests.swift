import Testing

@testable import GitLabAPI

@Suite("Random text going out")
struct OutgoingPropertyTests {
    private static let pieces = [
        "/close", "/merge", "/approve now", "/label ~bug", "@all", "@root", "#1", "!2", "\n", "\n\n", "\r\n", "\n    ", "\n- ", "\n> ", "\n1. ",
        "```", "\n```\n", "\n````\n", "~~~", "\n~~~\n", "`", "``", " ", "  ", "<!--", "-->", "<details>", "\n>>>\n", "[", "](", ")", "![", "]: ",
        "\\", "|", "\n|---|---|\n", "$", "$$", "&#64;", "&amp;", "<b>", "https://x.example/", "/-/issues/1", "\u{200B}", "\u{2028}", "*", "_",
        "\n---\n", "\n::include{file=a}\n", "GL-1", "\t", "[[", "]]", "\n[a]: ", "<img src=x alt=y>", "é", "🙂",
        "Closes ", "fixes: ", "Resolve issue ", "#12", "g/p#3", "ABC-7", "https://x.example/g/p/-/issues/4", "[issue:5]", "[skip ci]", "/lin\u{212A} x",
        "/\u{17F}ubmit_review approve",
    ]
    private static let words = ["apple", "river", "stone", "cloud", "lamp", "wolf", "grape", "chair"]

    private func text(_ seed: Int) -> (text: String, words: [String]) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var text = ""
        var words: [String] = []
        // A comment takes its words with it, and so does the tag of an image.
        let keepsWords = seed.isMultiple(of: 2)
        for index in 0..<Int.random(in: 1...40, using: &generator) {
            if Int.random(in: 0..<3, using: &generator) == 0 {
                let word = (Self.words.randomElement(using: &generator) ?? "") + "\(index)z"
                words.append(word)
                text += word
            } else {
                let piece = Self.pieces.randomElement(using: &generator) ?? ""
                if !(keepsWords && (piece == "-->" || piece.hasPrefix("<img"))) { text += piece }
            }
        }
        return (text, keepsWords ? words : [])
    }

    @Test("A53: no quick action is left, and words survive", arguments: 0..<8)
    func noQuickAction(_ part: Int) {
        for seed in (part * 500)..<((part + 1) * 500) {
            let (input, words) = text(seed)
            let output = OutgoingText(untrusted: input).text
            #expect(QuickActionReader.commandsAnywhere(output).isEmpty, "seed \(seed)")
            #expect(QuickActionReader.commandsInParagraphs(output).isEmpty, "seed \(seed)")
            // A fence's own line keeps known languages only, so its words may go.
            let lost = words.filter { !output.contains($0) && !Self.isOnFenceLine($0, in: input) }
            #expect(lost.isEmpty, "seed \(seed): \(lost) of \(input.debugDescription) in \(output.debugDescription)")
        }
    }

    @Test("A53: pieces put together are as safe as each alone", arguments: 0..<4)
    func documents(_ part: Int) {
        for seed in (part * 300)..<((part + 1) * 300) {
            let markdown = Markdown.paragraphs([
                "## Result for \(text(seed).text)", Markdown(untrusted: text(seed + 1).text),
                .details(text(seed + 2).text, .block(text(seed + 3).text, language: "mermaid")),
                .table(["\(text(seed).text)", "b"], [[.code(text(seed + 4).text), "\(text(seed + 5).text)"]]),
                .quote(Markdown(untrusted: text(seed + 6).text)),
            ])
            let output = OutgoingText(markdown, limit: 1_000 + seed).text
            #expect(QuickActionReader.commandsAnywhere(output).isEmpty, "seed \(seed)")
        }
    }

    @Test("A37, A54: whatever the text, in code or out of it, only the product's own line closes an issue", arguments: 0..<4)
    func nothingCloses(_ part: Int) {
        for seed in (part * 200)..<((part + 1) * 200) {
            let (text, other) = (text(seed).text, text(seed + 1).text)
            let markdown = Markdown.paragraphs([
                Markdown(untrusted: text), .block(other), "- created: \(Markdown.code(other))", .table(["a"], [[.code(text)]]),
                .quote(Markdown(untrusted: other)), .closes(issue: 99),
            ])
            let output = OutgoingText(markdown).text
            #expect(ClosingReader.closed(by: output) == ["Closes #99"], "seed \(seed): \(output.debugDescription)")
            #expect(!ClosingReader.skips(output), "seed \(seed)")
            let title = OutgoingTitle(untrusted: text + other).text
            #expect(ClosingReader.closed(by: title).isEmpty && !ClosingReader.skips(title), "seed \(seed): \(title.debugDescription)")
            let twice = OutgoingText(untrusted: OutgoingText(untrusted: text).text).text
            #expect(ClosingReader.closed(by: twice).isEmpty && QuickActionReader.commandsAnywhere(twice).isEmpty, "seed \(seed)")
        }
    }

    @Test("A54: outside code no mention is left", arguments: 0..<4)
    func noMention(_ part: Int) {
        for seed in (part * 500)..<((part + 1) * 500) {
            let output = OutgoingText(untrusted: text(seed).text).text
            let visible = Self.outsideCode(output)
            #expect(visible.firstMatch(of: /(?:^|[^A-Za-z0-9])@[A-Za-z0-9_]/.anchorsMatchLineEndings()) == nil, "seed \(seed): \(output.debugDescription)")
            #expect(visible.firstMatch(of: /[#!][0-9]/) == nil, "seed \(seed): \(output.debugDescription)")
            #expect(visible.firstMatch(of: /(?:^|[^\\])!\[/) == nil, "seed \(seed)")
            #expect(visible.firstMatch(of: /<[A-Za-z!\/](?!ttps?:)/) == nil, "seed \(seed): \(output.debugDescription)")
        }
    }

    /// The text without fenced blocks and code spans.
    private static func outsideCode(_ text: String) -> String {
        var isInFence = 0
        var result: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let run = line.prefix { $0 == "`" }.count
            if isInFence > 0 {
                if run >= isInFence, run == line.count { isInFence = 0 }
            } else if run >= 3, !line.dropFirst(run).contains("`") {
                isInFence = run
            } else {
                let plain = String(line).replacing("\\\\", with: "").replacing("\\`", with: "")
                result.append(plain.replacing(/(`+)(?!`).*?[^`]\1(?!`)/, with: " "))
            }
        }
        return result.joined(separator: "\n")
    }

    private static func isOnFenceLine(_ word: String, in text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains {
            $0.contains(word) && ($0.contains("```") || $0.contains("~~~"))
        }
    }
}
