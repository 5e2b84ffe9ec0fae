/// Words by which people say that a finding is to be let be.
///
/// Read sentence by sentence: a question says nothing, and neither does a word that is denied (`not by design`), that is part of
/// another (`unintentional`), or that is said of something else (`this won't fix it`).
enum Rejection {
    static func isMeant(by text: String) -> Bool {
        let said = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix(">") }.joined(separator: "\n")
        return sentences(of: said.lowercased().replacing("’", with: "'")).contains { isEnglish($0) || isChinese($0) }
    }

    private static let marks: Set<Character> = [".", "!", "?", ";", "\n", "。", "！", "？", "；"]

    /// Without those that ask.
    private static func sentences(of text: String) -> [Substring] {
        var found: [Substring] = []
        var rest = text[...]
        while let end = rest.firstIndex(where: marks.contains) {
            if rest[end] != "?" && rest[end] != "？" { found.append(rest[..<end]) }
            rest = rest[rest.index(after: end)...]
        }
        return found + [rest]
    }

    // MARK: English

    private static let phrases: [[String]] = [
        "won't fix", "wont fix", "wontfix", "will not fix", "won't change", "will not change", "by design", "false positive", "not a bug",
        "not an issue", "not a problem", "as intended", "as designed", "is intended", "is intentional", "was intentional", "intentional",
        "intentionally", "disagree", "no need to change", "no need to fix",
    ].map { $0.split(separator: " ").map(String.init) }

    /// Before a phrase, these turn it round or make it something that is wished or supposed.
    private static let turning: Set<String> = [
        "not", "never", "cannot", "nobody", "hardly", "if", "unless", "whether", "without", "should", "must", "make", "makes", "supposed", "why",
    ]
    /// Before `won't fix`: what is spoken of does not mend something, nobody refuses to.
    private static let things: Set<String> = [
        "this", "that", "it", "which", "these", "those", "change", "suggestion", "patch", "proposal", "commit", "code", "alone", "approach",
    ]

    private static func isEnglish(_ sentence: Substring) -> Bool { sentence.split(separator: ",").contains(where: isEnglishClause) }

    private static func isEnglishClause(_ clause: Substring) -> Bool {
        let words = clause.split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
        return phrases.contains { phrase in
            words.indices.contains { start in
                guard words[start...].starts(with: phrase) else { return false }
                let before = words[max(0, start - 4)..<start]
                if phrase.last == "fix" || phrase.last == "change", let last = before.last, things.contains(last) { return false }
                return !before.contains { turning.contains($0) || $0.hasSuffix("n't") }
            }
        }
    }

    // MARK: Chinese

    /// Words have no bounds there: what stands around them decides.
    private static func isChinese(_ sentence: Substring) -> Bool {
        let denied = /(?:不是|并非|没有|别|如果|要是|是否|是不是)[^，,]{0,3}$/
        for match in sentence.matches(of: /不用改|不需要改|不必改|无需修改|误报|故意|有意为之|设计如此|就是这样设计/) where !sentence[..<match.range.lowerBound].contains(denied) {
            return true
        }
        // Alone, or with a particle: `不改不行` and `要不改一下` ask for the change.
        for match in sentence.matches(of: /(?:不修|不改)(?:了|吧|啦)?(?=$|[，,\s])/)
        where !sentence[..<match.range.lowerBound].contains(/(?:要|么|何|能|如果|是否|修|改)$/) { return true }
        return sentence.contains(/(?:这|那|并|也|根本|本来就)不是(?:问题|缺陷|bug)(?:$|[，,\s的])/)
    }
}
