extension GitLabClient {
    /// The user that the token belongs to: the bot.
    package func currentUser() async throws(GitLabFailure) -> GitLabUser {
        try await value(GitLabCall(.get, ["user"], to: "say whose token this is"))
    }

    /// The token itself; nil for tokens that can't be looked at, such as OAuth ones.
    package func currentToken() async throws(GitLabFailure) -> GitLabToken? {
        try await valueIfThere(GitLabCall(.get, ["personal_access_tokens", "self"], to: "describe the token"))
    }

    package func version() async throws(GitLabFailure) -> GitLabVersion {
        if let version: GitLabVersion = try await valueIfThere(GitLabCall(.get, ["metadata"], to: "tell its version")) {
            return version
        }
        return try await value(GitLabCall(.get, ["version"], to: "tell its version"))
    }

    package func user(id: Int64) async throws(GitLabFailure) -> GitLabUser? {
        try await valueIfThere(GitLabCall(.get, ["users", .number(id)], to: "describe a user"))
    }

    package func user(named username: String) async throws(GitLabFailure) -> GitLabUser? {
        let call = GitLabCall(.get, ["users"], query: [("username", username)], to: "find a user")
        let users: [GitLabUser] = try await value(call)
        return users.first { $0.username.lowercased() == username.lowercased() }
    }

    /// What waits for the bot, oldest last: the way to find what webhooks have missed.
    package func pendingTodos(limit: Int = 200) async throws(GitLabFailure) -> [GitLabTodo] {
        try await list(GitLabCall(.get, ["todos"], query: [("state", "pending")], to: "list its to-dos"), limit: limit)
    }

    package func markTodoDone(id: Int64) async throws(GitLabFailure) {
        _ = try await reply(
            to: GitLabCall(.post, ["todos", .number(id), "mark_as_done"], to: "mark a to-do as done", isRepeatable: true))
    }
}
