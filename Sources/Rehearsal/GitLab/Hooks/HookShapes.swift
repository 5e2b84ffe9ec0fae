import Foundation

/// How webhook bodies show things: other keys and another time format than the REST API.
extension GitLabWorld {
    func hookUser(_ id: Int) -> JSON {
        guard let user = users[id] else { return .null }
        return [
            "id": .integer(user.id), "name": .string(user.name), "username": .string(user.username), "avatar_url": .null,
            "email": "[REDACTED]",
        ]
    }

    func hookReviewer(_ reviewer: Reviewer) -> JSON {
        hookUser(reviewer.userID).with([
            "state": .string(reviewer.state), "re_requested": .bool(reviewer.isReRequested),
        ])
    }

    func hookLabels(_ names: [String], in projectID: Int) -> JSON {
        .list(
            names.compactMap { name in
                projects[projectID]?.labels.first { $0.name == name }.map { label in
                    [
                        "id": .integer(label.id), "title": .string(label.name), "color": .string(label.color),
                        "project_id": .integer(projectID), "created_at": .hookTime(label.createdAt),
                        "updated_at": .hookTime(label.createdAt), "template": false, "description": .text(label.description),
                        "type": "ProjectLabel", "group_id": .null,
                    ]
                }
            })
    }

    func hookProject(_ id: Int) -> JSON {
        guard let project = projects[id] else { return .null }
        let url = projectURL(project)
        let ssh = "git@\(sshHost):\(project.fullPath).git"
        return [
            "id": .integer(id), "name": .string(project.name), "description": .text(project.description),
            "web_url": .string(url), "avatar_url": .null, "git_ssh_url": .string(ssh), "git_http_url": .string("\(url).git"),
            "namespace": .string(String(project.namespacePath.split(separator: "/").last ?? "")),
            "visibility_level": .integer(project.visibility.level), "path_with_namespace": .string(project.fullPath),
            "default_branch": .text(project.defaultBranch), "ci_config_path": .null, "homepage": .string(url),
            "url": .string(ssh), "ssh_url": .string(ssh), "http_url": .string("\(url).git"),
        ]
    }

    func hookRepository(_ id: Int) -> JSON {
        guard let project = projects[id] else { return .null }
        return [
            "name": .string(project.name), "url": .string("git@\(sshHost):\(project.fullPath).git"),
            "description": .text(project.description), "homepage": .string(projectURL(project)),
        ]
    }

    func hookIssue(_ issue: Issue) -> JSON {
        [
            "author_id": .integer(issue.authorID), "closed_at": .hookTime(issue.closedAt),
            "confidential": .bool(issue.isConfidential), "created_at": .hookTime(issue.createdAt),
            "description": .string(issue.description), "discussion_locked": issue.isLocked ? true : .null, "due_date": .null,
            "id": .integer(issue.id), "iid": .integer(issue.iid), "last_edited_at": .null, "last_edited_by_id": .null,
            "milestone_id": .null, "moved_to_id": .null, "duplicated_to_id": .null, "project_id": .integer(issue.projectID),
            "relative_position": 513, "state_id": issue.isClosed ? 2 : 1, "time_estimate": 0, "title": .string(issue.title),
            "updated_at": .hookTime(issue.updatedAt), "updated_by_id": .int(issue.updatedByID), "type": "Issue",
            "url": .string(url(of: .issue(issue.id))), "total_time_spent": 0, "time_change": 0,
            "human_total_time_spent": .null, "human_time_change": .null, "human_time_estimate": .null,
            "assignee_ids": .ints(issue.assigneeIDs), "assignee_id": .int(issue.assigneeIDs.first),
            "labels": hookLabels(issue.labels, in: issue.projectID), "state": .string(issue.isClosed ? "closed" : "opened"),
            "severity": "unknown", "customer_relations_contacts": [],
        ]
    }

    func hookMergeRequest(_ found: MergeRequest, lastCommit: JSON) -> JSON {
        [
            "author_id": .integer(found.authorID), "created_at": .hookTime(found.createdAt),
            "description": .string(found.description), "draft": .bool(found.isDraft), "head_pipeline_id": .null,
            "id": .integer(found.id), "iid": .integer(found.iid), "last_edited_at": .null, "last_edited_by_id": .null,
            "merge_commit_sha": .text(found.mergeCommit), "merge_error": .null,
            "merge_params": ["force_remove_source_branch": .string(found.removesSourceBranch ? "1" : "0")],
            "merge_status": .string(found.preparedAt == nil ? "checking" : "can_be_merged"),
            "merge_user_id": .int(found.mergeUserID), "merge_when_pipeline_succeeds": false, "milestone_id": .null,
            "source_branch": .string(found.sourceBranch), "source_project_id": .integer(found.sourceProjectID),
            "state_id": found.state == .opened ? 1 : found.state == .closed ? 2 : 3,
            "target_branch": .string(found.targetBranch), "target_project_id": .integer(found.projectID),
            "time_estimate": 0, "title": .string(found.title), "updated_at": .hookTime(found.updatedAt),
            "updated_by_id": .int(found.updatedByID), "prepared_at": .hookTime(found.preparedAt),
            "assignee_ids": .ints(found.assigneeIDs), "blocking_discussions_resolved": true,
            "detailed_merge_status": .string(status(found)), "first_contribution": false, "human_time_change": .null,
            "human_time_estimate": .null, "human_total_time_spent": .null,
            "labels": hookLabels(found.labels, in: found.projectID), "last_commit": lastCommit,
            "reviewer_ids": .ints(found.reviewers.map(\.userID)), "source": hookProject(found.sourceProjectID),
            "state": .string(found.state.rawValue), "target": hookProject(found.projectID), "time_change": 0,
            "total_time_spent": 0, "url": .string(url(of: .mergeRequest(found.id))), "work_in_progress": .bool(found.isDraft),
            "approval_rules": [],
        ]
    }

    func hookNote(_ note: Note) -> JSON {
        [
            "attachment": .null, "author_id": .integer(note.authorID), "change_position": .null, "commit_id": .null,
            "created_at": .hookTime(note.createdAt), "discussion_id": .string(note.discussionID), "id": .integer(note.id),
            "internal": .bool(note.isInternal), "line_code": .text(note.position?.lineCode), "note": .string(note.body),
            "noteable_id": .integer(note.noteable.id), "noteable_type": .string(note.noteable.kind.rawValue),
            "original_position": note.originalPosition?.json ?? .null, "position": note.position?.json ?? .null,
            "project_id": .integer(note.projectID), "resolved_at": note.isResolved ? .hookTime(note.updatedAt) : .null,
            "resolved_by_id": .int(note.resolvedByID), "resolved_by_push": .null, "st_diff": .null,
            "system": .bool(note.isSystem), "type": .text(note.kind), "updated_at": .hookTime(note.updatedAt),
            "updated_by_id": .int(note.updatedByID), "description": .string(note.body),
            "url": .string("\(url(of: note.noteable))#note_\(note.id)"),
        ]
    }
}
