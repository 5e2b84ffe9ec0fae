package import Logging
internal import Secrets
internal import Synchronization
package import Transport

package typealias AnthropicMessages = WireClient<AnthropicWire>
package typealias OpenAIChat = WireClient<ChatWire>
package typealias OpenAIResponses = WireClient<ResponsesWire>

/// A model behind one wire, with retries and the changes that its server turned out to need.
package struct WireClient<Wire: ModelWire>: LanguageModel {
    package let name: String
    private let host: ModelHost
    private let endpoint: EndpointURL
    private let options: CallOptions
    private let transport: any HTTPTransport
    private let redactor: Redactor
    private let logger: Logger
    private let memory: Memory

    /// What was learnt of the server, shared by all calls.
    private final class Memory: Sendable {
        let adaptations: Mutex<Adaptations>
        init(_ adaptations: Adaptations) { self.adaptations = Mutex(adaptations) }
    }

    package init(
        model: String, host: ModelHost, options: CallOptions = CallOptions(), transport: any HTTPTransport,
        logger: Logger
    ) {
        name = model
        self.host = host
        self.options = options
        self.transport = transport
        self.logger = logger
        endpoint = EndpointURL(base: host.baseURL, wire: Wire.kind)
        redactor = Redactor(secrets: [host.key].compactMap(\.self))
        var adaptations = Adaptations()
        adaptations.usesMaxCompletionTokens = host.isOpenAI
        memory = Memory(adaptations)
    }

    package var contextWindow: Int {
        memory.adaptations.withLock { $0.contextWindow } ?? ContextWindows.guess(name, isFirstParty: isFirstParty)
    }

    /// Marks the turns that this client sends back as they came.
    package var source: String { "\(Wire.kind.rawValue)@\(host.name)#\(name)" }

    private var isFirstParty: Bool { Wire.kind == .anthropic ? host.isAnthropic : host.isOpenAI }

    package func turn(
        _ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ModelTurn {
        do {
            return try await call(conversation, maxOutputTokens: maxOutputTokens, progress: progress)
        } catch let needed as ResponsesNeeded {
            throw needed.failure
        }
    }

    /// - Throws: also `ResponsesNeeded`.
    func call(
        _ conversation: Conversation, maxOutputTokens: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ModelTurn {
        var schedule = options.retry.start()
        var changes = 0
        while true {
            try Task.checkCancellation()
            var adaptations = memory.adaptations.withLock(\.self)
            let limit = min(maxOutputTokens, options.maxOutputTokens, adaptations.outputCap ?? .max)
            let body = Wire.body(
                of: WireRequest(
                    conversation: conversation, model: name, maxOutputTokens: max(1, limit), source: source,
                    isFirstParty: isFirstParty, adaptations: adaptations))
            let failed: FailedTry
            do {
                let reply = try await once(body, conversation, adaptations, progress)
                memory.adaptations.withLock { $0.isURLProven = true }
                return turn(reply, requestBytes: body.count)
            } catch let error as FailedTry {
                failed = error
            } catch {
                guard !(error is CancellationError) else { throw error }
                failed = .transport(TransportFailure(.other("\(type(of: error))"), host: host.name))
            }
            if case .transport(let failure) = failed, failure.code == .cancelled { throw CancellationError() }
            if changes < 6, adapt(&adaptations, to: failed, limit: limit) {
                changes += 1
                continue
            }
            var verdict = sorter.verdict(failed)
            verdict.failure.message = redactor.redact(verdict.failure.message)
            logger.debug("Model call failed", metadata: ["model.name": "\(name)", "failure": "\(verdict.failure.message)"])
            if case .refused(let status, _, let error) = failed, FailureSorter.wantsResponses(error, status: status) {
                throw ResponsesNeeded(failure: verdict.failure)
            }
            guard verdict.isWorthRepeating else { throw verdict.failure }
            do {
                guard try await schedule.wait(after: verdict.headers) else { throw verdict.failure }
            } catch let failure as ModelFailure {
                throw failure
            } catch {
                throw CancellationError()
            }
        }
    }

    private var sorter: FailureSorter {
        FailureSorter(host: host, wire: Wire.kind, model: name, now: options.retry.clock.date())
    }

    private func once(
        _ body: [UInt8], _ conversation: Conversation, _ adaptations: Adaptations,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> WireReply {
        let url = adaptations.usesAlternateURL ? endpoint.alternate ?? endpoint.url : endpoint.url
        let request = HTTPRequest(
            "POST", url, headers: host.headers(for: Wire.kind), body: body, timeouts: options.timeouts,
            maxResponseBytes: options.maxReplyBytes, isRepeatable: true)
        do {
            return try await transport.withResponse(to: request) { response in
                guard (200..<300).contains(response.status) else {
                    let text = await Self.beginning(of: response)
                    throw FailedTry.refused(
                        status: response.status, headers: response.headers, error: ServiceError(body: text))
                }
                return try await Self.read(response, ReplyContext(conversation), progress)
            }
        } catch let trouble as ReplyTrouble {
            switch trouble {
            case .broken(let what): throw FailedTry.broken(what)
            case .service(let error): throw FailedTry.refused(status: error.status, headers: [:], error: error)
            }
        } catch let failure as TransportFailure {
            throw FailedTry.transport(failure)
        }
    }

    private static func read(
        _ response: HTTPResponse, _ context: ReplyContext, _ progress: @Sendable (String) -> Void
    ) async throws -> WireReply {
        var stream = ReplyStream(Wire.reader(context))
        do {
            for try await chunk in response.body {
                let wasComplete = stream.isComplete
                let text = try stream.add(chunk)
                if !text.isEmpty { progress(text) }
                if stream.isComplete && !wasComplete { response.body.expectEnd(within: .milliseconds(200)) }
            }
        } catch let failure as TransportFailure {
            // All has been said; how the connection ends no longer matters.
            guard stream.isComplete else { throw failure }
        }
        let (reply, text) = try stream.finish()
        if !text.isEmpty { progress(text) }
        return reply
    }

    /// An error's body is worth reading, but not worth failing over.
    private static func beginning(of response: HTTPResponse) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body where bytes.count < 64 << 10 { bytes += chunk.prefix(64 << 10) }
        } catch {
            return bytes
        }
        return bytes
    }

    private func adapt(_ adaptations: inout Adaptations, to failed: FailedTry, limit: Int) -> Bool {
        guard case .refused(let status, _, let error) = failed else { return false }
        if status == 404 || status == 405, !adaptations.isURLProven, !adaptations.usesAlternateURL,
            let alternate = endpoint.alternate, !FailureSorter.isUnknownModel(error, status: status)
        {
            adaptations.usesAlternateURL = true
            logger.notice(
                "The model service is not at the first address, trying another",
                metadata: ["http.url": "\(HTTPRequest.visible(alternate))", "setting": "\(host.urlSetting)"])
        } else if FailureSorter.wantsResponses(error, status: status)
            || !adaptations.adapt(to: error, status: status, wire: Wire.kind, sentOutputLimit: limit)
        {
            // A context size may have been learnt all the same.
            let window = adaptations.contextWindow
            memory.adaptations.withLock { $0.contextWindow = window ?? $0.contextWindow }
            return false
        }
        logger.debug("Sending the request in another form", metadata: ["model.name": "\(name)"])
        let changed = adaptations
        memory.adaptations.withLock { $0 = changed }
        return true
    }

    private func turn(_ reply: WireReply, requestBytes: Int) -> ModelTurn {
        let model = reply.model ?? name
        let usage: TokenUsage
        if let sent = reply.usage, sent.input > 0 || sent.output > 0 {
            usage = TokenUsage(
                input: sent.input, cacheRead: sent.cacheRead, cacheWrite: sent.cacheWrite, output: sent.output)
        } else {
            let written = reply.raw.utf8.count
            usage = TokenUsage(input: requestBytes / 4, output: max(1, written / 4), isEstimated: true)
        }
        let counts =
            reply.usage.flatMap { usage.isEstimated ? nil : $0 }
            ?? WireUsage(input: usage.input, output: usage.output)
        return ModelTurn(
            text: reply.text, calls: reply.calls, stop: reply.stop, usage: usage, model: model,
            cost: reply.usage?.cost ?? options.prices.cost(of: counts, models: [name, model]), raw: reply.raw,
            source: source)
    }
}

/// The server wants this model to be called by the Responses wire.
struct ResponsesNeeded: Error {
    let failure: ModelFailure
}
