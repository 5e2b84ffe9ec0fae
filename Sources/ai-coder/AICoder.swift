import ArgumentParser
import Foundation

/// The executable. A task as JSON may stand in the place of a subcommand; with nothing at all the environment may name one.
@main
struct AICoder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ai-coder",
        abstract: "Turns an issue or a sentence into a tested merge request on your own GitLab.",
        usage: """
            ai-coder '{"repo_url": "...", "intent": "..."}'
            ai-coder <subcommand> [options]
            """,
        discussion: """
            Without arguments it runs the task that REPO_URL and TASK_INTENT name. All settings are environment variables; \
            AI_CODER_CONFIG may name a YAML file with the same keys.

            Exit codes: 0 completed, 1 the task failed or a check found something, 2 usage or configuration.
            """,
        version: ProductVersion.text,
        subcommands: [
            Run.self, Serve.self, Worker.self, Review.self, Doctor.self, Webhooks.self, Tasks.self, Demo.self, Rehearse.self,
        ])

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if arguments.isEmpty {
                guard try await isTaskNamed(ProcessInfo.processInfo.environment) else {
                    FileHandle.standardError.write(Data((helpMessage() + "\n").utf8))
                    Foundation.exit(2)
                }
                arguments = ["run"]
            }
            if arguments.first?.drop(while: \.isWhitespace).first == "{" { arguments.insert("run", at: 0) }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Ending.exit(error)
        }
    }

    /// By the environment or by the YAML file. Half a task counts: it is then said what is missing.
    private static func isTaskNamed(_ environment: [String: String]) async throws -> Bool {
        let reader = try await SettingsReader(flags: [:], environment: environment)
        return try reader.text(.repoURL) != nil || reader.text(.taskIntent) != nil
    }
}
