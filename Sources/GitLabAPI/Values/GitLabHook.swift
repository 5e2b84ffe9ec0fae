/// A webhook of a project or group. Its secrets are never told, only whether it has them.
package struct GitLabHook: Sendable, Hashable, Decodable {
    package var id: Int64
    package var url: String
    package var name: String?
    package var verifiesCertificate: Bool?
    /// `executable`, `temporarily_disabled` or `disabled`.
    package var alertStatus: String?
    package var disabledUntil: GitLabTime?
    /// Nil before 19.0, which does not say.
    package var hasToken: Bool?
    /// Nil or false after creating with one: this GitLab is too old to sign.
    package var hasSigningToken: Bool?
    /// The body is not GitLab's own, so that the bot can't read it.
    package var hasCustomTemplate: Bool
    /// The ticked events, as far as the bot knows them.
    package var events: Set<GitLabHookEvents>

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        id = try fields.require("id")
        url = try fields.require("url")
        name = fields.read("name")
        verifiesCertificate = fields.read("enable_ssl_verification")
        alertStatus = fields.read("alert_status")
        disabledUntil = fields.read("disabled_until")
        hasToken = fields.read("token_present")
        hasSigningToken = fields.read("signing_token_present")
        hasCustomTemplate = fields.read("custom_webhook_template", as: String.self)?.isEmpty == false
        events = Set(GitLabHookEvents.allCases.filter { fields.read($0.rawValue) == true })
    }
}
