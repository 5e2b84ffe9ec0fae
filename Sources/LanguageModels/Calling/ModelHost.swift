package import Secrets
internal import Transport

/// A service that speaks some wire: where it is, how it knows us, and which settings say so.
package struct ModelHost: Sendable {
    /// How the key is sent.
    package enum KeyHeader: Sendable, Hashable {
        /// By wire and host: third parties of the Anthropic wire get both headers, since they differ in which they read.
        case automatic
        case apiKey
        case bearer
    }

    package var baseURL: String
    package var key: Secret?
    package var keyHeader: KeyHeader
    /// The names of the settings, for messages.
    package var keySetting: String
    package var urlSetting: String
    package var modelSetting: String

    package init(
        baseURL: String, key: Secret?, keyHeader: KeyHeader = .automatic, keySetting: String, urlSetting: String,
        modelSetting: String = "MODEL_NAME"
    ) {
        self.baseURL = baseURL
        self.key = key
        self.keyHeader = keyHeader
        self.keySetting = keySetting
        self.urlSetting = urlSetting
        self.modelSetting = modelSetting
    }

    /// `host` or `host:port`.
    var name: String { origin?.name ?? "the model service" }
    private var origin: Origin? { Origin(baseURL) }

    var isAnthropic: Bool { isHost("anthropic.com") }
    var isOpenAI: Bool { isHost("api.openai.com") || isAzure }
    var isAzure: Bool { isHost("azure.com") || isHost("azure-api.net") }

    private func isHost(_ domain: String) -> Bool {
        origin.map { $0.host == domain || $0.host.hasSuffix("." + domain) } ?? false
    }

    func headers(for wire: WireKind) -> HeaderFields {
        var headers: HeaderFields = [
            "content-type": "application/json", "accept": "text/event-stream, application/json",
            "accept-encoding": "identity", "user-agent": "ai-coder",
        ]
        if wire == .anthropic { headers["anthropic-version"] = "2023-06-01" }
        guard let key = key?.reveal(), !key.isEmpty else { return headers }
        let (sendsKey, sendsBearer): (Bool, Bool) =
            switch keyHeader {
            case .apiKey: (true, false)
            case .bearer: (false, true)
            case .automatic:
                wire == .anthropic ? (true, !isAnthropic) : (isAzure, !isAzure)
            }
        if sendsKey { headers[wire == .anthropic ? "x-api-key" : "api-key"] = key }
        if sendsBearer { headers["authorization"] = "Bearer \(key)" }
        return headers
    }
}
