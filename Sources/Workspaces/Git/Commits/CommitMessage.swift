/// A commit's message: the model's words made harmless, and trailers that only the product writes.
///
/// A message acts: GitLab closes issues, skips pipelines and names authors by what it reads there. None of that is the
/// model's to decide.
package struct CommitMessage: Sendable, Hashable {
    /// At most 72 characters, on one line.
    package let subject: String
    package let body: String
    package let taskID: String?
    package let requestedBy: String?
    /// The number of the failed pipeline that the commit repairs.
    package let repairs: Int64?

    /// - Parameters:
    ///   - text: the model's summary; its first line becomes the subject.
    ///   - requestedBy: a person's name, as the trailer shows it.
    package init(_ text: String, taskID: String? = nil, requestedBy: String? = nil, repairs: Int64? = nil) {
        let lines = MessageWords.harmless(text).split(separator: "\n", omittingEmptySubsequences: false)
            .map { MessageWords.trimmed($0) }
            .filter { !MessageWords.isTrailer($0) }
        let first = lines.firstIndex { !$0.isEmpty } ?? lines.endIndex
        let title = first < lines.endIndex ? lines[first] : ""
        var (subject, rest) = Self.fitted(title)
        if subject.isEmpty { (subject, rest) = ("Change files as asked", "") }
        self.subject = subject
        var paragraphs = Array(lines[min(first + 1, lines.endIndex)...].drop(while: \.isEmpty))
        if !rest.isEmpty { paragraphs = [rest, ""] + paragraphs }
        while paragraphs.last?.isEmpty == true { paragraphs.removeLast() }
        body = String(paragraphs.joined(separator: "\n").prefix(8192))
        self.repairs = repairs
        self.taskID = taskID.flatMap { Self.trailerValue($0) }
        self.requestedBy = requestedBy.flatMap { Self.trailerValue($0) }
    }

    /// The whole message. Trailers stand in a paragraph of their own at the end, the only place where git looks for them.
    package var text: String {
        var parts = [subject]
        if !body.isEmpty { parts.append(body) }
        let trailers = [
            taskID.map { "Task-Id: \($0)" }, requestedBy.map { "Requested-by: \($0)" }, repairs.map { "Repairs-Pipeline: \($0)" },
        ].compactMap { $0 }
        if !trailers.isEmpty { parts.append(trailers.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// A long first line goes on in the body.
    private static func fitted(_ title: String) -> (subject: String, rest: String) {
        var title = title.drop { "#*->` ".contains($0) }
        while let last = title.last, ".` ".contains(last) { title = title.dropLast() }
        guard title.count > 72 else { return (String(title), "") }
        let head = title.prefix(70)
        let cut = head.lastIndex(of: " ") ?? head.endIndex
        return (head[..<cut] + "…", "…" + String(title[cut...].drop(while: { $0 == " " })))
    }

    private static func trailerValue(_ value: String) -> String? {
        let words = MessageWords.harmless(value).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let clean = String(words.filter { !"<>".contains($0) }.prefix(120))
        return clean.isEmpty ? nil : clean
    }
}
