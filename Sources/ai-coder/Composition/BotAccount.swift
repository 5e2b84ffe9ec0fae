import GitLabAPI

/// Who the token belongs to; asked once and kept.
actor BotAccount {
    private let client: GitLabClient
    private var known: GitLabUser?

    init(client: GitLabClient) { self.client = client }

    func user() async throws -> GitLabUser {
        if let known { return known }
        let user = try await client.currentUser()
        known = user
        return user
    }
}
