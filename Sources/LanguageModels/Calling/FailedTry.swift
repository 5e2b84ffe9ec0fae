internal import Transport

/// One try that brought no turn.
enum FailedTry: Error {
    case refused(status: Int, headers: HeaderFields, error: ServiceError)
    /// What came was no whole reply; says what was wrong with it.
    case broken(String)
    case transport(TransportFailure)
}

/// What a failed try means for the caller and for the next try.
struct TryVerdict {
    var failure: ModelFailure
    var isWorthRepeating: Bool
    var headers: HeaderFields?
}

/// Sorts failed tries. Pure, so that each rule of each service is a line in a table of tests.
struct FailureSorter {
    var host: ModelHost
    var wire: WireKind
    var model: String
    var now: Double

    func verdict(_ failed: FailedTry) -> TryVerdict {
        switch failed {
        case .refused(let status, let headers, let error): refusal(status, headers, error)
        case .broken(let what):
            TryVerdict(
                failure: ModelFailure(
                    .brokenReply,
                    "The reply of \(host.name) could not be used: \(what); if this goes on, check \(host.urlSetting) and the proxy between, or set FALLBACK_MODEL.",
                    isTransient: true),
                isWorthRepeating: true)
        case .transport(let failure): transport(failure)
        }
    }

    private func transport(_ failure: TransportFailure) -> TryVerdict {
        let advice: String =
            switch failure.code {
            case .dns, .refused, .unreachable, .invalidURL: " (setting \(host.urlSetting))"
            default: ""
            }
        let reason: ModelFailure.Reason =
            switch failure.code {
            case .invalidURL, .unknownCertificateAuthority, .proxyAuthentication: .configuration
            case .tooLarge, .malformedReply: .brokenReply
            default: .network
            }
        return TryVerdict(
            failure: ModelFailure(
                reason, "The model could not be reached: \(failure)\(advice)", isTransient: failure.isTransient),
            isWorthRepeating: failure.isTransient)
    }

    private func refusal(_ status: Int, _ headers: HeaderFields, _ error: ServiceError) -> TryVerdict {
        var verdict = TryVerdict(failure: failure(status, headers, error), isWorthRepeating: false, headers: headers)
        verdict.isWorthRepeating = isPassing(status, headers, error)
        switch headers["x-should-retry"]?.lowercased() {
        case "true": verdict.isWorthRepeating = true
        case "false": verdict.isWorthRepeating = false
        default: break
        }
        return verdict
    }

    private func isPassing(_ status: Int, _ headers: HeaderFields, _ error: ServiceError) -> Bool {
        switch status {
        case 408, 409: true
        case 429: !isMonthlyCap(headers, error)
        case 500...: true
        default: false
        }
    }

    /// A limit that waiting some minutes doesn't lift.
    private func isMonthlyCap(_ headers: HeaderFields, _ error: ServiceError) -> Bool {
        let words = error.words
        if words.contains("insufficient_quota") || words.contains("exceeded your current quota") { return true }
        return host.isAnthropic && RetryAfter.read(headers, now: now) == nil
    }

    private func failure(_ status: Int, _ headers: HeaderFields, _ error: ServiceError) -> ModelFailure {
        let said = error.message.isEmpty ? "status \(status)" : "\(status): \(error.message)"
        if Self.speaksOfContext(error, status: status) {
            return ModelFailure(
                .contextExhausted,
                "The conversation is longer than \(model) at \(host.name) can read (\(said)); set \(host.modelSetting) to a model with a larger context.")
        }
        if Self.speaksOfModel(error, status: status) {
            return ModelFailure(
                .unknownModel, "\(host.name) does not offer the model \(model) (\(said)); set \(host.modelSetting).")
        }
        if error.words.contains("insufficient_quota") || error.words.contains("exceeded your current quota") {
            return quota(said)
        }
        switch status {
        case 401:
            return ModelFailure(.authentication, "\(host.name) did not accept the key (\(said)); check \(host.keySetting).")
        case 402: return quota(said)
        case 403:
            return ModelFailure(
                .authentication,
                "\(host.name) does not allow this (\(said)); check that \(host.keySetting) may use \(model), and \(host.urlSetting).")
        case 404, 405:
            return ModelFailure(
                .configuration, "\(host.name) has no model service at that address (\(said)); check \(host.urlSetting).")
        case 429:
            if isMonthlyCap(headers, error) { return quota(said) }
            return ModelFailure(
                .rateLimited,
                "\(host.name) limits the rate of requests (\(said)); wait, ask for a higher limit, or set FALLBACK_MODEL.",
                isTransient: true, retryAfter: RetryAfter.read(headers, now: now))
        case 407:
            return ModelFailure(.configuration, "The proxy wants a user and a password (\(said)); check HTTPS_PROXY.")
        case 408, 409, 500...:
            return ModelFailure(
                .overloaded,
                "\(host.name) is overloaded or out of order (\(said)); wait, or set FALLBACK_MODEL.", isTransient: true,
                retryAfter: RetryAfter.read(headers, now: now))
        case 300..<400:
            return ModelFailure(
                .configuration,
                "\(host.name) redirects to another address, which is not followed; set \(host.urlSetting) to the final one.")
        default:
            return ModelFailure(
                .invalidRequest, "\(host.name) refused the request (\(said)); check \(host.modelSetting) and \(host.urlSetting).")
        }
    }

    private func quota(_ said: String) -> ModelFailure {
        ModelFailure(
            .quota,
            "The account at \(host.name) has reached its spending limit (\(said)); raise it there, or set another \(host.keySetting) or a FALLBACK_MODEL.")
    }

    private static func speaksOfContext(_ error: ServiceError, status: Int) -> Bool {
        guard [400, 413, 422].contains(status) else { return false }
        let words = error.words
        if status == 413 { return true }
        return words.contains("context_length_exceeded") || words.contains("exceed_context_size")
            || (words.contains("context") && ["length", "window", "size", "limit", "exceed"].contains { words.contains($0) })
            || words.contains("prompt is too long") || words.contains("input is too long")
            || (words.contains("too long") && !words.contains("tool_call"))
            || (words.contains("maximum") && words.contains("token") && words.contains("prompt"))
    }

    private static func speaksOfModel(_ error: ServiceError, status: Int) -> Bool {
        guard [400, 404, 422].contains(status) else { return false }
        let words = error.words
        if words.contains("model_not_found") || words.contains("model_not_exist") { return true }
        if status == 404 { return words.contains("model") && !words.contains("url") }
        return words.contains("model")
            && ["not exist", "not found", "unknown model", "invalid model", "not a valid model", "no such model"]
                .contains { words.contains($0) }
    }

    /// The 404 of a server that knows the path and not the model.
    static func isUnknownModel(_ error: ServiceError, status: Int) -> Bool { speaksOfModel(error, status: status) }

    /// OpenAI's models from GPT-5.4 on do not take tools on the chat wire.
    static func wantsResponses(_ error: ServiceError, status: Int) -> Bool {
        status == 400 && error.words.contains("/v1/responses")
            || status == 404 && error.words.contains("v1/responses")
    }
}
