import Foundation

/// How the REST API shows things.
extension GitLabWorld {
    func basicUser(_ id: Int?) -> JSON {
        guard let id, let user = users[id] else { return .null }
        return [
            "id": .integer(user.id), "username": .string(user.username), "public_email": "", "name": .string(user.name),
            "state": .string(user.state), "locked": false,
            "avatar_url": .null, "web_url": .string("\(baseURL)/\(user.username)"),
        ]
    }

    func publicUser(_ user: User) -> JSON {
        basicUser(user.id).with([
            "created_at": .time(user.createdAt), "bio": "", "location": "", "linkedin": "", "twitter": "", "discord": "",
            "website_url": "", "github": "", "job_title": "", "pronouns": .null, "organization": "",
            "bot": .bool(user.isBot), "work_information": .null, "local_time": .null,
        ])
    }

    func ownUser(_ user: User) -> JSON {
        publicUser(user).with([
            "email": .string(user.email), "commit_email": .string(user.email), "theme_id": 3, "color_scheme_id": 1,
            "projects_limit": 100_000, "identities": [], "can_create_group": true, "can_create_project": true,
            "two_factor_enabled": false, "external": false, "private_profile": false, "is_admin": .bool(user.isAdmin),
            "preferred_language": "en", "last_sign_in_at": .null, "confirmed_at": .time(user.createdAt),
            "last_activity_on": .string(Stamp.day(Date())),
        ])
    }

    func shape(_ member: Member) -> JSON {
        basicUser(member.userID).with([
            "access_level": .integer(member.level.rawValue), "created_at": .time(member.createdAt),
            "expires_at": .text(member.expiresAt.map(Stamp.day)), "membership_state": .string(member.state),
            "created_by": .null,
        ])
    }

    func shape(_ project: Project, for userID: Int? = nil) -> JSON {
        let url = projectURL(project)
        let direct = userID.flatMap { project.members[$0] }
        let top = userID.flatMap { membership(of: $0, in: project) }
        func access(_ member: Member?) -> JSON {
            member.map { ["access_level": .integer($0.level.rawValue), "notification_level": 3] } ?? .null
        }
        let isOnlyInherited = top != nil && top?.level != direct?.level
        return JSON.object(project.settings).with([
            "id": .integer(project.id), "description": .text(project.description), "name": .string(project.name),
            "name_with_namespace": .string("\(project.namespacePath) / \(project.name)"), "path": .string(project.path),
            "path_with_namespace": .string(project.fullPath), "created_at": .time(project.createdAt),
            "default_branch": .text(project.defaultBranch), "tag_list": [], "topics": [],
            "ssh_url_to_repo": .string("git@\(sshHost):\(project.fullPath).git"),
            "http_url_to_repo": .string("\(url).git"), "web_url": .string(url), "readme_url": .null,
            "forks_count": .integer(projects.values.filter { $0.forkedFrom == project.id }.count), "avatar_url": .null,
            "star_count": 0, "last_activity_at": .time(project.createdAt),
            "namespace": [
                "id": .integer(project.namespaceID ?? project.creatorID), "name": .string(project.namespacePath),
                "path": .string(String(project.namespacePath.split(separator: "/").last ?? "")),
                "kind": .string(project.namespaceID == nil ? "user" : "group"),
                "full_path": .string(project.namespacePath), "parent_id": .null, "avatar_url": .null,
                "web_url": .string("\(baseURL)/\(project.namespacePath)"),
            ],
            "empty_repo": .bool(project.refs.isEmpty), "archived": .bool(project.isArchived),
            "visibility": .string(project.visibility.rawValue), "creator_id": .integer(project.creatorID),
            "open_issues_count": .integer(issues.values.filter { $0.projectID == project.id && !$0.isClosed }.count),
            "forked_from_project": project.forkedFrom.flatMap { projects[$0] }.map { parent in
                [
                    "id": .integer(parent.id), "path_with_namespace": .string(parent.fullPath),
                    "web_url": .string(projectURL(parent)),
                ]
            } ?? .null,
            "permissions": ["project_access": access(direct), "group_access": access(isOnlyInherited ? top : nil)],
        ])
    }

    var sshHost: String {
        let rest = baseURL.drop { $0 != "/" }.dropFirst(2)
        return String(rest.prefix { $0 != ":" && $0 != "/" })
    }

