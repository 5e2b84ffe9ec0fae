/// The GitLab account that the bot's token belongs to.
package struct BotIdentity: Sendable, Hashable {
    package var id: Int64
    package var username: String

    package init(id: Int64, username: String) {
        self.id = id
        self.username = username
    }
}
