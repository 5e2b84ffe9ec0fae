import Foundation

/// The events that GitLab makes of changes, as hook bodies.
extension GitLabWorld {
    func emitIssue(_ issue: Issue, action: String, changes: [String: JSON], by userID: Int) {
        let isHidden = issue.isConfidential
        let body: JSON = [
            "object_kind": "issue", "event_type": .string(isHidden ? "confidential_issue" : "issue"), "user": hookUser(userID),
            "project": hookProject(issue.projectID),
            "object_attributes": hookIssue(issue).with(["action": .string(action)]),
            "labels": hookLabels(issue.labels, in: issue.projectID), "changes": .object(changes),
            "repository": hookRepository(issue.projectID), "assignees": .list(issue.assigneeIDs.map(hookUser)),
        ]
        emit(
            isHidden ? "confidential_issues_events" : "issues_events",
            isHidden ? "Confidential Issue Hook" : "Issue Hook", body, in: issue.projectID)
    }

    func emitMergeRequest(
        _ found: MergeRequest, action: String, changes: [String: JSON], by userID: Int, oldRevision: String? = nil
    ) {
        withLastCommit(of: found) { world, commit in
            var attributes = world.hookMergeRequest(found, lastCommit: commit).with([
                "action": .string(action), "system": false, "actioned_at": .hookTime(found.updatedAt),
            ])
            if let oldRevision { attributes = attributes.with(["oldrev": .string(oldRevision)]) }
            let body: JSON = [
                "object_kind": "merge_request", "event_type": "merge_request", "user": world.hookUser(userID),
                "project": world.hookProject(found.projectID), "object_attributes": attributes,
                "labels": world.hookLabels(found.labels, in: found.projectID), "changes": .object(changes),
                "repository": world.hookRepository(found.projectID),
                "assignees": .list(found.assigneeIDs.map(world.hookUser)),
                "reviewers": .list(found.reviewers.map(world.hookReviewer)),
            ]
            world.emit("merge_requests_events", "Merge Request Hook", body, in: found.projectID)
        }
    }

    func emitNote(_ note: Note, action: String) {
        guard !note.isSystem else { return }
        var isHidden = note.isInternal
        if note.noteable.kind == .issue, issues[note.noteable.id]?.isConfidential == true { isHidden = true }
        let body: JSON = [
            "object_kind": "note", "event_type": .string(isHidden ? "confidential_note" : "note"),
            // The author, also when somebody else edited.
            "user": hookUser(note.authorID), "project_id": .integer(note.projectID), "project": hookProject(note.projectID),
            "object_attributes": hookNote(note).with(["action": .string(action)]),
            "repository": hookRepository(note.projectID),
        ]
        let trigger = isHidden ? "confidential_note_events" : "note_events"
        let event = isHidden ? "Confidential Note Hook" : "Note Hook"
        switch note.noteable.kind {
        case .issue:
            guard let issue = issues[note.noteable.id] else { return }
            emit(trigger, event, body.with(["issue": hookIssue(issue)]), in: note.projectID)
        case .mergeRequest:
            guard let found = mergeRequests[note.noteable.id] else { return }
            withLastCommit(of: found) { world, commit in
                world.emit(
                    trigger, event, body.with(["merge_request": world.hookMergeRequest(found, lastCommit: commit)]),
                    in: note.projectID)
            }
        }
    }

    func emitAward(_ award: Award, action: String) {
        var extra: [String: JSON] = [:]
        var place = ""
        var projectID: Int?
        var kind = ""
        var targetID = 0
        func add(_ noteable: Noteable) {
            projectID = self.projectID(of: noteable)
            switch noteable.kind {
            case .issue: extra["issue"] = issues[noteable.id].map(hookIssue) ?? .null
            case .mergeRequest:
                extra["merge_request"] = mergeRequests[noteable.id].map { hookMergeRequest($0, lastCommit: .null) } ?? .null
            }
        }
        switch award.target {
        case .noteable(let noteable):
            add(noteable)
            (kind, targetID, place) = (noteable.kind.rawValue, noteable.id, url(of: noteable))
        case .note(let id):
            guard let note = notes[id] else { return }
            add(note.noteable)
            extra["note"] = hookNote(note)
            (kind, targetID, place) = ("Note", id, "\(url(of: note.noteable))#note_\(id)")
        }
        guard let projectID else { return }
        let body: JSON = [
            "object_kind": "emoji", "event_type": .string(action), "user": hookUser(award.userID),
            "project_id": .integer(projectID), "project": hookProject(projectID),
            "object_attributes": [
                "user_id": .integer(award.userID), "created_at": .hookTime(award.createdAt), "id": .integer(award.id),
                "name": .string(award.name), "awardable_type": .string(kind), "awardable_id": .integer(targetID),
                "updated_at": .hookTime(award.createdAt), "action": .string(action), "awarded_on_url": .string(place),
            ],
        ]
        emit("emoji_events", "Emoji Hook", body.with(extra), in: projectID)
    }

