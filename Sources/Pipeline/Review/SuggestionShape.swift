import Yams

/// What can be told of a suggestion without starting a program.
enum SuggestionShape {
    /// Prose: nothing in it can be broken.
    private static let prose: Set<String> = ["md", "markdown", "txt", "rst", "adoc"]

    /// Whether the file is as sound after the change as before; nil where that takes a program.
    static func isSound(before: [String], after: [String], at path: String) -> Bool? {
        let ending = path.split(separator: "/").last?.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if prose.contains(ending) { return true }
        guard ending == "yml" || ending == "yaml" else { return nil }
        // What can't be parsed before the change either says nothing, such as a template.
        return isYAML(after) || (!isYAML(before) && isBalanced(before: before, after: after))
    }

    private static func isYAML(_ lines: [String]) -> Bool {
        guard var documents = try? Yams.compose_all(yaml: lines.joined(separator: "\n") + "\n") else { return false }
        while let next = documents.next() { _ = next }
        return documents.error == nil
    }

    /// For languages that no program at hand can read: every kind of bracket is as often opened and closed as before, and no
    /// kind of quote is left open that was not. Nobody's parser, but what a model forgets is mostly such a sign.
    static func isBalanced(before: [String], after: [String]) -> Bool { Signs(before) == Signs(after) }

    private struct Signs: Equatable {
        /// Opened less closed.
        var brackets = [0, 0, 0]
        var hasOddQuotes = [false, false, false]

        init(_ lines: [String]) {
            for byte in lines.lazy.flatMap(\.utf8) {
                switch byte {
                case UInt8(ascii: "("): brackets[0] += 1
                case UInt8(ascii: ")"): brackets[0] -= 1
                case UInt8(ascii: "["): brackets[1] += 1
                case UInt8(ascii: "]"): brackets[1] -= 1
                case UInt8(ascii: "{"): brackets[2] += 1
                case UInt8(ascii: "}"): brackets[2] -= 1
                case UInt8(ascii: "\""): hasOddQuotes[0].toggle()
                case UInt8(ascii: "'"): hasOddQuotes[1].toggle()
                case UInt8(ascii: "`"): hasOddQuotes[2].toggle()
                default: break
                }
            }
        }
    }
}
