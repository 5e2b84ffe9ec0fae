extension RouteTable {
    mutating func addPipelineRoutes() {
        add("GET", "projects/{id}/pipelines") { world, call in try await world.listPipelines(call) }
        add("POST", "projects/{id}/pipeline") { world, call in try await world.createPipeline(call) }
        add("GET", "projects/{id}/pipelines/{pipeline_id}") { world, call in
            .ok(await world.shape(try await world.pipeline(call)))
        }
        add("GET", "projects/{id}/pipelines/{pipeline_id}/jobs") { world, call in try await world.listJobs(call) }
        add("GET", "projects/{id}/pipelines/{pipeline_id}/bridges") { world, call in
            .ok(await world.bridges(of: try await world.pipeline(call)))
        }
        add("GET", "projects/{id}/pipelines/{pipeline_id}/test_report_summary") { world, call in
            _ = try await world.pipeline(call)
            return .ok(["total": ["time": 0, "count": 0, "success": 0, "failed": 0, "skipped": 0, "error": 0], "test_suites": []])
        }
        add("POST", "projects/{id}/pipelines/{pipeline_id}/cancel") { world, call in try await world.cancelPipeline(call) }
        add("GET", "projects/{id}/merge_requests/{merge_request_iid}/pipelines") { world, call in
            try await world.listMergeRequestPipelines(call)
        }
        add("GET", "projects/{id}/jobs/{job_id}") { world, call in
            let (pipeline, job) = try await world.job(call)
            return .ok(await world.shape(job, in: pipeline))
        }
        add("GET", "projects/{id}/jobs/{job_id}/trace") { world, call in try await world.showTrace(call) }
        add("POST", "projects/{id}/jobs/{job_id}/retry") { world, call in try await world.retryJob(call) }
    }
}

extension GitLabWorld {
    func pipeline(_ call: GitLabCall) throws -> Pipeline {
        let project = try project(call)
        guard let id = call.int("pipeline_id"), let pipeline = pipelines[id], pipeline.projectID == project.id else {
            throw Refusal.notFound
        }
        return pipeline
    }

    func job(_ call: GitLabCall) throws -> (Pipeline, Job) {
        let project = try project(call, needs: .reporter)
        guard let id = call.int("job_id"),
            let pipeline = pipelines.values.first(where: { $0.projectID == project.id && $0.jobs.contains { $0.id == id } }),
            let job = pipeline.jobs.first(where: { $0.id == id })
        else { throw Refusal.notFound }
        return (pipeline, job)
    }

    func listPipelines(_ call: GitLabCall) throws -> GitLabReply {
        let project = try project(call)
        var found = pipelines.values.filter { $0.projectID == project.id }
        if let sha = call.text("sha") { found = found.filter { $0.sha == sha } }
        if let ref = call.text("ref") { found = found.filter { $0.ref == ref } }
        if let status = call.text("status") { found = found.filter { $0.status == status } }
        return try Paging(call).reply(found.sorted { $0.id > $1.id }.map { shapeBasic($0) }, to: call)
    }

    func createPipeline(_ call: GitLabCall) async throws -> GitLabReply {
        let project = try project(call, needs: .developer)
        let user = try user(of: call)
        let ref = try call.required("ref")
        guard let sha = await repository(of: project.id).commit("refs/heads/\(ref)") else {
            throw Refusal(400, ["message": .object(["base": ["Reference not found"]])])
        }
        return .created(shape(startPipeline(in: project.id, ref: ref, sha: sha, by: user.id)))
    }

    func cancelPipeline(_ call: GitLabCall) throws -> GitLabReply {
        let pipeline = try pipeline(call)
        _ = try project(call, needs: .developer)
        pipelines[pipeline.id]?.status = "canceled"
        return .created(shape(pipelines[pipeline.id] ?? pipeline))
    }

    func listJobs(_ call: GitLabCall) throws -> GitLabReply {
        let pipeline = try pipeline(call)
        let scopes: [String]? =
            switch call["scope"] {
            case .list(let items)?: items.compactMap(\.text)
            case let value?: value.text.map { [$0] }
            case nil: nil
            }
        let retried = call.bool("include_retried") ?? false
        let jobs = pipeline.jobs.filter { (scopes?.contains($0.status) ?? true) && (retried || !$0.isRetried) }
        return try Paging(call).reply(jobs.map { shape($0, in: pipeline) }, to: call)
    }

    func listMergeRequestPipelines(_ call: GitLabCall) throws -> GitLabReply {
        let found = try mergeRequest(call)
        let heads = Set(found.versions.map(\.head))
        let items = pipelines.values.filter { $0.mergeRequestID == found.id || heads.contains($0.sha) }
        return try Paging(call).reply(items.sorted { $0.id > $1.id }.map { shapeBasic($0) }, to: call)
    }

    func showTrace(_ call: GitLabCall) throws -> GitLabReply {
        let (_, job) = try job(call)
        let bytes = Array(job.log.utf8)
        let start = min(bytes.count, max(0, call.int("byte_offset") ?? 0))
        let end = call.int("byte_limit").map { min(bytes.count, start + max(0, $0)) } ?? bytes.count
        return .text(String(decoding: bytes[start..<end], as: UTF8.self))
    }

    func retryJob(_ call: GitLabCall) throws -> GitLabReply {
        let (pipeline, job) = try job(call)
        _ = try project(call, needs: .developer)
        guard let index = pipeline.jobs.firstIndex(where: { $0.id == job.id }) else { throw Refusal.notFound }
        pipelines[pipeline.id]?.jobs[index].isRetried = true
        let fresh = Job(
            id: nextID(.job), name: job.name, stage: job.stage, status: "pending", allowsFailure: job.allowsFailure, log: "",
            createdAt: now())
        pipelines[pipeline.id]?.jobs.append(fresh)
        pipelines[pipeline.id]?.status = "running"
        return .created(shape(fresh, in: pipeline))
    }
}
