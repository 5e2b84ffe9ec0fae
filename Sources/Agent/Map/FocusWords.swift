/// The words of a request that may name something in the code.
struct FocusWords: Sendable {
    /// Lower case, without repetition, at most twelve.
    let words: [String]

    private static let common: Set<String> = [
        "the", "and", "for", "with", "that", "this", "from", "into", "not", "should", "when", "what", "where", "which", "add",
        "fix", "make", "use", "new", "all", "are", "can", "has", "have", "how", "its", "please", "file", "files", "code",
        "function", "class", "method", "test", "tests", "change", "update", "remove", "implement", "support",
    ]

    init(_ text: String) {
        var words: [String] = []
        for piece in text.prefix(4000).split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
            let word = piece.lowercased()
            guard word.utf8.count >= 3, word.utf8.count <= 80, !Self.common.contains(word), !words.contains(word) else { continue }
            words.append(word)
            if words.count == 12 { break }
        }
        self.words = words
    }

    var isEmpty: Bool { words.isEmpty }

    func count(in text: String) -> Int {
        let text = text.lowercased()
        return words.count { text.contains($0) }
    }
}
