/// Names of the bot's own branches: `ai/<issue>-<slug>`, made by the product and never by a model.
enum BranchName {
    static func forIssue(_ iid: Int64, title: String) -> String {
        let slug = slug(of: title)
        return slug.isEmpty ? "ai/\(iid)" : "ai/\(iid)-\(slug)"
    }

    /// Letters and digits of the title's first words, 40 at most; what is not ASCII is left out.
    static func slug(of title: String) -> String {
        var words: [String] = []
        var length = 0
        for word in title.lowercased().split(whereSeparator: { !($0.isASCII && ($0.isLetter || $0.isNumber)) }) {
            guard length + word.count <= 40 else { break }
            words.append(String(word))
            length += word.count + 1
        }
        return words.joined(separator: "-")
    }

    /// The issue that a branch of the bot's own is named after: 318 of `ai/318-empty-input`.
    static func issue(of branch: String) -> Int64? {
        guard branch.hasPrefix("ai/") else { return nil }
        let name = branch.dropFirst(3)
        let digits = name.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count == name.count || name.dropFirst(digits.count).first == "-" else { return nil }
        return Int64(digits)
    }
}
