import Domain
import Foundation
import Logging

/// Looks from time to time for what webhooks have missed and for what ended tasks have left in GitLab. Also prunes what is old.
package struct Reconciler: Sendable {
    private let parts: PipelineParts
    private let gitLab: GitLabAccess
    private let interval: Duration

    package init(parts: PipelineParts, gitLab: GitLabAccess, interval: Duration = .seconds(120)) {
        self.parts = parts
        self.gitLab = gitLab
        self.interval = interval
    }

    /// Until it is cancelled. The first look comes at once: the service may have been down for long.
    package func run() async throws {
        var deliveries = MissedDeliveries(parts: parts, gitLab: gitLab)
        var branches = LeftoverBranches(parts: parts, gitLab: gitLab)
        while true {
            try await attempt("prune what is old") { try await prune() }
            try await attempt("look for missed deliveries") { _ = try await deliveries.look() }
            try await attempt("look for missed commands") { _ = try await look() }
            try await attempt("look for missed approvals") { _ = try await MissedApprovals(parts: parts, gitLab: gitLab).look() }
            try await attempt("look for left-over branches") { _ = try await branches.look() }
            try await Task.sleep(for: interval)
        }
    }

    /// One look for missed commands; their number.
    @discardableResult
    package func look() async throws -> Int {
        try await MissedCommands(parts: parts, gitLab: gitLab).look()
    }

    private func prune() async throws {
        let monthAgo = parts.now().addingTimeInterval(-30 * 86400)
        _ = try await parts.store.prune(endedBefore: monthAgo, limit: 500)
        _ = try await parts.store.pruneDeliveries(before: monthAgo, limit: 5000)
    }

    /// One kind of look that fails keeps none of the others from being made.
    private func attempt(_ purpose: String, _ look: () async throws -> Void) async throws {
        do {
            try await look()
        } catch {
            try Task.checkCancellation()
            parts.logger.warning("Could not \(purpose)", metadata: ["error": "\(error)"])
        }
    }
}
