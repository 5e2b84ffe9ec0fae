import Agent
import Domain
import Foundation
import GitLabAPI
import TestRuns
import Workspaces

extension GitFailure {
    /// GITLAB_API_TOKEN goes to GITLAB_URL alone; who has set it wonders why it did not help here.
    fileprivate func saying(whyWithoutToken address: GitLabAddress?) -> GitFailure {
        guard let address else { return self }
        return GitFailure(
            reason,
            "\(message) GITLAB_API_TOKEN was not used, since the repository is not on \(address) (GITLAB_URL): set GITLAB_URL to its GitLab, or give gitlab_api_token with the task.",
            detail: detail)
    }
}

/// Brings the repository's tip here and reads what the project says about itself.
struct CloneStage {
    let run: TaskRun
    let desk: any Desk
    let sandbox: any Sandbox
    /// Makes of the cloned tip what the work starts from; called on each run, before recorded work is laid out on it.
    var prepare: ((Checkout) async throws -> Checkout)?

    private struct Origin: Codable, Sendable {
        var base: CommitID?
        var branch: String?
        var defaultBranch: String?
    }

    func open(_ assignment: Assignment, in place: TaskDirectory) async throws -> Workshop {
        let git = run.parts.git
        let credential = try desk.credential(for: assignment.repositoryURL)
        // A later run goes on from the same commit, wherever the branch is by then.
        let known = try await run.steps.recall("origin", as: Origin.self)
        let cloned: Checkout
        do {
            cloned = try await git.checkOut(
                assignment.repositoryURL, ref: known?.base?.rawValue ?? assignment.ref, credential: credential,
                into: place.subdirectory("work"), owner: run.parts.settings.sandboxUser)
        } catch let failure as GitFailure where failure.reason == .authentication && credential == nil {
            throw failure.saying(whyWithoutToken: run.parts.gitLab?.client.address)
        }
        let origin = try await run.steps.step("origin") {
            Origin(base: cloned.base, branch: cloned.baseBranch, defaultBranch: cloned.defaultBranch)
        }
        let tip = Checkout(
            tree: cloned.tree, gitDirectory: cloned.gitDirectory, base: cloned.base, baseBranch: origin.branch,
            remoteURL: cloned.remoteURL, defaultBranch: origin.defaultBranch)

        let texts = try await projectTexts(tip, of: assignment, credential: credential, in: place)
        let checkout = try await prepare?(tip) ?? tip
        try await restore(checkout)
        var (rules, problems) = ProjectRules.read(texts.rules ?? "")
        let allowed = run.parts.settings.allowedHosts
        for host in rules.network where !HostRule.isGranted(host, by: allowed) {
            problems.append(
                ProjectRulesProblem(
                    line: nil,
                    message: "the host \(host.prefix(100)) of “network” is not among those that the operator allows (SANDBOX_ALLOW_HOSTS), so it stays closed"))
        }
        rules.network.removeAll { !HostRule.isGranted($0, by: allowed) }
        if let wish = rules.model, !run.parts.settings.models.contains(wish) {
            problems.append(
                ProjectRulesProblem(
                    line: nil,
                    message: "the model \(wish.prefix(100)) is not among those that the operator allows (MODEL_NAME, FALLBACK_MODEL), so it is not used"))
            rules.model = nil
        }
        rules.protected += texts.included ?? []
        for problem in problems { try await run.note(.warning, problem.description) }
        var instructions = texts.instructions
        if let own = rules.instructions { instructions.append(.init(path: ProjectRules.fileName, text: own)) }
        let runner = TestRunner(sandbox: sandbox, allowedHosts: rules.network, image: rules.image)
        let tools = try await runner.tools(in: checkout.tree)
        return Workshop(
            checkout: checkout, place: place, sandbox: sandbox, rules: rules, problems: problems,
            instructions: instructions, reviewInstructions: texts.review, runner: runner, tools: tools,
            plan: TestPlan.find(in: checkout.tree, rules: rules, hasTool: { tools.contains($0) }))
    }

    /// Lays out the tree as the last finished step left it, and records it from now on.
    private func restore(_ checkout: Checkout) async throws {
        let git = run.parts.git
        let latest = try await run.parts.store.latestTree(of: run.task.id)
        if let latest { try await git.apply(latest, to: checkout) }
        run.steps.trackTree(current: latest) { try await git.patch(of: checkout) }
    }

    private struct ProjectTexts: Codable, Sendable {
        var rules: String?
        var review: String?
        var instructions: [AgentContext.Instruction]
        /// Files that the pipeline's definition includes.
        var included: [String]?
    }

    /// The project's own rules come from its default branch only: a branch must not loosen what holds for it.
    private func projectTexts(
        _ checkout: Checkout, of assignment: Assignment, credential: GitCredential?, in place: TaskDirectory
    ) async throws -> ProjectTexts {
        try await run.steps.step("project") {
            guard checkout.base != nil else { return ProjectTexts(rules: nil, review: nil, instructions: []) }
            let names = [ProjectRules.fileName, ReviewInstructions.fileName, "AGENTS.md", "CLAUDE.md", ".gitlab/duo/chat-rules.md"]
            // A commit that is on no branch may be anybody's, such as a fork's merge request. A default branch whose name is not told,
            // or is too odd to be used, is another one than that which was asked for.
            let isDefault = assignment.ref == nil || checkout.baseBranch != nil && checkout.baseBranch == checkout.defaultBranch
            let files =
                isDefault
                ? try await read(names, in: checkout)
                : try await readFromDefaultBranch(names, of: checkout, credential: credential, in: place)
            let included = try await PipelineFiles(git: run.parts.git, checkout: checkout, first: assignment.pipelinePath).protected()
            let texts = files.mapValues { String(decoding: $0, as: UTF8.self) }
            return ProjectTexts(
                rules: texts[ProjectRules.fileName], review: texts[ReviewInstructions.fileName],
                instructions: names.dropFirst(2).compactMap { name in texts[name].map { .init(path: name, text: $0) } },
                included: included)
        }
    }

    private func readFromDefaultBranch(
        _ names: [String], of checkout: Checkout, credential: GitCredential?, in place: TaskDirectory
    ) async throws -> [String: [UInt8]] {
        let other: Checkout
        do {
            other = try await run.parts.git.checkOut(
                checkout.remoteURL, ref: nil, credential: credential, into: place.subdirectory("default"), owner: run.parts.settings.sandboxUser)
        } catch let failure as GitFailure where failure.reason == .missingBranch {
            // Without a default branch there are no rules.
            return [:]
        }
        let files = try await read(names, in: other)
        await run.parts.git.remove(other)
        return files
    }

    private func read(_ names: [String], in checkout: Checkout) async throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in names {
            files[name] = try await run.parts.git.fileAtBase(name, in: checkout, limit: ProjectRules.sizeLimit)
        }
        return files
    }
}
