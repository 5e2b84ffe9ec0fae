import Agent
import Domain
import Foundation
import GitLabAPI

/// The merge request under review, and who asked for it: a person in GitLab, or the operator on the command line.
struct ReviewPlace: Sendable {
    let run: TaskRun
    let desk: any Desk
    let gitLab: GitLabAccess
    let project: GitLabProject
    let merge: GitLabMergeRequest
    /// Nil on the command line.
    let origin: GitLabOrigin?

    var client: GitLabClient { gitLab.client }
    var target: NoteTarget { .mergeRequest(projectID: project.id, iid: merge.iid) }
    /// A dry run looks and writes nothing.
    var publishes: Bool { run.task.isDryRun != true }

    static func open(_ run: TaskRun) async throws -> ReviewPlace {
        guard let gitLab = run.parts.gitLab else {
            throw TaskFailure(.configuration, "A review needs GitLab: set GITLAB_URL and GITLAB_API_TOKEN.")
        }
        guard let origin = run.task.gitLab else { return try await onCommandLine(run, gitLab) }
        let desk = try await GitLabDesk.open(run: run, origin: origin, gitLab: gitLab)
        guard case .mergeRequest(let merge) = desk.subject else {
            throw TaskFailure(.code, "Only merge requests can be reviewed. Ask on the merge request, or put a question with \(run.parts.settings.trigger) ask.")
        }
        guard !desk.isHidden else {
            throw TaskFailure(.configuration, "A review is seen by all who see the merge request, so it can't be asked for in an internal note.")
        }
        return try ReviewPlace(run: run, desk: desk, gitLab: gitLab, project: desk.project, merge: merge, origin: origin).opened()
    }

    private static func onCommandLine(_ run: TaskRun, _ gitLab: GitLabAccess) async throws -> ReviewPlace {
        guard let url = run.task.repositoryURL, let address = MergeRequestAddress(url, on: gitLab.client.address) else {
            throw TaskFailure(
                .configuration,
                "That is not the address of a merge request on \(gitLab.client.address), such as \(gitLab.client.address)/group/project/-/merge_requests/7.")
        }
        let project = try await gitLab.client.project(.path(address.project))
        let merge = try await gitLab.client.mergeRequest(projectID: project.id, iid: address.iid)
        return try ReviewPlace(run: run, desk: CommandLineDesk(run: run), gitLab: gitLab, project: project, merge: merge, origin: nil)
            .opened()
    }

    private func opened() throws -> ReviewPlace {
        guard merge.isOpen || !publishes else {
            throw TaskFailure(.cancelled, "The merge request is \(merge.state), so it was not reviewed.")
        }
        return self
    }

    /// Leads to lines of the reviewed commit.
    func link(_ path: String, _ lines: ClosedRange<Int>?, at sha: String) -> Markdown {
        let span = lines.map { $0.count == 1 ? "#L\($0.lowerBound)" : "#L\($0.lowerBound)-\($0.upperBound)" } ?? ""
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
        let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let shown = path + (lines.map { ":\($0.lowerBound)" } ?? "")
        return Markdown.link(shown, to: "\(project.webURL)/-/blob/\(sha)/\(escaped)\(span)")
    }
}

/// `https://gitlab.example.com/group/project/-/merge_requests/7`, perhaps with a page of it at the end.
struct MergeRequestAddress: Hashable {
    let project: String
    let iid: Int64

    init?(_ text: String, on gitLab: GitLabAddress) {
        let plain = text.prefix { $0 != "?" && $0 != "#" }
        guard plain.lowercased().hasPrefix(gitLab.base.lowercased() + "/") else { return nil }
        let parts = plain.dropFirst(gitLab.base.count).split(separator: "/").map(String.init)
        guard let mark = parts.lastIndex(of: "merge_requests"), mark + 1 < parts.count, let iid = Int64(parts[mark + 1]), iid > 0 else { return nil }
        var names = parts[..<mark]
        if names.last == "-" { names.removeLast() }
        guard names.count >= 2, !names.contains("..") else { return nil }
        project = names.joined(separator: "/")
        self.iid = iid
    }
}
