import GitLabAPI

/// The commands, in few words.
struct HelpNote {
    let trigger: String
    /// A word after the trigger that is no command.
    let unknown: String

    var markdown: Markdown {
        let word = unknown.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        let rows: [[Markdown]] = [
            [Markdown.code("\(trigger) do TEXT"), "change the code; on an issue with a merge request of its own, on a merge request on its branch"],
            [Markdown.code("\(trigger) ask TEXT"), "an answer about the code, without a change"],
            [Markdown.code("\(trigger) plan TEXT"), "a plan first; a reply to it corrects it"],
            [Markdown.code("\(trigger) approve"), "start the work that the plan describes; a 👍 on the plan does the same"],
            [Markdown.code("\(trigger) fix"), "on a merge request: repair its failed pipeline"],
            [Markdown.code("\(trigger) review"), "on a merge request: a review with comments on the diff; asked again, only what is new"],
            [Markdown.code("\(trigger) status"), "what is running here"],
            [Markdown.code("\(trigger) stop"), "end it"],
            [Markdown.code("\(trigger) retry"), "start the last one again"],
            [Markdown.code("\(trigger) help"), "this text"],
        ]
        return .paragraphs([
            word.isEmpty ? "" : "I don't know the command \(Markdown.code(String(word.prefix(40)))).",
            .table(["Command", "What it does"], rows),
            "Assigning an issue to me is the same as a command to do what it says. Comments while I work are taken in.",
        ])
    }
}
