import Agent
import Domain
import Foundation
import GitLabAPI
import Workspaces

/// What is reviewed: the commits, as GitLab names them, and what is known of earlier rounds. Gathered once.
struct ReviewSubject: Sendable, Codable {
    var base: String
    var start: String
    var head: String
    var sections: [AgentContext.Section]
    var memory: ReviewMemory

    var refs: GitLabDiffRefs { GitLabDiffRefs(baseSHA: base, startSHA: start, headSHA: head) }

    func commit(_ sha: String) throws -> CommitID {
        guard let commit = CommitID(rawValue: sha) else { throw TaskFailure(.system, "GitLab names a commit that is none: \(sha.prefix(60))") }
        return commit
    }
}

extension ReviewPlace {
    func subject() async throws -> ReviewSubject {
        let prepared = try await client.preparedMergeRequest(projectID: project.id, iid: merge.iid)
        var refs = prepared.diffRefs
        // Never worked out here: GitLab takes only positions of versions that it knows.
        if refs == nil { refs = try await client.diffVersions(projectID: project.id, iid: merge.iid).first.flatMap(GitLabDiffRefs.init) }
        guard let refs else {
            throw TaskFailure(.network, "GitLab has not worked out the merge request's changes yet.", isTransient: true)
        }
        let description = IncomingText.visible(String((merge.title + "\n\n" + merge.description).prefix(12_000)))
        let author = merge.author.map { ", by @\($0.username)" } ?? ""
        return ReviewSubject(
            base: refs.baseSHA, start: refs.startSHA, head: refs.headSHA,
            sections: [.init(source: "merge request !\(merge.iid), title and description\(author)", text: description)],
            memory: try await ReviewMemory.read(self))
    }

    func assignment(for subject: ReviewSubject) -> Assignment {
        let words = run.task.gitLab == nil ? "" : run.task.intent.trimmingCharacters(in: .whitespacesAndNewlines)
        let intent = "Review merge request !\(merge.iid) (\(merge.sourceBranch) into \(merge.targetBranch))."
        return Assignment(
            repositoryURL: "\(client.address.base)/\(project.path).git", repositoryName: project.path, ref: subject.head,
            destination: .mergeRequestBranch(merge.sourceBranch),
            intent: IncomingText.visible(words.isEmpty ? intent : "\(intent)\n\n\(words)"), sections: subject.sections,
            requester: origin.map { "@\($0.requester.username)" }, defaultBranch: project.defaultBranch)
    }
}