    func shape(_ issue: Issue) -> JSON {
        let project = projects[issue.projectID]
        let url = project.map(projectURL) ?? baseURL
        return [
            "id": .integer(issue.id), "iid": .integer(issue.iid), "project_id": .integer(issue.projectID),
            "title": .string(issue.title), "description": .string(issue.description),
            "state": .string(issue.isClosed ? "closed" : "opened"), "created_at": .time(issue.createdAt),
            "updated_at": .time(issue.updatedAt), "closed_at": .time(issue.closedAt), "closed_by": basicUser(issue.closedByID),
            "labels": .texts(issue.labels), "milestone": .null, "assignees": .list(issue.assigneeIDs.map(basicUser)),
            "assignee": basicUser(issue.assigneeIDs.first), "author": basicUser(issue.authorID), "type": "ISSUE",
            "issue_type": "issue", "user_notes_count": .integer(commentCount(.issue(issue.id))),
            "merge_requests_count": .integer(mergeRequestsClosing(issue).count), "upvotes": 0, "downvotes": 0,
            "due_date": .null, "confidential": .bool(issue.isConfidential), "discussion_locked": .bool(issue.isLocked),
            "web_url": .string("\(url)/-/issues/\(issue.iid)"),
            "time_stats": [
                "time_estimate": 0, "total_time_spent": 0, "human_time_estimate": .null, "human_total_time_spent": .null,
            ],
            "task_completion_status": ["count": 0, "completed_count": 0], "blocking_issues_count": 0, "has_tasks": false,
            "references": .object([
                "short": .string("#\(issue.iid)"), "relative": .string("#\(issue.iid)"),
                "full": .string("\(project?.fullPath ?? "")#\(issue.iid)"),
            ]),
            "severity": "UNKNOWN", "moved_to_id": .null, "imported": false, "imported_from": "none",
        ]
    }

    func commentCount(_ noteable: Noteable) -> Int {
        notes.values.filter { $0.noteable == noteable && !$0.isSystem }.count
    }

    func shape(_ note: Note, for userID: Int? = nil) -> JSON {
        var result: JSON = [
            "id": .integer(note.id), "type": .text(note.kind), "body": .string(note.body), "attachment": .null,
            "author": basicUser(note.authorID), "created_at": .time(note.createdAt), "updated_at": .time(note.updatedAt),
            "system": .bool(note.isSystem), "noteable_id": .integer(note.noteable.id),
            "noteable_type": .string(note.noteable.kind.rawValue), "project_id": .integer(note.projectID),
            "resolvable": .bool(note.isResolvable), "confidential": .bool(note.isInternal),
            "internal": .bool(note.isInternal), "imported": false, "imported_from": "none",
            "noteable_iid": .int(iid(of: note.noteable)), "commands_changes": .object([:]),
        ]
        if note.isResolvable {
            result = result.with([
                "resolved": .bool(note.isResolved), "resolved_by": basicUser(note.resolvedByID),
                "resolved_at": note.isResolved ? .time(note.updatedAt) : .null,
            ])
        }
        if let position = note.position {
            result = result.with([
                "position": position.json, "commit_id": .null,
                "suggestions": .list(
                    note.suggestions.map { suggestion in
                        [
                            "id": .integer(suggestion.id), "from_line": .integer(suggestion.fromLine),
                            "to_line": .integer(suggestion.toLine), "appliable": .bool(suggestion.isApplicable),
                            "applied": .bool(suggestion.isApplied), "from_content": .string(suggestion.from),
                            "to_content": .string(suggestion.to),
                        ]
                    }),
            ])
        }
        return result
    }

    func iid(of noteable: Noteable) -> Int? {
        switch noteable.kind {
        case .issue: issues[noteable.id]?.iid
        case .mergeRequest: mergeRequests[noteable.id]?.iid
        }
    }

    func url(of noteable: Noteable) -> String {
        switch noteable.kind {
        case .issue:
            guard let issue = issues[noteable.id], let project = projects[issue.projectID] else { return baseURL }
            return "\(projectURL(project))/-/issues/\(issue.iid)"
        case .mergeRequest:
            guard let found = mergeRequests[noteable.id], let project = projects[found.projectID] else { return baseURL }
            return "\(projectURL(project))/-/merge_requests/\(found.iid)"
        }
    }
}
