/// What the listener's reasons mean, for people who wonder why nothing happened, or what did.
package enum DeliveryReasons {
    /// A sentence for each reason that a delivery can be given.
    package static func explanation(of reason: String) -> String? {
        if let sentence = sentences[reason] { return sentence }
        if reason.hasPrefix("missed_") {
            return "GitLab's to-do list of the bot told it, since no delivery had: look at the webhook's recent deliveries in GitLab."
        }
        return nil
    }

    static let sentences: [String: String] = led.merging(ignored) { $1 }.merging(refused) { $1 }

    private static let led = [
        "command_do": "A comment asked for a change.",
        "command_review": "A comment asked for a review.",
        "command_ask": "A comment asked a question.",
        "command_plan": "A comment asked for a plan.",
        "command_approve": "A comment approved a plan.",
        "command_fix": "A comment asked to repair the pipeline.",
        "command_stop": "A comment asked to stop.",
        "command_status": "A comment asked how things stand.",
        "command_retry": "A comment asked to start the last work again.",
        "command_help": "A comment asked for help.",
        "command_unknown": "A comment held a command that there is not; it was answered with the short help.",
        "joined": "A further comment was handed to the work that goes on in its thread.",
        "assigned": "The issue was assigned to the bot.",
        "label": "The label of LABEL_TRIGGER was set.",
        "review_requested": "The bot was asked for a review.",
        "pushed": "New commits came to a merge request that the bot reviews.",
        "pipeline_failed": "The pipeline of one of the bot's branches failed.",
        "closed": "It was closed, so the work on it ends.",
        "unassigned": "The issue was taken off the bot, so the work on it ends.",
        "branch_deleted": "The bot's branch was deleted, so the work on it ends.",
        "approved_by_reaction": "A thumbs-up on the bot's comment approved the plan.",
        "already_received": "The same event had come before, with another delivery or another webhook.",
    ]

    private static let ignored = [
        "no_command": "The text holds no command at the start of a line outside code, quotes and HTML, and no task runs there.",
        "no_open_task": "Nothing was at work there that it could have meant.",
        "no_trigger": "The change is none that starts work: the bot was neither assigned nor asked for a review, and no label of LABEL_TRIGGER was set.",
        "own_note": "The bot's own comment; it never obeys itself.",
        "own_event": "The bot did this itself; it never obeys itself.",
        "unknown_author": "The delivery does not say who did it, and nobody unknown is obeyed.",
        "bot_author": "Another bot did this; bots are never obeyed.",
        "contradictory_author": "The delivery names two different people as the one who did it, so it is not obeyed.",
        "contradictory_project": "The delivery names two different projects, so it is not obeyed.",
        "no_project": "The delivery names no project, such as those of a whole instance.",
        "wrong_project_secret": "The secret that it came with is one for other projects.",
        "project_not_allowed": "The project is not in PROJECTS.",
        "system_note": "A line of GitLab's own history.",
        "system_event": "GitLab did this by itself.",
        "edited_without_command": "An edited comment counts only when its author adds a command to it; write a new comment instead.",
        "edited_by_other": "Somebody else edited the comment; only its author's words count. Write a new comment instead.",
        "unsupported_event": "The bot does not act on this kind of event.",
        "unsupported_noteable": "The bot answers on issues and merge requests only, not on commits or snippets.",
        "incomplete_event": "The delivery lacks what this kind of event always has.",
        "confidential_public": "Confidential issues and internal notes are not worked on in projects that others can see.",
        "pipeline_not_failed": "The pipeline has not failed.",
        "pipeline_running": "Other jobs of the pipeline still run; its end will tell.",
        "job_not_failed": "The job has not failed.",
        "no_hook_of_ours": "No webhook of the project has delivered to this service, so its to-dos are left alone.",
        "child_pipeline": "The pipeline belongs to another one, which tells of both.",
        "fork_pipeline": "The pipeline ran for a fork, whose branches the bot does not push to.",
        "not_own_branch": "The branch is none of the bot's own.",
        "no_merge_request": "No merge request or issue belongs to the branch.",
        "missed_approval": "A thumbs-up on a plan was found that no delivery had told.",
    ]

    /// These are not written down; GitLab's list of recent deliveries shows them.
    private static let refused = [
        "missing_token": "The delivery had no secret: `ai-coder webhooks install` gives the webhook one.",
        "wrong_token": "The webhook's secret is not the service's: `ai-coder webhooks install` sets it.",
        "repeated_header": "A header of the signature or the secret stood there twice.",
        "missing_signature": "The delivery was not signed, and the service takes signed ones only.",
        "malformed_signature": "The signature can't be read.",
        "stale_signature": "The signature is too old or from the future: see that both clocks are right.",
        "wrong_signature": "The signature does not fit: `ai-coder webhooks install` sets the signing token.",
        "not_json": "The body was no JSON.",
        "not_utf8": "The body was not UTF-8.",
        "too_large": "The body was larger than 26 MiB.",
        "too_deep": "The body was nested too deeply.",
        "doubled_key": "The body named a thing twice.",
        "no_room": "Too many large bodies came at once from senders not known yet; the reconciler asks GitLab for it again.",
        "broken_off": "The body did not come whole.",
        "cannot_write": "The database could not be written to; GitLab sends no delivery again by itself, but the reconciler looks for it.",
    ]
}
