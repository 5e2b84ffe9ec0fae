/// What GitLab closes when a merge request is merged, written a second time from its rules and apart from the product's code: it looks
/// through the raw text, code and code blocks included.
enum ClosingReader {
    static func closed(by text: String) -> [String] {
        let pattern =
            /\b(?:[Cc]los(?:e[sd]?|ing)|[Ff]ix(?:e[sd]|ing)?|[Rr]esolv(?:e[sd]?|ing)|[Ii]mplement(?:s|ed|ing)?):? +(?:issues? +)?(?:(?:https?:\/\/[^ \t\n\r>]+|(?:[A-Za-z0-9_.\/\-]*)#[0-9]+|GL-[0-9]+|\[(?:issue|work_item):[^\]\n]+\]|[A-Z][A-Z0-9_]+-[0-9]+)(?: *,? +and +| *,? *)?)+/
            .matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple).asciiOnlyWordCharacters()
        return text.matches(of: pattern).map { String(text[$0.range]) }
    }

    /// Orders that skip the pipeline of a merge commit whose template takes in the text.
    static func skips(_ text: String) -> Bool {
        text.firstMatch(of: /\[(?:ci[ _\-]skip|skip[ _\-]ci)\]/.ignoresCase().matchingSemantics(.unicodeScalar)) != nil
    }
}
