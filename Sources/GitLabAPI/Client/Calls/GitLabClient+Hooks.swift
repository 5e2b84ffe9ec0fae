package import Secrets

/// How a webhook shall be.
package struct HookSettings: Sendable {
    package var url: String
    package var name: String
    package var events: Set<GitLabHookEvents>
    package var token: Secret?
    package var signingToken: Secret?
    package var verifiesCertificate: Bool

    package init(
        url: String, name: String = "AI Coder", events: Set<GitLabHookEvents> = GitLabHookEvents.needed,
        token: Secret? = nil, signingToken: Secret? = nil, verifiesCertificate: Bool = true
    ) {
        self.url = url
        self.name = name
        self.events = events
        self.token = token
        self.signingToken = signingToken
        self.verifiesCertificate = verifiesCertificate
    }

    /// The secrets go along each time: some versions of GitLab clear what an update does not name.
    var fields: [String: JSONField] {
        var fields: [String: JSONField] = [
            "url": .text(url), "name": .text(name), "enable_ssl_verification": .flag(verifiesCertificate),
        ]
        for event in GitLabHookEvents.allCases { fields[event.rawValue] = .flag(events.contains(event)) }
        fields["token"] = JSONField(token?.reveal())
        fields["signing_token"] = JSONField(signingToken?.reveal())
        return fields
    }
}

/// Webhooks of a project, or of a group where the edition has them. They need the role Maintainer, or Owner of the group.
extension GitLabClient {
    package func hooks(of owner: HookOwner) async throws(GitLabFailure) -> [GitLabHook] {
        try await list(GitLabCall(.get, owner.path, to: "list the webhooks", role: "Maintainer"), limit: 500)
    }

    package func hook(id: Int64, of owner: HookOwner) async throws(GitLabFailure) -> GitLabHook? {
        try await valueIfThere(GitLabCall(.get, owner.path + [.number(id)], to: "read the webhook", role: "Maintainer"))
    }

    /// Read it back afterwards when it has a signing token: a GitLab before 19.0 ignores that silently.
    package func createHook(of owner: HookOwner, _ settings: HookSettings) async throws(GitLabFailure) -> GitLabHook {
        try await value(GitLabCall(.post, owner.path, body: settings.fields, to: "install the webhook", role: "Maintainer"))
    }

    package func updateHook(
        id: Int64, of owner: HookOwner, _ settings: HookSettings
    ) async throws(GitLabFailure) -> GitLabHook {
        try await value(GitLabCall(.put, owner.path + [.number(id)], body: settings.fields, to: "change the webhook", role: "Maintainer"))
    }

    package func deleteHook(id: Int64, of owner: HookOwner) async throws(GitLabFailure) {
        try await delete(GitLabCall(.delete, owner.path + [.number(id)], to: "remove the webhook", role: "Maintainer"))
    }

    /// Has GitLab send a sample delivery. One that succeeds also enables a disabled webhook again.
    package func testHook(
        id: Int64, of owner: HookOwner, event: GitLabHookEvents = .push
    ) async throws(GitLabFailure) {
        _ = try await reply(
            to: GitLabCall(
                .post, owner.path + [.number(id), "test", .name(event.rawValue)], to: "test the webhook", role: "Maintainer"))
    }

    /// What GitLab tried to deliver in the last days, newest first; `onlyFailed` leaves out what went well.
    package func deliveries(
        ofHook id: Int64, of owner: HookOwner, onlyFailed: Bool = false, limit: Int = 200
    ) async throws(GitLabFailure) -> [GitLabHookDelivery] {
        let failures = ["client_failure", "server_failure"].map { (name: "status[]", value: $0) }
        return try await list(
            GitLabCall(
                .get, owner.path + [.number(id), "events"], query: onlyFailed ? failures : [],
                to: "list the webhook's deliveries"), perPage: 20, limit: limit)
    }

    /// Sends one again, with the same idempotency key. GitLab allows five a minute.
    package func resend(delivery: Int64, ofHook id: Int64, of owner: HookOwner) async throws(GitLabFailure) {
        _ = try await reply(
            to: GitLabCall(
                .post, owner.path + [.number(id), "events", .number(delivery), "resend"], to: "send a delivery again",
                isRepeatable: true))
    }
}
