/// An account, of a person or a bot.
package struct GitLabUser: Sendable, Hashable, Decodable {
    package var id: Int64
    package var username: String
    package var name: String
    /// `active`, `blocked`, ...
    package var state: String?
    /// Token bots and service accounts.
    package var isBot: Bool
    package var webURL: String?
    /// Only told to administrators and for the token's own user.
    package var isAdministrator: Bool

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        username = try fields.require("username")
        name = fields.read("name") ?? ""
        state = fields.read("state")
        isBot = fields.read("bot") ?? false
        webURL = fields.read("web_url")
        isAdministrator = fields.read("is_admin") ?? false
    }
}
