import Foundation

extension GitLabWorld {
    /// Runs the slash commands of a text on its issue or merge request, with the rights of who wrote it, and writes each down.
    /// Commands that the stand-in has no state for are only written down.
    func run(_ actions: [QuickActions.Action], on target: Noteable, by userID: Int, source: String) async throws {
        for action in actions {
            quickActions.append(
                ExecutedQuickAction(
                    name: action.name, argument: action.argument, actor: users[userID]?.username ?? "", target: target,
                    source: source))
            switch target.kind {
            case .issue: try await run(action, onIssue: target.id, by: userID)
            case .mergeRequest: try await run(action, onMergeRequest: target.id, by: userID)
            }
        }
    }

    private func named(_ argument: String) -> [Int] {
        argument.split { $0 == " " || $0 == "," }.compactMap { word in
            user(named: String(word.drop { $0 == "@" }))?.id
        }
    }

    private func labels(_ argument: String) -> [String] {
        argument.split { $0 == " " || $0 == "," }.map { word in
            String(word.drop { $0 == "~" }).trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        }
    }

    private func run(_ action: QuickActions.Action, onIssue id: Int, by userID: Int) async throws {
        guard let issue = issues[id], let project = projects[issue.projectID] else { return }
        guard level(of: userID, in: project) >= .planner || issue.authorID == userID else { return }
        var change = IssueChange()
        switch action.name {
        case "close", "done": if action.name == "close" { change.isClosed = true }
        case "reopen": change.isClosed = false
        case "assign": change.assigneeIDs = issue.assigneeIDs + named(action.argument).filter { !issue.assigneeIDs.contains($0) }
        case "unassign":
            let gone = named(action.argument)
            change.assigneeIDs = gone.isEmpty ? [] : issue.assigneeIDs.filter { !gone.contains($0) }
        case "reassign": change.assigneeIDs = named(action.argument)
        case "label", "labels": change.labels = issue.labels + labels(action.argument).filter { !issue.labels.contains($0) }
        case "unlabel", "remove_label": change.labels = issue.labels.filter { !labels(action.argument).contains($0) }
        case "relabel": change.labels = labels(action.argument)
        case "title": change.title = action.argument
        case "confidential": change.isConfidential = true
        case "lock": change.isLocked = true
        case "unlock": change.isLocked = false
        default: return
        }
        try update(issue: id, change, by: userID)
    }

    private func run(_ action: QuickActions.Action, onMergeRequest id: Int, by userID: Int) async throws {
        guard let found = mergeRequests[id], let project = projects[found.projectID] else { return }
        let role = level(of: userID, in: project)
        guard role >= .developer || found.authorID == userID else { return }
        var change = MergeRequestChange()
        switch action.name {
        case "close": change.state = .closed
        case "reopen": change.state = .opened
        case "merge":
            if role >= .developer { _ = try? await merge(id, by: userID, squash: nil, removesSource: nil, sha: nil) }
            return
        case "approve": return approve(id, by: userID)
        case "unapprove": return unapprove(id, by: userID)
        case "draft", "wip": change.title = found.isDraft ? found.title : "Draft: \(found.title)"
        case "ready": change.title = MergeRequestChange.withoutDraftMark(found.title)
        case "assign": change.assigneeIDs = found.assigneeIDs + named(action.argument).filter { !found.assigneeIDs.contains($0) }
        case "unassign": change.assigneeIDs = []
        case "assign_reviewer", "reviewer", "request_review":
            let now = found.reviewers.map(\.userID)
            change.reviewerIDs = now + named(action.argument).filter { !now.contains($0) }
        case "unassign_reviewer", "remove_reviewer": change.reviewerIDs = []
        case "label", "labels": change.labels = found.labels + labels(action.argument).filter { !found.labels.contains($0) }
        case "unlabel", "remove_label": change.labels = found.labels.filter { !labels(action.argument).contains($0) }
        case "title": change.title = action.argument
        case "target_branch": change.targetBranch = action.argument
        default: return
        }
        try update(mergeRequest: id, change, by: userID)
    }
}
