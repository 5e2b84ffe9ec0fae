import Foundation
import LanguageModels
import Logging
import Transport

/// What `doctor` tries outside: one short turn of each configured model, and the proxy on the way there.
struct OutsideExamination {
    let settings: Settings
    let transport: NetworkTransport
    let findings: Findings
    let logger: Logger

    func perform() async {
        if let file = settings.outside.caFile { findings.good("CA", "the certificates in \(file) can be read") }
        await proxy()
        do {
            var model = try Workbench.modelSettings(settings)
            let fallback = model.fallback
            model.fallback = nil
            await ask(model, setting: "model")
            guard let fallback else { return }
            model.model = fallback
            await ask(model, setting: "fallback")
        } catch {
            findings.bad("model", "\(error)")
        }
    }

    /// A key, a model's name and an address are proven by an answer alone; it costs a few tokens.
    private func ask(_ settings: ModelSettings, setting: String) async {
        var settings = settings
        settings.options.retry = RetryPolicy(attempts: 1)
        settings.options.timeouts = RequestTimeouts(firstByte: .seconds(30), idle: .seconds(30), total: .seconds(60))
        let conversation = Conversation(system: "Answer with one word.", tools: [], messages: [.user("Say ok.")])
        do {
            let model = try makeModel(settings, transport: transport, logger: logger)
            let turn = try await model.turn(conversation, maxOutputTokens: 64) { _ in }
            findings.good(setting, "\(turn.model) (\(settings.effectiveProvider.rawValue)) answers")
        } catch let failure as ModelFailure {
            findings.bad(setting, failure.message)
        } catch {
            findings.bad(setting, "\(error)")
        }
    }

    private func proxy() async {
        guard settings.outside.httpsProxy != nil || settings.outside.httpProxy != nil else { return }
        // Where no GitLab is meant it plays no part; what the model needs of the proxy is told by its own look.
        guard settings.gitLab.token != nil || settings.gitLab.url != "https://gitlab.com" else { return }
        let timeouts = RequestTimeouts(firstByte: .seconds(15), idle: .seconds(15), total: .seconds(20))
        do {
            let reply = try await transport.send(HTTPRequest("GET", settings.gitLab.url, timeouts: timeouts))
            findings.good("proxy", "\(settings.gitLab.url) answers (\(reply.status))")
        } catch {
            findings.bad("proxy", "\(settings.gitLab.url) was asked for with HTTPS_PROXY or HTTP_PROXY set: \(error)")
        }
    }
}
