import Foundation

extension GitLabWorld {
    @discardableResult
    func startPipeline(
        in projectID: Int, ref: String, sha: String, by userID: Int, jobs: [(name: String, stage: String)] = [("test", "test")]
    ) -> Pipeline {
        let iid = projects[projectID]?.nextPipelineIID ?? 1
        projects[projectID]?.nextPipelineIID = iid + 1
        let merge = mergeRequests.values.first {
            $0.sourceProjectID == projectID && $0.sourceBranch == ref && $0.state == .opened
        }
        let date = now()
        let pipeline = Pipeline(
            id: nextID(.pipeline), iid: iid, projectID: projectID, sha: sha, ref: ref, status: "running",
            source: merge == nil ? "push" : "merge_request_event", userID: userID, mergeRequestID: merge?.id,
            jobs: jobs.map { Job(id: nextID(.job), name: $0.name, stage: $0.stage, status: "running", log: "", createdAt: date) },
            createdAt: date, updatedAt: date)
        pipelines[pipeline.id] = pipeline
        emitPipeline(pipeline)
        return pipeline
    }

    /// Ends a pipeline; `failing` names the jobs that fail, with their logs.
    func finishPipeline(_ id: Int, failing: [String: String], reasons: [String: String] = [:]) {
        guard var pipeline = pipelines[id] else { return }
        for index in pipeline.jobs.indices {
            let log = failing[pipeline.jobs[index].name]
            pipeline.jobs[index].status = log == nil ? "success" : "failed"
            pipeline.jobs[index].failureReason = log == nil ? nil : reasons[pipeline.jobs[index].name] ?? "script_failure"
            pipeline.jobs[index].log = log ?? "Job succeeded\n"
        }
        let hasFailedChild = pipeline.children.values.contains { pipelines[$0]?.status == "failed" }
        pipeline.status = failing.isEmpty && !hasFailedChild ? "success" : "failed"
        pipeline.finishedAt = now()
        pipeline.updatedAt = pipeline.finishedAt ?? pipeline.updatedAt
        pipelines[id] = pipeline
        emitPipeline(pipeline)
    }

    func shapeBasic(_ pipeline: Pipeline) -> JSON {
        let project = projects[pipeline.projectID]
        return [
            "id": .integer(pipeline.id), "iid": .integer(pipeline.iid), "project_id": .integer(pipeline.projectID),
            "sha": .string(pipeline.sha), "ref": .string(pipeline.ref), "status": .string(pipeline.status),
            "source": .string(pipeline.source), "created_at": .time(pipeline.createdAt), "updated_at": .time(pipeline.updatedAt),
            "web_url": .string("\(project.map(projectURL) ?? baseURL)/-/pipelines/\(pipeline.id)"), "name": .null,
        ]
    }

    func shape(_ pipeline: Pipeline) -> JSON {
        shapeBasic(pipeline).with([
            "before_sha": .string(Self.zeroes), "tag": false, "yaml_errors": .null, "user": basicUser(pipeline.userID),
            "started_at": .time(pipeline.createdAt), "finished_at": .time(pipeline.finishedAt), "committed_at": .null,
            "duration": .int(pipeline.finishedAt.map { Int($0.timeIntervalSince(pipeline.createdAt)) }),
            "queued_duration": 0, "coverage": .null, "archived": false,
            "detailed_status": [
                "icon": .string("status_\(pipeline.status)"), "text": .string(pipeline.status), "label": .string(pipeline.status),
                "group": .string(pipeline.status), "tooltip": .string(pipeline.status), "has_details": true,
            ],
        ])
    }

    func bridges(of pipeline: Pipeline) -> JSON {
        .list(
            pipeline.children.sorted { $0.key < $1.key }.map { name, id in
                let child = pipelines[id]
                return [
                    "id": .integer(id), "name": .string(name), "stage": "test", "status": .string(child?.status ?? "created"), "allow_failure": false,
                    "downstream_pipeline": child.map { shapeBasic($0) } ?? .null,
                ]
            })
    }

    func shape(_ job: Job, in pipeline: Pipeline) -> JSON {
        let project = projects[pipeline.projectID]
        return [
            "id": .integer(job.id), "status": .string(job.status), "stage": .string(job.stage), "name": .string(job.name),
            "ref": .string(pipeline.ref), "tag": false, "coverage": .null, "allow_failure": .bool(job.allowsFailure),
            "created_at": .time(job.createdAt), "started_at": .time(job.createdAt),
            "finished_at": .time(pipeline.finishedAt), "erased_at": .null, "duration": 1, "queued_duration": 0,
            "user": basicUser(pipeline.userID), "commit": ["id": .string(pipeline.sha)],
            "pipeline": shapeBasic(pipeline), "failure_reason": .text(job.failureReason),
            "web_url": .string("\(project.map(projectURL) ?? baseURL)/-/jobs/\(job.id)"),
            "project": ["ci_job_token_scope_enabled": false], "artifacts": [], "runner": .null, "tag_list": [],
            "artifacts_expire_at": .null, "archived": false,
        ]
    }
}
