import Agent
import Domain
import Foundation
import GitLabAPI
import Secrets

/// A failed pipeline as it was found, with its failed jobs' logs cut to what matters: gathered once, as a durable step.
struct FailedPipeline: Sendable, Codable {
    struct Job: Sendable, Codable {
        var name: String
        var url: String?
        /// GitLab's word, such as `script_failure`.
        var reason: String?
        var excerpt: String
        var errors: [String]
        /// The same fails on the target branch.
        var wasBroken = false
        /// What fails on the target branch, too, when something else fails besides.
        var oldFailures: [String] = []

        /// The machine failed and not the code.
        var isOutsideCode: Bool {
            guard let reason else { return false }
            return !["script_failure", "unknown_failure", "job_execution_timeout"].contains(reason)
        }
    }

    var id: Int64
    var status: String
    var url: String?
    var jobs: [Job] = []
    /// Failed jobs beyond those that were looked at.
    var moreJobs = 0
    /// Of the target branch's last finished pipeline; nil where there is none.
    var targetStatus: String?

    /// What a repair is to be about.
    var repairable: [Job] { jobs.filter { !$0.wasBroken && !$0.isOutsideCode } }

    func sections(target: String) -> [AgentContext.Section] {
        repairable.map { job in
            var text = job.excerpt
            if !job.oldFailures.isEmpty {
                text = "These fail on \(target), too, and are not to be repaired: \(job.oldFailures.joined(separator: ", "))\n\n" + text
            }
            return .init(source: "log of the failed job \(job.name)", text: IncomingText.visible(text))
        }
    }
}

/// Reads what GitLab knows about a failed pipeline.
struct PipelineReader {
    let client: GitLabClient
    let projectID: Int64
    let redactor: Redactor

    private static let mostJobs = 5
    /// Of a log's end; what comes before is passed over as it streams by.
    private static let logBytes = 1 << 20

    func read(_ id: Int64, target: String) async throws -> FailedPipeline {
        let pipeline = try await client.pipeline(id: id, projectID: projectID)
        var found = FailedPipeline(id: id, status: pipeline.status, url: pipeline.webURL)
        guard pipeline.status == "failed" else { return found }
        let failed = try await failedJobs(of: id).filter { !$0.mayFail }
        found.moreJobs = max(0, failed.count - Self.mostJobs)
        let last = try await client.pipelines(ofBranch: target, projectID: projectID, limit: 20)
            .first { $0.id != id && ["success", "failed"].contains($0.status) }
        found.targetStatus = last?.status
        var broken: [String: GitLabJob] = [:]
        if let last, last.status == "failed" {
            for job in try await failedJobs(of: last.id) { broken[job.name] = job }
        }
        for job in failed.prefix(Self.mostJobs) {
            let log = try await log(of: job)
            var entry = FailedPipeline.Job(
                name: job.name, url: job.webURL, reason: job.failureReason, excerpt: log.excerpt(), errors: log.errorLines())
            if let before = broken[job.name] {
                let then = try await self.log(of: before)
                entry.wasBroken = log.failsOnly(as: then)
                entry.oldFailures = entry.wasBroken ? [] : log.known(from: then).sorted().prefix(20).map { String($0.prefix(200)) }
            }
            found.jobs.append(entry)
        }
        return found
    }

    /// With those of the child pipelines that it waited for: there it is only the bridge to one that has failed. A child's jobs are
    /// named after their bridge, since two children may have jobs of the same name.
    private func failedJobs(of id: Int64, depth: Int = 0) async throws -> [GitLabJob] {
        var jobs = try await client.jobs(ofPipeline: id, projectID: projectID, onlyFailed: true)
        guard depth < Self.deepest else { return jobs }
        for bridge in try await bridges(of: id).prefix(Self.mostBridges) where !bridge.mayFail {
            guard bridge.status == "failed", let child = bridge.downstream, child.projectID == projectID || child.projectID == nil, child.id != id
            else { continue }
            for var job in try await failedJobs(of: child.id, depth: depth + 1) {
                job.name = "\(bridge.name) / \(job.name)"
                jobs.append(job)
            }
        }
        return jobs
    }

    private static let deepest = 2
    private static let mostBridges = 20

    private func bridges(of id: Int64) async throws -> [GitLabBridge] {
        do {
            return try await client.bridges(ofPipeline: id, projectID: projectID)
        } catch {
            // Older servers know none.
            guard error.reason == .notFound || error.reason == .forbidden else { throw error }
            return []
        }
    }

    private func log(of job: GitLabJob) async throws -> JobLog {
        JobLog(redactor.redact(try await client.trace(ofJob: job.id, projectID: projectID, limit: Self.logBytes).text))
    }
}
