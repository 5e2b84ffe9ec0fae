import Domain
import Foundation
import GitLabAPI
import Logging

/// Has GitLab send again what this service did not take, and switches a webhook on again that GitLab has paused.
///
/// GitLab never delivers a second time by itself, but it keeps what it tried for some days. Reading that takes the role Maintainer;
/// where the bot is less, the to-dos still tell of assignments, mentions and review requests.
struct MissedDeliveries {
    private let parts: PipelineParts
    private let gitLab: GitLabAccess
    /// Asked for once in the life of this process: what fails again needs a person.
    private var tried: Set<Int64> = []
    private var forbidden: Set<String> = []
    private var lastLook = Date.distantPast

    /// GitLab resends five in a minute for each webhook.
    private static let resendsAtOnce = 4
    private static let projectsAtOnce = 50
    private static let pause: TimeInterval = 300
    private static let oldest: TimeInterval = 2 * 86400

    init(parts: PipelineParts, gitLab: GitLabAccess) {
        self.parts = parts
        self.gitLab = gitLab
    }

    /// The number of deliveries that were asked for again. Looks every few minutes only, however often it is called.
    mutating func look() async throws -> Int {
        guard let address = parts.settings.publicURL.map({ "\($0)/webhooks/gitlab" }) else { return 0 }
        guard parts.now().timeIntervalSince(lastLook) >= Self.pause else { return 0 }
        lastLook = parts.now()
        var resent = 0
        for path in try await projects() where !forbidden.contains(path) {
            do {
                let owner = HookOwner.project(.path(path))
                for hook in try await gitLab.client.hooks(of: owner) where hook.url == address {
                    resent += try await mend(hook, of: owner, path: path)
                }
            } catch let failure as GitLabFailure {
                guard failure.reason == .forbidden || failure.reason == .notFound else { throw failure }
                forbidden.insert(path)
                parts.logger.info(
                    "Missed deliveries can't be asked for again without the role Maintainer", metadata: ["project.path": "\(path)"])
            }
        }
        return resent
    }

    /// Those that deliveries came from, the latest first.
    private func projects() async throws -> [String] {
        var paths: [String] = []
        for delivery in try await parts.store.deliveries(before: nil, limit: 1000) {
            guard let path = delivery.projectPath, !paths.contains(path) else { continue }
            paths.append(path)
            if paths.count == Self.projectsAtOnce { break }
        }
        return paths
    }

    private mutating func mend(_ hook: GitLabHook, of owner: HookOwner, path: String) async throws -> Int {
        if let status = hook.alertStatus, status != "executable" {
            // A sample that arrives is what switches it on again.
            do {
                try await gitLab.client.testHook(id: hook.id, of: owner)
            } catch {
                parts.logger.warning(
                    "GitLab has paused the webhook, and its sample delivery does not arrive either; run `ai-coder doctor`",
                    metadata: ["project.path": "\(path)", "hook.status": "\(status)", "error": "\(error.message)"])
                return 0
            }
            parts.logger.notice(
                "GitLab had paused the webhook; a sample delivery has switched it on again",
                metadata: ["project.path": "\(path)", "hook.status": "\(status)"])
        }
        var resent = 0
        let failed = try await gitLab.client.deliveries(ofHook: hook.id, of: owner, onlyFailed: true)
        // The oldest first: a later one may answer an earlier one.
        for delivery in failed.reversed() where resent < Self.resendsAtOnce {
            guard !tried.contains(delivery.id), delivery.url == nil || delivery.url == hook.url, let key = delivery.idempotencyKey,
                let at = delivery.createdAt?.date, parts.now().timeIntervalSince(at) < Self.oldest,
                try await parts.store.delivery(id: key) == nil
            else { continue }
            tried.insert(delivery.id)
            try await gitLab.client.resend(delivery: delivery.id, ofHook: hook.id, of: owner)
            resent += 1
            parts.logger.notice(
                "A delivery that had failed was asked for again",
                metadata: ["project.path": "\(path)", "delivery.id": "\(key)", "delivery.status": "\(delivery.responseStatus ?? "no answer")"])
        }
        return resent
    }
}
