import Foundation

/// GitLab's slash commands: the lines of a text that it would run, and the text without them. Deliberately more eager than a
/// careful reader of Markdown: it only leaves fenced code, quotes, indented code and HTML comments alone, so that a client
/// which protects too little is found out.
struct QuickActions: Sendable {
    struct Action: Sendable, Equatable {
        let name: String
        let argument: String
    }

    let actions: [Action]
    let remainder: String

    init(reading text: String) {
        var actions: [Action] = []
        var kept: [Substring] = []
        var fence: (mark: Character, count: Int)?
        var isInComment = false
        for line in text.replacing("\r", with: "").split(separator: "\n", omittingEmptySubsequences: false) {
            if isInComment {
                kept.append(line)
                if line.contains("-->") { isInComment = false }
                continue
            }
            let trimmed = line.drop { $0 == " " }
            let indent = line.count - trimmed.count
            if let open = fence {
                kept.append(line)
                let run = trimmed.prefix { $0 == open.mark }.count
                if indent < 4, run >= open.count, trimmed.dropFirst(run).allSatisfy(\.isWhitespace) { fence = nil }
                continue
            }
            if indent < 4, let mark = trimmed.first, mark == "`" || mark == "~" {
                let run = trimmed.prefix { $0 == mark }.count
                if run >= 3 {
                    fence = (mark, run)
                    kept.append(line)
                    continue
                }
            }
            if trimmed.hasPrefix("<!--"), !trimmed.contains("-->") { isInComment = true }
            if let action = Self.action(in: line) {
                actions.append(action)
            } else {
                kept.append(line)
            }
        }
        self.actions = actions
        var remainder = kept.joined(separator: "\n")
        if !actions.isEmpty {
            remainder = remainder.trimmingCharacters(in: .newlines)
        }
        while remainder.last?.isWhitespace == true { remainder.removeLast() }
        self.remainder = remainder
    }

    /// A line that starts with a slash and a known name, then a space or the end.
    private static func action(in line: Substring) -> Action? {
        guard line.first == "/" else { return nil }
        let name = line.dropFirst().prefix { !$0.isWhitespace }.lowercased()
        guard names.contains(name) else { return nil }
        let argument = line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        return Action(name: name, argument: argument)
    }

    static let names: Set<String> = Set(
        """
        add_child add_contacts add_email approve assign assign_reviewer award blocked_by blocks board_move cc
        checkin_reminder child_of clear_health_status clear_weight clone close confidential convert_to_ticket
        copy_metadata create_merge_request done draft due duplicate epic estimate estimate_time health_status
        invite_email iteration label labels link lock merge milestone move page parent_epic promote promote_to
        promote_to_incident publish react ready reassign reassign_reviewer rebase relabel relate remove_child
        remove_child_epic remove_contacts remove_due_date remove_email remove_epic remove_estimate remove_iteration
        remove_label remove_milestone remove_parent remove_parent_epic remove_reviewer remove_time_estimate
        remove_time_spent remove_zoom reopen request_review reviewer set_parent severity shrug spend spend_time spent
        status submit_review subscribe tableflip tag target_branch timeline title todo type unapprove unassign
        unassign_reviewer unlabel unlink unlock unsubscribe weight wip zoom
        """.split { $0.isWhitespace }.map(String.init))
}
