/// What the listener's reasons mean, for people who wonder why nothing happened.
enum DeliveryReason {
    static func explanation(of reason: String) -> String {
        switch reason {
        case "no_command": "The text holds no command at the start of a line outside code, quotes and HTML, and no task runs there."
        case "own_note": "The bot's own comment; it never obeys itself."
        case "bot_author": "Another bot's comment; bots are never obeyed."
        case "system_note": "A line of GitLab's own history."
        case "edited_without_command", "edited_by_other":
            "An edited comment counts only when its author adds a command to it; write a new comment instead."
        case "unsupported_event", "unsupported_noteable": "The bot does not act on this kind of event."
        case "project_not_allowed": "The project is not in PROJECTS."
        case "confidential_public":
            "Confidential issues and internal notes are not worked on in projects that others can see."
        default: "The reason's name says what was decided; `ai-coder tasks show` tells what became of a task."
        }
    }
}
