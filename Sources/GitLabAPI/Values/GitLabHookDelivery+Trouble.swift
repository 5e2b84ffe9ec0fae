extension GitLabHookDelivery {
    package var hasSucceeded: Bool { status.map { 200..<300 ~= $0 } ?? false }

    private var status: Int? { responseStatus.flatMap { Int($0) } }

    /// What went wrong and what to do about it, as the end of a sentence; nil for one that went well.
    package var trouble: String? {
        guard !hasSucceeded else { return nil }
        return switch status {
        case 401?:
            "the service answered 401: the secret of the webhook is not the service's; `ai-coder webhooks install` sets it, with the service's own settings"
        case 413?: "the answer was 413: the proxy in front of the service must let bodies of 26 MiB pass"
        case .some(300..<400):
            "the answer was a redirect, which GitLab does not follow: PUBLIC_URL must be the address where the service itself answers"
        case .some(400..<500):
            "the answer was \(responseStatus ?? ""), which this service gives to no delivery that is whole: look at PUBLIC_URL and at the proxy in front of the service"
        case .some(500...): "the answer was \(responseStatus ?? ""): the service, or the proxy in front of it, was in trouble; their logs say why"
        default: unanswered
        }
    }

    /// There was no answer: GitLab's own words are all that is known.
    private var unanswered: String {
        let said = responseBody.lowercased()
        if said.contains("blocked") || said.contains("local network") || said.contains("localhost") {
            return "GitLab does not send to this address because it is a local one: allow it in Admin > Settings > Network > Outbound requests"
        }
        if said.contains("timeout") || said.contains("timed out") || said.contains("expired") {
            return "the service did not answer in time: see whether it runs, and whether a firewall stands between"
        }
        if said.contains("certificate") || said.contains("ssl") {
            return "GitLab does not trust the service's certificate: use one that it knows, or give it the authority's"
        }
        return "GitLab could not reach the service: see whether it runs, and whether PUBLIC_URL is right"
    }
}
