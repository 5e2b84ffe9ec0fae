import GitLabAPI
import Logging
import Pipeline
import Synchronization
import WebServer

/// The bot's account as far as it is known: GitLab may be away when the service starts.
final class KnownBot: Sendable {
    private let known = Mutex<BotIdentity?>(nil)

    var identity: BotIdentity? { known.withLock { $0 } }

    /// Asks until GitLab has answered.
    func learn(from gitLab: GitLabAccess, logger: Logger) async {
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do {
                let user = try await gitLab.bot()
                known.withLock { $0 = BotIdentity(id: user.id, username: user.username) }
                logger.info("Known in GitLab", metadata: ["bot.username": "\(user.username)"])
                return
            } catch {
                logger.warning("GitLab can't be asked who the bot is", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(60))
        }
    }
}
