import Foundation

extension GitLabWorld {
    /// The merge request as lists show it.
    func basicShape(_ found: MergeRequest) -> JSON {
        let project = projects[found.projectID]
        let isPrepared = found.preparedAt != nil
        return [
            "id": .integer(found.id), "iid": .integer(found.iid), "project_id": .integer(found.projectID),
            "title": .string(found.title), "description": .string(found.description), "state": .string(found.state.rawValue),
            "created_at": .time(found.createdAt), "updated_at": .time(found.updatedAt), "merged_at": .time(found.mergedAt),
            "closed_at": .time(found.closedAt), "merged_by": basicUser(found.mergeUserID),
            "merge_user": basicUser(found.mergeUserID), "target_branch": .string(found.targetBranch),
            "source_branch": .string(found.sourceBranch),
            "user_notes_count": .integer(commentCount(.mergeRequest(found.id))), "upvotes": 0, "downvotes": 0,
            "author": basicUser(found.authorID), "assignees": .list(found.assigneeIDs.map(basicUser)),
            "assignee": basicUser(found.assigneeIDs.first),
            "reviewers": .list(found.reviewers.map { basicUser($0.userID) }),
            "source_project_id": .integer(found.sourceProjectID), "target_project_id": .integer(found.projectID),
            "labels": .texts(found.labels), "draft": .bool(found.isDraft), "work_in_progress": .bool(found.isDraft),
            "imported": false, "imported_from": "none", "milestone": .null, "merge_when_pipeline_succeeds": false,
            "merge_status": .string(isPrepared ? "can_be_merged" : "checking"),
            "detailed_merge_status": .string(status(found)), "merge_after": .null,
            "sha": .text(found.versions.last?.head), "merge_commit_sha": .text(found.mergeCommit),
            "squash_commit_sha": .null, "discussion_locked": .null, "should_remove_source_branch": .null,
            "force_remove_source_branch": .bool(found.removesSourceBranch), "prepared_at": .time(found.preparedAt),
            "allow_collaboration": .bool(found.allowsCollaboration), "reference": .string("!\(found.iid)"),
            "references": .object([
                "short": .string("!\(found.iid)"), "relative": .string("!\(found.iid)"),
                "full": .string("\(project?.fullPath ?? "")!\(found.iid)"),
            ]),
            "web_url": .string(url(of: .mergeRequest(found.id))),
            "time_stats": [
                "time_estimate": 0, "total_time_spent": 0, "human_time_estimate": .null, "human_total_time_spent": .null,
            ],
            "squash": .bool(found.squashes), "squash_on_merge": .bool(found.squashes),
            "task_completion_status": ["count": 0, "completed_count": 0],
            "blocking_discussions_resolved": .bool(openThreads(found).isEmpty),
        ]
    }

    func status(_ found: MergeRequest) -> String {
        if found.preparedAt == nil { return "preparing" }
        if found.state != .opened { return "not_open" }
        if found.isDraft { return "draft_status" }
        if projects[found.projectID]?.settings["only_allow_merge_if_all_discussions_are_resolved"] == true,
            !openThreads(found).isEmpty
        {
            return "discussions_not_resolved"
        }
        return "mergeable"
    }

    private func openThreads(_ found: MergeRequest) -> [Note] {
        notes(on: .mergeRequest(found.id)).filter { $0.isResolvable && !$0.isResolved }
    }

    /// The merge request alone, with what only this view has.
    func shape(_ found: MergeRequest, for userID: Int?) async -> JSON {
        let isPrepared = found.preparedAt != nil
        let conflicts = isPrepared ? await hasConflicts(found) : false
        let version = found.versions.last
        let pipeline = pipelines.values.filter { $0.mergeRequestID == found.id || $0.sha == version?.head && $0.projectID == found.projectID }
            .max { $0.id < $1.id }
        var count: JSON = .null
        if isPrepared, let version, let files = try? await repository(of: found.projectID).diff(version.base, version.head) {
            count = .string(String(files.count))
        }
        let refs: JSON =
            isPrepared
            ? [
                "base_sha": .text(version?.base), "head_sha": .text(version?.head), "start_sha": .text(version?.start),
            ] : .null
        var view = basicShape(found).with([
            "subscribed": false, "changes_count": count, "latest_build_started_at": .null, "latest_build_finished_at": .null,
            "first_deployed_to_production_at": .null, "pipeline": pipeline.map { self.shapeBasic($0) } ?? .null,
            "head_pipeline": isPrepared ? pipeline.map { self.shape($0) } ?? .null : .null, "has_conflicts": .bool(conflicts),
            "diff_refs": refs,
            "merge_error": .null, "first_contribution": false, "rebase_in_progress": false, "diverged_commits_count": 0,
        ])
        if let project = projects[found.projectID], let userID {
            view = view.with(["user": ["can_merge": .bool(canMerge(found, project, userID))]])
        }
        if conflicts { view = view.with(["detailed_merge_status": "conflict", "merge_status": "cannot_be_merged"]) }
        return view
    }

    /// Reading is what makes it ready, so that clients meet the unprepared state for sure; time does it as well.
    func markRead(_ id: Int) {
        guard let found = mergeRequests[id], found.preparedAt == nil else { return }
        mergeRequests[id]?.readsUntilPrepared -= 1
        if found.readsUntilPrepared <= 0 { mergeRequests[id]?.preparedAt = now() }
    }

    func shape(_ version: Version, of found: MergeRequest) -> JSON {
        [
            "id": .integer(version.id), "head_commit_sha": .string(version.head), "base_commit_sha": .string(version.base),
            "start_commit_sha": .string(version.start), "created_at": .time(version.createdAt),
            "merge_request_id": .integer(found.id), "state": "collected", "real_size": "1", "patch_id_sha": .null,
        ]
    }
}
