import Domain
import Foundation
import GitLabAPI

/// Starts the last work of a thread again, for the person who asks.
///
/// The words stay those of the first requester: who may not command the bot does not come to command it because somebody else
/// says `retry`, and a Maintainer's `retry` opens no protected file that the words did not open before.
struct Retry {
    let run: TaskRun
    let origin: GitLabOrigin
    let gitLab: GitLabAccess
    let thread: String

    private enum Choice: Codable, Sendable {
        case nothing
        case running
        case again(TaskID, as: TaskID)
    }

    /// Tasks of a thread that are looked through, newest first.
    private static let lookedThrough = 20

    func perform(_ voice: ControlVoice) async throws {
        // Decided once: after a crash the newest task may be the one that this command made.
        switch try await run.steps.step("retry.choice", choose) {
        case .nothing: try await voice.say("There is nothing to try again here.")
        case .running: try await voice.say("It is still running.")
        case .again(let last, let id):
            guard let record = try await run.parts.store.task(last) else { return try await voice.say("There is nothing to try again here.") }
            _ = try await run.parts.store.submit(again(record, as: id))
        }
    }

    private func choose() async throws -> Choice {
        var verdicts: [Int64: Bool] = [origin.requester.id: true]
        for record in try await run.parts.store.tasks(thread: thread, limit: Self.lookedThrough) {
            if let author = Self.author(of: record), verdicts[author.id] == nil {
                let verdict = try await AccessCheck(gitLab: gitLab, now: run.parts.now()).check(author, inProject: origin.projectID)
                try await run.audit("retry_of:\(author.username)", verdict)
                verdicts[author.id] = verdict.isAllowed
            }
            // What was refused, or would be by now, is nobody's last work.
            guard Self.author(of: record).map({ verdicts[$0.id] == true }) ?? true else { continue }
            guard try await wasAsked(record) else { continue }
            guard record.state == .ended else { return .running }
            var generator = SystemRandomNumberGenerator()
            return .again(record.task.id, as: .random(now: Int64(run.parts.now().timeIntervalSince1970 * 1000), using: &generator))
        }
        return .nothing
    }

    /// What a delivery made up, and was found out to have, is nobody's last work either.
    private func wasAsked(_ record: TaskRecord) async throws -> Bool {
        guard record.state == .ended, let from = record.task.gitLab else { return true }
        let earlier = TaskRun(task: record.task, parts: run.parts, journal: run.journal, logger: run.logger)
        return try await TriggerCheck(run: earlier, origin: from, gitLab: gitLab).holdsGood()
    }

    /// Whose words a task follows; nil where it follows nobody's, such as the repair of a pipeline.
    private static func author(of record: TaskRecord) -> GitLabOrigin.Person? {
        guard let from = record.task.gitLab, ![.pipeline, .push].contains(from.trigger) else { return nil }
        return from.wordsOf ?? from.requester
    }

    private func again(_ last: TaskRecord, as id: TaskID) -> CodingTask {
        var task = last.task
        task.id = id
        task.retryOf = last.task.id
        task.createdAt = run.parts.now()
        guard case .gitLab(var from) = task.origin else { return task }
        // An issue's text that somebody assigned is not his own either.
        if let author = Self.author(of: last), from.wordsOf != nil || author.id != origin.requester.id || from.noteID == nil {
            from.wordsOf = author
        }
        from.requester = origin.requester
        from.projectPath = origin.projectPath
        from.at = origin.at
        from.isConfidential = from.isConfidential || origin.isConfidential
        // One of several threads, and a reply in one, are nothing without their place.
        if ![.thread, .reply].contains(from.trigger) { place(&from, last) }
        task.origin = .gitLab(from)
        return task
    }

    /// Asked for by a comment now, and answered there; what was asked in a review thread stays about that thread.
    private func place(_ from: inout GitLabOrigin, _ last: TaskRecord) {
        from.trigger = .comment
        from.pipelineID = nil
        from.headSHA = origin.headSHA
        if last.task.kind == .fix, case .issue = from.subject, let merge = last.result?.mergeRequest {
            // A pipeline of a branch was told under the issue; its repair belongs to the merge request.
            from.subject = .mergeRequest(iid: merge.iid)
            (from.noteID, from.discussionID, from.position) = (nil, nil, nil)
            return
        }
        from.noteID = origin.noteID
        if from.position == nil || origin.position != nil {
            (from.discussionID, from.position) = (origin.discussionID, origin.position)
        }
    }
}