    func emitPipeline(_ pipeline: Pipeline) {
        let project = projects[pipeline.projectID]
        let merge = pipeline.mergeRequestID.flatMap { mergeRequests[$0] }
        var body: JSON = [
            "object_kind": "pipeline",
            "object_attributes": [
                "id": .integer(pipeline.id), "iid": .integer(pipeline.iid), "name": .null, "ref": .string(pipeline.ref),
                "tag": false, "sha": .string(pipeline.sha), "before_sha": .string(Self.zeroes),
                "source": .string(pipeline.source), "status": .string(pipeline.status),
                "detailed_status": .string(pipeline.status == "success" ? "passed" : pipeline.status),
                "stages": .texts(Array(Set(pipeline.jobs.map(\.stage))).sorted()), "created_at": .hookTime(pipeline.createdAt),
                "finished_at": .hookTime(pipeline.finishedAt), "duration": pipeline.finishedAt == nil ? .null : 1,
                "queued_duration": 0, "variables": [],
                "url": .string("\(project.map(projectURL) ?? baseURL)/-/pipelines/\(pipeline.id)"),
            ],
            "user": hookUser(pipeline.userID), "project": hookProject(pipeline.projectID),
            "commit": ["id": .string(pipeline.sha)],
            "builds": .list(
                pipeline.jobs.map { job in
                    [
                        "id": .integer(job.id), "stage": .string(job.stage), "name": .string(job.name),
                        "status": .string(job.status), "created_at": .hookTime(job.createdAt),
                        "started_at": .hookTime(job.createdAt), "finished_at": .hookTime(pipeline.finishedAt), "duration": 1,
                        "queued_duration": 0, "failure_reason": .text(job.failureReason), "when": "on_success",
                        "manual": false, "allow_failure": .bool(job.allowsFailure), "user": hookUser(pipeline.userID),
                        "runner": .null, "artifacts_file": ["filename": .null, "size": .null], "environment": .null,
                    ]
                }),
        ]
        body = body.with([
            "merge_request": merge.map { found in
                [
                    "id": .integer(found.id), "iid": .integer(found.iid), "title": .string(found.title),
                    "source_branch": .string(found.sourceBranch), "source_project_id": .integer(found.sourceProjectID),
                    "target_branch": .string(found.targetBranch), "target_project_id": .integer(found.projectID),
                    "state": .string(found.state.rawValue), "merge_status": "can_be_merged",
                    "detailed_merge_status": .string(status(found)), "url": .string(url(of: .mergeRequest(found.id))),
                ]
            } ?? .null
        ])
        emit("pipeline_events", "Pipeline Hook", body, in: pipeline.projectID)
    }

    func emitPush(_ projectID: Int, ref: String, before: String, after: String, by userID: Int) async throws {
        guard let project = projects[projectID], let person = users[userID] else { return }
        let repository = repository(of: projectID)
        var commits: [CommitRecord] = []
        if after != Self.zeroes, ref.hasPrefix("refs/heads/") {
            let range = before == Self.zeroes ? [after, "--not", "--exclude=\(ref)", "--branches"] : ["\(before)..\(after)"]
            commits = (try? await repository.log(range, limit: 200)) ?? []
        }
        let branch = ref.split(separator: "/", maxSplits: 2).last.map(String.init) ?? ref
        let isTag = ref.hasPrefix("refs/tags/")
        let url = projectURL(project)
        let body: JSON = [
            "object_kind": .string(isTag ? "tag_push" : "push"), "event_name": .string(isTag ? "tag_push" : "push"),
            "before": .string(before), "after": .string(after), "ref": .string(ref),
            "ref_protected": .bool(project.protections.contains { $0.covers(branch) }),
            "checkout_sha": after == Self.zeroes ? .null : .string(after), "message": .null, "user_id": .integer(userID),
            "user_name": .string(person.name), "user_username": .string(person.username), "user_email": .null,
            "user_avatar": .null, "project_id": .integer(projectID), "project": hookProject(projectID),
            // The payload lists at most twenty; the count has the truth.
            "commits": .list(commits.prefix(20).reversed().map { $0.hookJSON(webURL: url) }),
            "total_commits_count": .integer(commits.count), "push_options": .object([:]),
            "repository": hookRepository(projectID).with([
                "git_http_url": .string("\(url).git"), "git_ssh_url": .string("git@\(sshHost):\(project.fullPath).git"),
                "visibility_level": .integer(project.visibility.level),
            ]),
        ]
        emit(
            isTag ? "tag_push_events" : "push_events", isTag ? "Tag Push Hook" : "Push Hook", body, in: projectID,
            branch: branch)
    }
}
