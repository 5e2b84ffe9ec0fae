import GitLabAPI

/// What a reviewer must look at first; stands at the top.
struct WarningList {
    let warnings: [String]

    var markdown: Markdown {
        guard !warnings.isEmpty else { return "" }
        return "**Look at this first**\n\n\(Markdown.lines(warnings.map { "- \($0)" as Markdown }))"
    }
}
