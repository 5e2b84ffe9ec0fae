internal import Transport

/// The end of a job's log, which is where the failure stands.
package struct GitLabJobTrace: Sendable, Hashable {
    package var text: String
    /// The beginning is missing.
    package var isCut: Bool
}

extension GitLabClient {
    package enum CommitState: String, Sendable { case pending, running, success, failed, canceled, skipped }

    package func pipeline(id: Int64, projectID: Int64) async throws(GitLabFailure) -> GitLabPipeline {
        try await value(
            GitLabCall(.get, ["projects", .number(projectID), "pipelines", .number(id)], to: "read the pipeline"))
    }

    /// The pipelines of a branch, newest first.
    package func pipelines(ofBranch branch: String, projectID: Int64, limit: Int) async throws(GitLabFailure) -> [GitLabPipeline] {
        try await list(
            GitLabCall(.get, ["projects", .number(projectID), "pipelines"], query: [("ref", branch)], to: "list the branch's pipelines"),
            perPage: min(limit, 100), limit: limit)
    }

    /// The pipeline's jobs, only the failed ones when asked so.
    package func jobs(
        ofPipeline id: Int64, projectID: Int64, onlyFailed: Bool = false
    ) async throws(GitLabFailure) -> [GitLabJob] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "pipelines", .number(id), "jobs"],
                query: onlyFailed ? [("scope[]", "failed")] : [], to: "list the pipeline's jobs"), limit: 1_000)
    }

    /// The pipeline's jobs that start other pipelines; they are not among its other jobs.
    package func bridges(ofPipeline id: Int64, projectID: Int64) async throws(GitLabFailure) -> [GitLabBridge] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "pipelines", .number(id), "bridges"], to: "list the pipeline's child pipelines"), limit: 200)
    }

    /// The last `limit` bytes of a job's log, without GitLab's section marks and colours.
    package func trace(ofJob id: Int64, projectID: Int64, limit: Int = 64 << 10) async throws(GitLabFailure) -> GitLabJobTrace {
        let bytes = try await reply(
            to: GitLabCall(
                .get, ["projects", .number(projectID), "jobs", .number(id), "trace"], to: "read a job's log",
                limit: 512 << 20, tail: limit)
        ).body
        let isCut = bytes.count > limit
        return GitLabJobTrace(text: TraceText.plain(bytes.suffix(limit)), isCut: isCut)
    }

    package func retryJob(id: Int64, projectID: Int64) async throws(GitLabFailure) -> GitLabJob {
        try await value(
            GitLabCall(.post, ["projects", .number(projectID), "jobs", .number(id), "retry"], to: "retry a job"))
    }

    /// Reports a check on a commit. The same state twice is success.
    package func setStatus(
        _ state: CommitState, ofCommit sha: String, projectID: Int64, name: String, ref: String? = nil,
        targetURL: String? = nil, description: String? = nil
    ) async throws(GitLabFailure) {
        var body: [String: JSONField] = ["state": .text(state.rawValue), "name": .text(name)]
        body["ref"] = JSONField(ref)
        body["target_url"] = JSONField(targetURL)
        body["description"] = JSONField(description.map { String($0.prefix(200)) })
        do {
            _ = try await reply(
                to: GitLabCall(
                    .post, ["projects", .number(projectID), "statuses", .name(sha)], body: body, to: "report a status",
                    isRepeatable: true))
        } catch {
            guard error.detail.contains("Cannot transition status") else { throw error }
        }
    }

    package func statuses(ofCommit sha: String, projectID: Int64) async throws(GitLabFailure) -> [GitLabCommitStatus] {
        try await list(
            GitLabCall(
                .get, ["projects", .number(projectID), "repository", "commits", .name(sha), "statuses"],
                to: "list the commit's checks"), limit: 500)
    }
}

/// A job's log as plain text.
enum TraceText {
    static func plain(_ bytes: some Sequence<UInt8>) -> String {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        var pending = iterator.next()
        while let byte = pending {
            pending = iterator.next()
            switch byte {
            case 0x1B:
                // A control sequence ends with a letter; anything else is a single character's worth.
                guard pending == UInt8(ascii: "[") else { continue }
                repeat { pending = iterator.next() } while pending.map { !(0x40...0x7E).contains($0) } ?? false
                pending = iterator.next()
            case 0x0D where pending == 0x0A: break
            case 0x0D:
                // What follows is written over the line, except after a section mark.
                if let newline = result.lastIndex(of: 0x0A) { result.removeSubrange((newline + 1)...) } else { result = [] }
            case 0x09, 0x0A, 0x20...0x7E, 0x80...: result.append(byte)
            default: break
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
