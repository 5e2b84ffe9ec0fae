import ArgumentParser
import Domain
import Foundation
import Outbox
import SystemPackage

/// One task, here and now.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one task; progress goes to stderr, the result as JSON to stdout.",
        discussion: """
            The task is JSON with repo_url and intent, and optionally task_id, branch, model, max_iterations, \
            create_merge_request, webhook_url, webhook_secret, gitlab_api_token. Without JSON, REPO_URL and TASK_INTENT name it. \
            Secrets in an argument can be seen by other users of this machine (`ps`): prefer GITLAB_API_TOKEN and WEBHOOK_SECRET.
            """)

    @Argument(help: "The task as JSON, or - to read it from standard input.")
    var task: String?

    @Option(name: .long, help: ArgumentHelp("Read the task's JSON from a file.", valueName: "F"))
    var file: String?

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try await options.read()
        let request = try request(settings)
        try check(request)
        let isSecretInArgument = task != nil && task != "-" && (request.gitLabAPIToken ?? request.webhookSecret) != nil
        let console = Console(quiet: options.quiet, verbose: options.verbose, redactor: settings.redactor(with: request))
        if isSecretInArgument {
            console.warn(
                "The task's JSON holds a secret, which other users of this machine can see with `ps`. Use GITLAB_API_TOKEN and WEBHOOK_SECRET, or --file.")
        }
        let result = try await OneShot(settings: settings, console: console).run(request)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        print(JSONText.plain(String(decoding: try encoder.encode(result.forOutput), as: UTF8.self)))
        guard result.status == .completed else {
            throw ExitCode(result.errorKind == .configuration ? 2 : 1)
        }
    }

    /// A task whose status could be told to nobody is not begun.
    private func check(_ request: TaskRequest) throws {
        guard request.webhookURL != nil || request.webhookSecret != nil else { return }
        do {
            _ = try WebhookTarget(url: request.webhookURL ?? "https://localhost", secrets: request.webhookSecret.map { [$0] } ?? [])
        } catch {
            throw SettingsFailure("`webhook_url` or `webhook_secret` can't be used: \(error.message)")
        }
    }

    /// The task, with a repository of this machine named from the root on.
    private func request(_ settings: Settings) throws -> TaskRequest {
        var request = try given(settings)
        let address = request.repository.description
        if request.repository.isLocal, !address.hasPrefix("/"), !address.lowercased().hasPrefix("file:") {
            request.repository = try RepositoryAddress(SettingsReader.absolute(address).string)
        }
        return request
    }

    private func given(_ settings: Settings) throws -> TaskRequest {
        switch (task, file) {
        case (_?, _?): throw SettingsFailure("Give the task as an argument or with --file, not both.")
        case ("-", nil): return try TaskRequest(json: Self.standardInput())
        case (let json?, nil): return try TaskRequest(json: Data(json.utf8))
        case (nil, let path?):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw SettingsFailure("--file", value: path, expected: "the path of a file that can be read")
            }
            return try TaskRequest(json: data)
        case (nil, nil): return try settings.oneShot.request()
        }
    }

    private static func standardInput() throws -> Data {
        var data = Data()
        while data.count <= TaskRequest.maximumBytes, let more = try FileHandle.standardInput.read(upToCount: 1 << 16), !more.isEmpty {
            data.append(more)
        }
        return data
    }
}

extension TaskResult {
    /// The contract's word for every task that did not complete is `failed`; `error_kind` tells that it was cancelled.
    var forOutput: TaskResult {
        var result = self
        if status != .completed { result.status = .failed }
        return result
    }
}
