import Domain
import Foundation
import Logging
import Outbox
import Secrets

/// Where one task's status goes and what signs it: its own address and secret before the configured ones.
struct StatusRoute {
    var task: CodingTask
    var settings: Settings.StatusWebhook
    /// The secret that came with the task, as long as this process knows it.
    var given: Secret?
    var now = Date()

    func route(_ logger: Logger) -> WebhookRoute {
        guard !task.kind.isControl, let url = task.webhookURL ?? settings.url else { return .skip }
        if task.hasOwnWebhookSecret == true, given == nil {
            // Signed otherwise, or not at all, it is worth nothing to its receiver. The command that knows the secret may be at
            // work, or run again; a service that has forgotten one does not learn it again.
            let mayBeTold = task.origin == .commandLine && now.timeIntervalSince(task.createdAt) < 86400
            return mayBeTold ? .leave : .skip
        }
        let secret = given ?? settings.secret
        do {
            return .send(try WebhookTarget(url: url, secrets: secret.map { [$0] } ?? []))
        } catch {
            logger.warning("The status webhook can't be used", metadata: ["task.id": "\(task.id)", "error": "\(error)"])
            return .skip
        }
    }
}
