import Domain
import Foundation
import GitLabAPI

/// `fix`, and failed pipelines on the bot's own merge requests: reads what failed, repairs it through the same loop as any other
/// work, and pushes. What the code did not break is told and left alone; what stays broken is handed to a person.
struct FixRecipe {
    let run: TaskRun

    func perform() async throws {
        try await run.journal.enter(.pending, as: "started", progress: 0)
        guard let origin = run.task.gitLab, let gitLab = run.parts.gitLab else {
            throw TaskFailure(.configuration, "Pipelines can only be repaired where a task comes from GitLab and GITLAB_API_TOKEN is set.")
        }
        guard origin.trigger == .pipeline else {
            return try await repair(try await GitLabDesk.open(run: run, origin: origin, gitLab: gitLab), after: nil)
        }
        // Decided once: the branch has moved by the time of a second run, by this very repair.
        let found: RepairCase? = try await run.steps.step("repair.case") {
            switch try await RepairCase.Finder(run: run, origin: origin, gitLab: gitLab).find() {
            case .found(let found): return found
            case .leave(let reason):
                try await run.note(.notice, "The failed pipeline was left alone: \(reason)")
                return nil
            }
        }
        guard let found else { return }
        var owned = origin
        owned.subject = .mergeRequest(iid: found.mergeRequest)
        owned.requester = found.requester
        (owned.noteID, owned.discussionID) = (nil, nil)
        // A pipeline may have run on a merge of both branches; that its commit is the branch's has been seen.
        owned.headSHA = nil
        var task = run.task
        task.origin = .gitLab(owned)
        let owner = TaskRun(task: task, parts: run.parts, journal: run.journal, logger: run.logger)
        let desk = try await GitLabDesk.open(run: owner, origin: owned, gitLab: gitLab)
        try await repair(desk, after: found)
    }

    /// - Parameter case: nil when a person asked.
    private func repair(_ desk: GitLabDesk, after found: RepairCase?) async throws {
        guard case .mergeRequest(let merge) = desk.subject else {
            return try await desk.nothingToDo("Pipelines are repaired on merge requests: give the command there.")
        }
        let pipeline: FailedPipeline? = try await run.steps.step("pipeline") {
            guard let id = try await newest(for: merge, desk) else { return nil }
            return try await PipelineReader(client: desk.client, projectID: desk.origin.projectID, redactor: run.parts.redactor)
                .read(id, target: merge.targetBranch)
        }
        guard let pipeline else { return try await desk.nothingToDo("No pipeline has run for this merge request.") }
        let report = RepairReport(pipeline: pipeline, target: merge.targetBranch, repairs: found?.repairs ?? [])
        guard pipeline.status == "failed" else {
            return try await desk.nothingToDo("The last pipeline has not failed: it is \(pipeline.status).")
        }
        guard !pipeline.repairable.isEmpty else { return try await desk.leave(report.reasonToLeave, on: merge) }
        if let found, found.repairs.count >= run.parts.settings.pipelineFixAttempts {
            return try await desk.leave(report.handover, on: merge)
        }
        var desk = desk
        desk.prelude = report.prelude(limit: found == nil ? nil : run.parts.settings.pipelineFixAttempts)
        // One unasked repair for each commit, whatever becomes of it: a pipeline may be run again and again.
        if found != nil, let prelude = desk.prelude { desk.prelude = .paragraphs([prelude, GitLabDesk.handedMarker(merge)]) }
        let assignment = try await run.steps.step("assignment") { [desk] in
            var assignment = try await desk.gather()
            assignment.intent = """
                Repair the pipeline of merge request !\(merge.iid), which failed in \(pipeline.repairable.map(\.name).joined(separator: ", ")). \
                Find the cause in what the merge request changes and mend it there; the logs of the failed jobs are below. Change \
                nothing that the failure does not ask for, and weaken no test or check.
                \(run.task.intent)
                """
            assignment.sections = pipeline.sections(target: merge.targetBranch) + assignment.sections
            assignment.repairs = pipeline.id
            return assignment
        }
        do {
            try await ChangeRecipe(run: desk.run).perform(assignment, at: desk)
        } catch let failure as TaskFailure where [.code, .budget].contains(failure.kind) && found != nil {
            try await desk.leave(report.failure(failure.message), on: merge)
            throw failure
        }
    }

    private func newest(for merge: GitLabMergeRequest, _ desk: GitLabDesk) async throws -> Int64? {
        if let id = desk.origin.pipelineID { return id }
        let all = try await desk.client.pipelines(ofMergeRequest: merge.iid, projectID: desk.origin.projectID)
        return all.map(\.id).max() ?? merge.headPipeline?.id
    }
}
