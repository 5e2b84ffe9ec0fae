/// The boxes of a description.
enum Checklist {
    /// What GitLab tells about boxes that were ticked or cleared by an edit.
    static func ticks(from before: String, to after: String) -> [String] {
        let known = Dictionary(items(of: before), uniquingKeysWith: { first, _ in first })
        return items(of: after).compactMap { text, isDone in
            guard let was = known[text], was != isDone else { return nil }
            return "marked the checklist item **\(text)** as \(isDone ? "completed" : "incomplete")"
        }
    }

    private static func items(of text: String) -> [(String, Bool)] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            line.wholeMatch(of: /\s*[-*+] \[([ xX])\] (.+?)\s*/).map { (String($0.2), $0.1 != " ") }
        }
    }
}
