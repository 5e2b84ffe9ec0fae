import ArgumentParser
import Foundation
import GitLabAPI
import Logging
import Secrets
import Transport

/// The bot's webhook in GitLab.
struct Webhooks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manages the webhook in a project or group. Needs a token with the role Maintainer (groups: Owner, paid editions).",
        subcommands: [Install.self, List.self, Remove.self])

    struct Place: ParsableArguments {
        @Argument(help: "The project's path (group/project) or number, or a group's path.") var place: String
        @Flag(help: "It is a group, and not looked up as a project first.") var group = false
        @OptionGroup var options: SettingsOptions

        func owner(_ client: GitLabClient) async throws -> HookOwner { try await find(client).owner }

        /// A group where there is no project of that path: their paths look the same. The project is nil for a group.
        func find(_ client: GitLabClient) async throws -> (owner: HookOwner, project: GitLabProject?) {
            if group { return (.group(place), nil) }
            let reference = Int64(place).map { ProjectReference.id($0) } ?? .path(place)
            if let project = try await ifThere({ () async throws(GitLabFailure) in try await client.project(reference) }) {
                return (.project(reference), project)
            }
            guard case .path = reference, try await ifThere({ () async throws(GitLabFailure) in try await client.group(place) }) != nil else {
                throw SettingsFailure("There is neither a project nor a group \(place.plain) that the token's account can see.")
            }
            return (.group(place), nil)
        }

        private func ifThere<Value>(_ look: () async throws(GitLabFailure) -> Value) async throws(GitLabFailure) -> Value? {
            do {
                return try await look()
            } catch {
                guard error.reason == .notFound else { throw error }
                return nil
            }
        }

        func client(_ settings: Settings) throws -> GitLabClient {
            guard let token = settings.gitLab.token else {
                throw SettingsFailure("GITLAB_API_TOKEN is not set; webhooks need a token of a Maintainer with the scope api.")
            }
            guard let address = GitLabAddress(settings.gitLab.url) else {
                throw SettingsFailure("GITLAB_URL", value: settings.gitLab.url, expected: "a URL such as https://gitlab.example.com")
            }
            let transport = try Workbench.transport(settings, logger: Logger(label: "ai-coder") { _ in SwiftLogNoOpLogHandler() })
            return GitLabClient(address: address, token: token, transport: transport)
        }

        func target(_ settings: Settings) throws -> String {
            guard let url = settings.service.publicURL else {
                throw SettingsFailure("PUBLIC_URL is not set; it is the address at which GitLab reaches this service, such as https://ai.example.com.")
            }
            return url + "/webhooks/gitlab"
        }
    }

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes the webhook, or brings it up to date.")
        @OptionGroup var place: Place

        func run() async throws {
            let settings = try await place.options.read()
            let client = try place.client(settings)
            let url = try place.target(settings)
            let (owner, project) = try await place.find(client)
            // The place's own secret, when there is one.
            func fitting(_ credentials: [DeliveryVerifier.Credential]) -> Secret? {
                let path = project?.path ?? place.place
                return (credentials.first { $0.projects?.covers(id: project?.id, path: path) == true } ?? credentials.first { $0.projects == nil })?.secret
            }
            let (token, signing) = (fitting(settings.gitLab.webhookSecrets), fitting(settings.gitLab.signingTokens))
            guard token != nil || signing != nil else {
                throw SettingsFailure(
                    "GITLAB_WEBHOOK_SECRET or GITLAB_WEBHOOK_SIGNING_TOKEN must hold a secret that counts for \(place.place): the webhook is made with it.")
            }
            let wanted = HookSettings(url: url, token: token, signingToken: signing)
            let made: GitLabHook
            if let there = try await client.hooks(of: owner).first(where: { $0.url == url }) {
                made = try await client.updateHook(id: there.id, of: owner, wanted)
                print("Webhook \(made.id) of \(place.place) is up to date: \(url)")
            } else {
                made = try await client.createHook(of: owner, wanted)
                print("Webhook \(made.id) was made in \(place.place): \(url)")
            }
            if signing != nil, made.hasSigningToken != true {
                print("This GitLab does not sign deliveries (that takes 19.0 or newer). Set GITLAB_WEBHOOK_SECRET as well, and install again.")
                throw ExitCode(1)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The webhooks that are there.")
        @OptionGroup var place: Place

        func run() async throws {
            let client = try place.client(try await place.options.read())
            for hook in try await client.hooks(of: try await place.owner(client)) {
                let events = hook.events.map(\.rawValue).sorted().joined(separator: ",")
                print("\(hook.id)  \(hook.url)  \(hook.alertStatus ?? "")  \(events)".plain)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes this service's webhook.")
        @OptionGroup var place: Place

        func run() async throws {
            let settings = try await place.options.read()
            let client = try place.client(settings)
            let url = try place.target(settings)
            let owner = try await place.owner(client)
            let found = try await client.hooks(of: owner).filter { $0.url == url }
            for hook in found { try await client.deleteHook(id: hook.id, of: owner) }
            print(found.isEmpty ? "There is no webhook to \(url)." : "Removed \(found.count) webhook(s) to \(url).")
        }
    }
}
