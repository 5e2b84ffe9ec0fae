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
}
