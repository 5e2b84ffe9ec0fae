import ArgumentParser
import Domain
import Foundation
import GitLabAPI
import Logging
import Outbox
import Pipeline
import Secrets
import ServiceLifecycle
import UnixSignals
import WebServer

/// Listener, API, dashboard and workers in one process.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Listens to GitLab's webhooks, works on tasks, and shows them on a dashboard.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try await options.read()
        guard !settings.gitLab.webhookSecrets.isEmpty || !settings.gitLab.signingTokens.isEmpty else {
            throw SettingsFailure(
                "serve needs GITLAB_WEBHOOK_SECRET (16 characters or more, the webhook's secret token) or GITLAB_WEBHOOK_SIGNING_TOKEN (whsec_...): without one anybody could give it orders."
            )
        }
        OpenFileLimit.raise()
        try await Service(settings: settings, isQuiet: options.quiet, isVerbose: options.verbose).run()
    }
}

/// Workers only, on a database that listeners elsewhere write to.
struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Works on tasks of a shared PostgreSQL database.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        _ = try await options.read()
        throw SettingsFailure(
            "`ai-coder worker` needs a shared PostgreSQL database (DATABASE_URL=postgres://...), which is not part of this build. Use `ai-coder serve` with WORKERS=n on one machine."
        )
    }
}
